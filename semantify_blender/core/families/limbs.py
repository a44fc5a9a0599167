"""The rig of a body whose file has a skeleton: SMPL's joints summed up to those that pictures pose (`model.posing`)."""

import numpy as np

from ..errors import FileFormatError
from ..model.posing import rig_arrays
from .research_model import ResearchModel

STARTS = {
    12: "neck",
    16: "upperarm.L",
    17: "upperarm.R",
    18: "forearm.L",
    19: "forearm.R",
    1: "thigh.L",
    2: "thigh.R",
    4: "shin.L",
    5: "shin.R",
}
"""Joint of the file where a limb begins; the same numbers in SMPL and SMPL-X. What follows it belongs to it."""
NAMES = (
    "torso",
    "neck",
    "upperarm.L",
    "upperarm.R",
    "forearm.L",
    "forearm.R",
    "thigh.L",
    "thigh.R",
    "shin.L",
    "shin.R",
)
_ABOVE = {"upperarm": "torso", "forearm": "upperarm", "thigh": "torso", "shin": "thigh", "neck": "torso"}


def limb_rig(model: ResearchModel) -> dict[str, np.ndarray]:
    """Arrays for `MorphableModel.extra`; empty for a file without a whole skeleton: it is only needed for pictures."""
    try:
        skeleton = model.skeleton()
    except FileFormatError:
        return {}
    if len(skeleton.parents) <= max(STARTS):
        return {}
    owner = np.zeros(len(skeleton.parents), int)
    for joint, parent in enumerate(skeleton.parents):
        owner[joint] = NAMES.index(STARTS[joint]) if joint in STARTS else owner[parent]
    weights = np.zeros((len(skeleton.weights), len(NAMES)))
    np.add.at(weights.T, owner, skeleton.weights.T)
    parents = [-1] + [NAMES.index(_above(name)) for name in NAMES[1:]]
    return rig_arrays(NAMES, np.array(parents), weights)


def _above(name: str) -> str:
    part, dot, side = name.partition(".")
    above = _ABOVE[part]
    return above if above == "torso" else above + dot + side
