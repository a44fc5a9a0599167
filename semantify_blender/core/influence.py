"""Where on the model each descriptor acts: the normalised displacement δ (paper section 5.1)."""

import numpy as np

from .mapper import Mapper
from .model.morphable_model import MorphableModel

THRESHOLD = 0.3
"""δ above which a vertex counts as covered by a descriptor (paper section 5.1)."""


def influence(mapper: Mapper, model: MorphableModel) -> np.ndarray:
    """δ(v) of every descriptor: displacement from its low to its high end, the others at rest, over its maximum.

    Returns (d, V) float32 in 0..1; zero where a descriptor moves nothing.
    Raises SemantifyError when mapper and model do not belong together.
    """
    mapper.check_model(model)
    low, high = (
        np.where(np.eye(len(mapper.descriptors), dtype=bool), end, mapper.default) for end in (mapper.low, mapper.high)
    )
    moved = model.vertices(mapper.coefficients(high)) - model.vertices(mapper.coefficients(low))
    distance = np.linalg.norm(moved, axis=-1)
    return (distance / np.maximum(distance.max(1, keepdims=True), 1e-9)).astype(np.float32)
