"""The whole skeleton of a research model's file, for armatures; pictures pose fewer joints (`families.limbs`)."""

from pathlib import Path

import numpy as np

from ..errors import FileFormatError
from ..model.posing import sparse_weights
from .research_model import ResearchModel
from .smal import animal_joints
from .smpl import body_joints

_BODY = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
)  # fmt: skip
_FINGERS = [f"{finger}{i}" for finger in ("index", "middle", "pinky", "ring", "thumb") for i in (1, 2, 3)]
NAMES = {
    "smpl": (*_BODY, "left_hand", "right_hand"),
    "star": (*_BODY, "left_hand", "right_hand"),
    "smplx": (
        *(*_BODY, "jaw", "left_eye", "right_eye"),
        *(f"{side}_{finger}" for side in ("left", "right") for finger in _FINGERS),
    ),
}
"""The authors' own names of the joints, which files hold by their numbers only. SMAL's have none."""


def bone_arrays(
    model: ResearchModel, components: int, pose: str = "a", animal: str | None = None, means: Path | None = None
) -> dict[str, np.ndarray]:
    """Arrays "bones/…" for `MorphableModel.extra`; empty for a file without a whole skeleton, and for heads.

    components, pose, animal, means: as the model is converted.
    """
    try:
        skeleton = model.skeleton()
        if model.family == "smal":
            joints = animal_joints(model, components, animal, means)
        elif model.family in NAMES:
            joints = body_joints(model, components, pose)
        else:
            return {}
    except FileFormatError:
        return {}
    count = len(skeleton.parents)
    names = NAMES.get(model.family, ())
    if len(names) != count:
        names = tuple(f"joint_{number:02d}" for number in range(count))
    index, weights = sparse_weights(skeleton.weights)
    parents = skeleton.parents.astype(np.int16)
    parents[0] = -1
    return {
        "bones/names": np.array(names),
        "bones/parents": parents,
        "bones/weight_index": index,
        "bones/weights": weights,
        "bones/joints": joints[0].astype(np.float32),
        "bones/joint_basis": joints[1:].astype(np.float32),
    }
