"""More to wear than a model's own regions give: its bare skin cut into sleeves, legs of trousers, and feet."""

import dataclasses

import numpy as np

from ...core.looks.over import TOPS
from ...core.model.dressed import Dressed
from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig

OPENING = "opening"
"""The region of a top that an open jacket shows."""
GARMENTS = ("top", "shorts", "sleeves", "legs", "trousers", "skirt", "dress", OPENING)
"""Regions that a look's stripes show on."""
_ANKLE = 0.05
"""Feet are what is below this share of the height."""
_OPEN = 0.22
"""Width of an open jacket's front, share of the top's own."""


def with_garments(model: MorphableModel) -> MorphableModel:
    """The model with the regions "sleeves", "legs" and "feet" cut out of its skin; as it is without rig or skin."""
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
    regions = model.regions | {"feet": legs & low, "sleeves": arms, "legs": legs & ~low}
    return dataclasses.replace(model, regions=regions)


def with_opening(dressed: Dressed[MorphableModel]) -> Dressed[MorphableModel]:
    """A figure whose top has the region `OPENING` down its front; as it is where it wears none."""
    model = dressed.model
    tops = np.zeros(model.face_count, bool)
    for name in TOPS:
        tops |= model.regions.get(name, False)
    tops &= dressed.face_parts >= 0
    if not tops.any():
        return dressed
    sums = np.add.reduceat(model.template[model.corner_vertices], model.face_offsets[:-1])
    middle = sums / np.diff(model.face_offsets)[:, None]
    low, high = middle[tops].min(0), middle[tops].max(0)
    wide = _OPEN * np.ptp(middle[tops & (middle[:, 2] < low[2] + 0.3 * (high - low)[2]), 0])
    front = (np.abs(middle[:, 0]) < wide / 2) & (middle[:, 1] < (low[1] + high[1]) / 2)
    regions = {name: mask & ~(tops & front) for name, mask in model.regions.items()} | {OPENING: tops & front}
    return dataclasses.replace(dressed, model=dataclasses.replace(model, regions=regions))
