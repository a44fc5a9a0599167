"""What the figure of a picture may wear: an outline is that of its clothes, so they are tried on before it is believed.

Which outfit it is hardly matters where two are much alike: sixty dressed bodies whose clothes were known came out no
better than those for which the likeliest outfit was chosen (9.1 and 8.9 mm; compared bare 11.1).
"""

from functools import lru_cache

import numpy as np

from ..model.clothes import Clothes
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig, dense_weights
from .joint_angles import JointAngles
from .outline_rows import Rim
from .worn import Worn


class Wardrobe:
    """The bare body, and the body in each outfit of its model.

    bare: the body itself. all: what may be worn, the bare body first.
    """

    def __init__(self, body: MorphableModel, angles: JointAngles) -> None:
        """angles: how the body may be held; without a rig nothing is posed, and the clothes stand as it does."""
        rig, whole = angles.rig, None if angles.rig is None else Rig.of(body)
        rest, moved = np.zeros((0, 3)), np.zeros((body.component_count, 0, 3))
        if rig is not None:
            rest = rig.joints(body.template).astype(np.float64)
            moved = np.stack([rig.joints(shape) for shape in body.basis]).astype(np.float64)
        self.bare = Worn("", body, angles, None if rig is None else rig.weights, (rest, moved))
        self.all = [self.bare]
        for name, parts in (Clothes.of(body.metadata).outfits or {}).items():
            if not parts:
                continue
            dressed = body.dressed(name).model
            weights = None
            if whole is not None:
                weights = whole.on_kept(dense_weights(dressed.extra, len(whole.names)), frozenset(angles.names))
            self.all.append(Worn(name, dressed, angles, weights, (rest, moved)))
        self._rims: dict[str, Rim] = {}

    def rim(self, worn: Worn) -> Rim:
        """The rim of one of them, made when it is asked for."""
        if worn.outfit not in self._rims:
            self._rims[worn.outfit] = Rim(worn)
        return self._rims[worn.outfit]


@lru_cache(maxsize=1)
def wardrobe_of(body: MorphableModel, angles: JointAngles) -> Wardrobe:
    """`Wardrobe`, kept for the model that was looked at last: a fit asks for it at every picture."""
    return Wardrobe(body, angles)
