"""What the figure of a picture may wear: an outline is that of its clothes, so they are tried on before it is believed.

Which outfit it is hardly matters where two are much alike: sixty dressed bodies whose clothes were known came out no
better than those for which the likeliest outfit was chosen (9.1 and 8.9 mm; compared bare 11.1).
"""

from dataclasses import replace
from functools import cached_property, lru_cache

import numpy as np

from ..looks.layers import Layers
from ..looks.over import Over
from ..model.clothes import Clothes
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig, dense_weights
from .joint_angles import JointAngles
from .outline_rows import Rim
from .worn import Worn

_OVER = (
    (frozenset({"top", "trousers"}), Layers(padding=0.022, sleeves=True, legs=0.012)),
    (frozenset({"dress"}), Layers(padding=0.03, sleeves=True, loose=0.5, flare=0.15, length=1.35)),
    (frozenset({"skirt"}), Layers(flare=0.35, length=1.4)),
)
"""A jacket, a coat and a long skirt, as look wild has them in the mean, over the first outfit of these regions."""


class Wardrobe:
    """The bare body, the body in each outfit of its model, and in layers over some of them.

    bare: the body itself. all: the model's own, the bare body first. of_photographs: these, and with layers over some:
    where nobody wears a jacket, thin bodies in one look like others, and figures cut out came out 0.75 mm worse.
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
        self._body = body
        self._rims: dict[tuple[str, bool], Rim] = {}

    @cached_property
    def of_photographs(self) -> list[Worn]:
        """See the class; made for the first photograph."""
        found = list(self.all)
        for regions, layers in _OVER:
            below = next((one for one in self.all if one.outfit and regions <= set(one.model.regions)), None)
            if below is not None:
                found.append(_layered(self._body, below, layers))
        return found

    def rim(self, worn: Worn) -> Rim:
        """The rim of one of them, made when it is asked for."""
        key = worn.outfit, worn.layered
        if key not in self._rims:
            self._rims[key] = Rim(worn)
        return self._rims[key]


def _layered(body: MorphableModel, worn: Worn, layers: Layers) -> Worn:
    over = Over.of(body, body.dressed(worn.outfit))
    template = over.padded(over.draped(worn.model.template, layers), layers)
    return replace(worn, model=replace(worn.model, template=template), layered=True)


@lru_cache(maxsize=1)
def wardrobe_of(body: MorphableModel, angles: JointAngles) -> Wardrobe:
    """`Wardrobe`, kept for the model that was looked at last: a fit asks for it at every picture."""
    return Wardrobe(body, angles)
