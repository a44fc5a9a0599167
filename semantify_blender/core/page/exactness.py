"""How far a page is from what Python computes."""

import math
from dataclasses import dataclass

import numpy as np

from ..mapper import Mapper
from ..model.morphable_model import MorphableModel
from .small_shape import SmallShape, coarseness

SETTINGS = 50
_SEED = 40


@dataclass(frozen=True)
class Error:
    """How far a page's vertices are from Python's, millimetres, over `error_settings`; rounded up to hundredths.

    largest, mean: of the body and all that is no garment. garments: the largest of garments, 0 without any.
    """

    largest: float
    mean: float
    garments: float


def measured_error(mapper: Mapper, small: Mapper, model: MorphableModel, shape: SmallShape) -> Error:
    """Measure a page. small, shape: what it has in place of mapper and model."""
    scores = mapper.scores_from_sliders(error_settings(mapper))
    wanted, given = mapper.coefficients(scores), small.coefficients(scores)
    parts = list(model.parts.values())
    cloth = np.repeat(
        [False, *(step > 1 for step in coarseness(model))],
        [model.vertex_count, *(part.vertex_count for part in parts)],
    )
    worst, total, worst_cloth = 0.0, 0.0, 0.0
    for one, other in zip(wanted, given, strict=True):
        pieces = [model.vertices(one), *(p.template + np.einsum("k,kvc->vc", one, p.basis) for p in parts)]
        off = np.linalg.norm(shape.vertices(other[None])[0] - np.concatenate(pieces), axis=1)
        worst = max(worst, float(off[~cloth].max()))
        worst_cloth = max(worst_cloth, float(off[cloth].max(initial=0.0)))
        total += float(off[~cloth].mean())
    largest, mean, garments = (math.ceil(1e5 * value) / 100 for value in (worst, total / SETTINGS, worst_cloth))
    return Error(largest, mean, garments)


def error_settings(mapper: Mapper) -> np.ndarray:
    """(SETTINGS, d) random sliders over all their range, at which a page is measured and tested."""
    rng = np.random.default_rng(_SEED)
    return rng.uniform(-mapper.reach, mapper.reach, (SETTINGS, len(mapper.descriptors)))
