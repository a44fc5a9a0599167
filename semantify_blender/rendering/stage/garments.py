"""More to wear than a model's own regions give: its bare skin cut into sleeves, legs of trousers, and feet."""

import dataclasses

import numpy as np

from ...core.model.clothes import Clothes
from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig

GARMENTS = ("top", "shorts", "sleeves", "legs", "trousers", "skirt", "dress")
"""Regions that a look's stripes show on."""
_ANKLE = 0.05
"""Feet are what is below this share of the height."""


def with_garments(model: MorphableModel) -> MorphableModel:
    """The model with the regions "sleeves", "legs" and "feet" cut out of its skin; as it is without rig or skin.

    One that has clothes of its own gets feet alone, which shoes are painted on.
    """
    rig = Rig.of(model)
    if rig is None or "skin" not in model.regions:
        return model
    count = np.diff(model.face_offsets)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values[model.corner_vertices], model.face_offsets[:-1]) / count

    def part(name: str) -> np.ndarray:
        return mean(rig.part(name)) if name in rig.chains else np.zeros(model.face_count)

    z = model.template[:, 2]
    bare = np.array(list(model.regions)).tolist().index("skin") == model.face_regions
    low = mean(z) < z.min() + _ANKLE * (z.max() - z.min())
    legs = bare & (part("thigh.L") + part("thigh.R") > 0.5)
    # sleeves end where the forearm has gone 75 % of an upper arm's length: hands stay bare
    at, arms = rig.joints(model.template), np.zeros(model.face_count, bool)
    for side in "LR":
        names = f"upperarm.{side}", f"forearm.{side}"
        if set(names) <= set(rig.chains):
            upper, fore = (at[rig.chains[name].main] for name in names)
            beyond = mean(np.linalg.norm(model.template - fore, axis=1))
            fores = part(names[1])
            arms |= bare & (part(names[0]) - fores > 0.5)
            arms |= bare & (fores > 0.5) & (beyond < 0.75 * np.linalg.norm(fore - upper))
    regions = model.regions | {"feet": legs & low}
    if not Clothes.of(model.metadata).names:
        regions |= {"sleeves": arms, "legs": legs & ~low}
    return dataclasses.replace(model, regions=regions)
