"""Slider positions whose shape comes nearest to a wanted one, and the remainder that is kept beside them."""

import numpy as np

from ..mapper import Mapper

REACH = 1.25
"""A fitted shape may leave the mapper's own bound by this factor."""
_LEAST_GAIN = 1e-3
"""Share of the squared distance that a step must take away for another one to follow."""


def offset_coefficients(mapper: Mapper, scores: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """ξ = M(Ω) + offset, kept inside what the model can show.

    scores: (d,). offset: (K,), what a fit found beyond the mapper's reach. Returns (K,) float32.
    """
    return limited(mapper, mapper.coefficients(scores) + np.asarray(offset, np.float32))


def limited(mapper: Mapper, coefficients: np.ndarray) -> np.ndarray:
    """Coefficients inside the mapper's limits, or ± its bound times REACH, and inside its population.

    coefficients: (..., K). Returns as many, of the same type.
    """
    values = np.clip(coefficients, *limits_of(mapper).T.astype(np.asarray(coefficients).dtype))
    return values if mapper.inside is None else mapper.inside.clipped(values)


def limits_of(mapper: Mapper) -> np.ndarray:
    """(K, 2) the lowest and highest value that each coefficient may take; infinite where nothing limits them."""
    if mapper.limits is not None:
        return mapper.limits
    reach = np.inf if mapper.bound is None else REACH * mapper.bound
    return np.tile(np.array([-reach, reach]), (mapper.component_count, 1))


def solve_sliders(
    mapper: Mapper,
    target: np.ndarray,
    weights: np.ndarray,
    locked: np.ndarray,
    sliders: np.ndarray,
    steps: int = 20,
    pull: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Set the sliders so that the mapper reproduces a shape as closely as it can.

    target: (K,) ξ. weights: (K,) how much each coefficient counts: the model's standard deviations, since so much it
    moves the surface, or one over how far the target may be off. locked: (d,) bool, sliders that stay.
    sliders: (d,) where they are now. pull: what a slider at its end costs, in the measure of weights times
    coefficients, so that sliders are not moved by what hardly counts.
    Returns the sliders (d,) float32 and the offset (K,) float32 = target − M(Ω(sliders)).
    Levenberg-Marquardt from the present position and from rest, inside −1..1; the better end is taken. A locked slider
    stays where it is, farther out too where the mapper reaches farther.
    """
    most = max(float(np.abs(weights).max()), 1e-12)
    scale = np.asarray(weights, np.float64) / most
    free = ~np.asarray(locked, bool)
    end = np.where(free, 1.0, mapper.reach)
    present = np.clip(np.asarray(sliders, np.float64), -end, end)
    rest = np.where(free, 0.0, present)
    starts = [rest] if np.array_equal(present, rest) else [present, rest]
    found = [
        _descend(mapper, np.asarray(target, np.float64), scale, free, start, steps, pull / most) for start in starts
    ]
    best = min(found, key=lambda item: item[1])[0].astype(np.float32)
    return best, (target - mapper.coefficients(mapper.scores_from_sliders(best))).astype(np.float32)


def _descend(
    mapper: Mapper, target: np.ndarray, scale: np.ndarray, free: np.ndarray, start: np.ndarray, steps: int, pull: float
) -> tuple[np.ndarray, float]:
    def residuals(positions: np.ndarray) -> np.ndarray:
        off = scale * (mapper.coefficients(mapper.scores_from_sliders(positions)) - target)
        return np.concatenate([off, pull * positions], -1) if pull else off

    position, damping = start.copy(), 1e-2
    at = residuals(position)
    columns = np.flatnonzero(free)
    if not len(columns):
        return position, float(at @ at)
    for _ in range(steps):
        # one batch through the network gives the whole Jacobian; a step inwards, so that the ends have one too
        probes = np.repeat(position[None], len(columns), 0)
        step = np.where(position[columns] > 0, -0.02, 0.02)
        probes[np.arange(len(columns)), columns] += step
        jacobian = ((residuals(probes) - at) / step[:, None]).T
        gram, slope = jacobian.T @ jacobian, jacobian.T @ at
        ridge = np.diag(np.diag(gram) + 1e-6)
        error = float(at @ at)
        for _ in range(6):
            move = np.linalg.solve(gram + damping * ridge, slope)
            tried = position.copy()
            tried[columns] = np.clip(position[columns] - move, -1.0, 1.0)
            after = residuals(tried)
            gain = error - float(after @ after)
            if gain > 0:
                damping = max(damping / 4, 1e-6)
                break
            damping *= 4
        else:
            break
        position, at = tried, after
        if gain < 1e-7 + _LEAST_GAIN * error:
            break
    return position, float(at @ at)
