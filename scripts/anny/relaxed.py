"""A relaxed, friendly face: Anny's own at rest pouts, and its lids hang."""

import anny
import numpy as np
import torch

RELAXED = {
    "mouthSmile": 0.15, "mouthPucker": -0.15, "mouthFrown": -0.15, "mouthRollLower": 0.12, "mouthRollUpper": 0.12,
    "jawOpen": -0.05, "eyeWide": 0.35, "browInnerUp": 0.25, "browDown": -0.2,
}  # fmt: skip
"""Facial action without side: its share in the face at rest; chosen by looking at renders."""
_ONE_SIDED = ("mouthLeft", "mouthRight", "jawLeft", "jawRight")
"""Actions whose name tells a direction and not a side."""


def both_sides(model: anny.Anny) -> dict[str, np.ndarray]:
    """Action without side -> (V, 3) float32 metres, how it moves each vertex at full strength.

    model: with facial_actions="all", of any topology.
    """
    found: dict[str, np.ndarray] = {}
    for label, motion in zip(model.blendshape_labels, model.blendshapes.to(torch.float32).numpy(), strict=True):
        kind, _, name = label.partition(":")
        if kind == "facial_action":
            name = name if name in _ONE_SIDED else name.removesuffix("Left").removesuffix("Right")
            found[name] = found.get(name, 0.0) + motion.reshape(-1, 3)
    return found


def relaxation(actions: dict[str, np.ndarray]) -> np.ndarray:
    """(V, 3) float32 metres to add to any shape of Anny, of `both_sides`: bodies and heads alike."""
    return np.sum([share * actions[name] for name, share in RELAXED.items()], axis=0, dtype=np.float32)
