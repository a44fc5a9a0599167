"""More to wear than a model's own regions give: its bare skin cut into sleeves, trousers and feet."""

import dataclasses

import numpy as np

from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig

GARMENTS = ("top", "shorts", "sleeves", "trousers")
"""Regions that a look's stripes show on."""
_ANKLE = 0.05
"""Feet are what is below this share of the height."""


def with_garments(model: MorphableModel) -> MorphableModel:
    """The model with the regions "sleeves", "trousers" and "feet" cut out of its skin; as it is without rig or skin."""
    rig = Rig.of(model)
    if rig is None or "skin" not in model.regions:
        return model
    count = np.diff(model.face_offsets)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values[model.corner_vertices], model.face_offsets[:-1]) / count

    def weight(*joints: str) -> np.ndarray:
        return mean(rig.weights[:, [name.startswith(joints) for name in rig.names]].sum(1))

    z = model.template[:, 2]
    bare = np.array(list(model.regions)).tolist().index("skin") == model.face_regions
    low = mean(z) < z.min() + _ANKLE * (z.max() - z.min())
    legs = bare & (weight("thigh", "shin") > 0.5)
    # a forearm's weight includes the hand, which stays bare: sleeves end where the arm has gone 70 % of its length
    at = rig.joints(model.template)
    arms = bare & (weight("upperarm") > 0.5)
    for side in "LR":
        if {f"upperarm.{side}", f"forearm.{side}"} <= set(rig.names):
            upper, fore = (at[rig.names.index(f"{name}.{side}")] for name in ("upperarm", "forearm"))
            beyond = mean(np.linalg.norm(model.template - fore, axis=1))
            arms |= bare & (weight(f"forearm.{side}") > 0.5) & (beyond < 0.75 * np.linalg.norm(fore - upper))
    regions = model.regions | {"sleeves": arms, "trousers": legs & ~low, "feet": legs & low}
    return dataclasses.replace(model, regions=regions)
