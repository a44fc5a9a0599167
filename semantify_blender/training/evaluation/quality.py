"""How good a mapper is, from numbers alone: fit, coverage and overlap (paper 5.1), reach (paper 5.2), safety.

What needs pictures is in `sweeps`.
"""

import itertools
from typing import Any

import numpy as np
import torch

from ...core.errors import SemantifyError
from ...core.influence import THRESHOLD
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.model.sampling import default_sampler, sample_shape
from ..mapper.network import one_thread
from ..mapper.torch_mapper import TorchMapper

PAPER_COMPONENTS = 10
MOST_SLIDERS = 10
"""With so many every corner of the slider box is looked at."""


def fit_figures(
    mapper: Mapper, model: MorphableModel, scores: np.ndarray, coefficients: np.ndarray, most: int = 300
) -> dict[str, Any]:
    """R² per coefficient and vertex errors on samples the mapper has not seen.

    scores: (N, d), coefficients: (N, K). At most `most` of them are turned into vertices.
    Returns mm errors of the mapper, of the mean shape, and their ratio.
    """
    predicted = mapper.coefficients(scores)
    error = ((predicted - coefficients) ** 2).mean(0)
    variance = coefficients.var(0)
    used = variance > 1e-9
    r2 = np.where(used, 1 - error / np.where(used, variance, 1.0), np.nan)
    rows = slice(0, most)
    fitted = vertex_error(model, predicted[rows], coefficients[rows])
    mean = vertex_error(model, np.zeros_like(coefficients[rows]), coefficients[rows])
    return {
        "samples": len(scores),
        "r2": [None if np.isnan(value) else float(value) for value in r2],
        "relative_mse": float(error[used].mean() / variance[used].mean()),
        "vertex_mm": float(1000 * fitted.mean()),
        "mean_shape_mm": float(1000 * mean.mean()),
        "vertex_share_of_mean_shape": float(fitted.mean() / mean.mean()),
    }


def vertex_error(model: MorphableModel, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean distance between the vertices of two sets of shapes. a, b: (N, K). Returns (N,) metres."""
    basis = model.basis.reshape(model.component_count, -1)
    difference = np.asarray(a, np.float32) - np.asarray(b, np.float32)
    found = [
        np.linalg.norm((difference[i : i + 50] @ basis).reshape(-1, model.vertex_count, 3), axis=-1).mean(1)
        for i in range(0, len(difference), 50)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def coverage(delta: np.ndarray, threshold: float = THRESHOLD) -> dict[str, Any]:
    """Coverage and overlap of paper section 5.1.

    delta: (d, V) from `influence`. A vertex is covered by a descriptor where δ > threshold.
    Returns coverage = |union| / |V|; overlap = 1 − |union| / Σ|covered| (the authors' code); iou, the (d, d) matrix of
    intersection over union that the paper's text speaks of; per_descriptor, each one's share of the vertices.
    """
    covered = delta > threshold
    union = int(covered.any(0).sum())
    total = int(covered.sum())
    both = covered.astype(np.int64) @ covered.T.astype(np.int64)
    either = covered.sum(1)[:, None] + covered.sum(1)[None] - both
    return {
        "threshold": threshold,
        "coverage": union / delta.shape[1],
        "overlap": 1 - union / total if total else 0.0,
        "per_descriptor": [float(value) for value in covered.mean(1)],
        "iou": (both / np.maximum(either, 1)).tolist(),
    }


def moved_figures(mapper: Mapper, model: MorphableModel) -> dict[str, list[float]]:
    """How far each slider moves the surface from its low to its high end, the others at rest, in millimetres.

    Returns largest_mm, the vertex that goes farthest, and mean_mm over the vertices that count as covered.
    """
    ends = [
        np.where(np.eye(len(mapper.descriptors), dtype=bool), end, mapper.default) for end in (mapper.low, mapper.high)
    ]
    largest, mean = [], []
    for low, high in zip(*map(mapper.coefficients, ends), strict=True):
        distance = 1000 * np.linalg.norm(np.subtract(*model.vertices(np.stack([high, low]))), axis=-1)
        largest.append(float(distance.max()))
        covered = distance > THRESHOLD * max(distance.max(), 1e-9)
        mean.append(float(distance[covered].mean()) if covered.any() else 0.0)
    return {"largest_mm": largest, "mean_mm": mean}


def reach_figures(
    mapper: Mapper, model: MorphableModel, count: int = 50, k: float = 2.0, seed: int = 0, steps: int = 200
) -> dict[str, Any]:
    """Paper section 5.2: how near the sliders can come to unseen shapes of the first 10 components.

    Of a model with a population, or with ranges, a mesh's shape keys, the shapes are those of its default sampler; the
    first components of shape keys are those that move most in them. The scores are optimised inside the sliders' ranges
    by Adam on the mean squared vertex distance.
    Returns mean errors in mm of: the sliders; the best fit with 10 components; the mean shape; raw sliders, the first d
    components set perfectly (as many as there are descriptors).
    """
    mapper.check_model(model)
    targets = reach_targets(model, count, k, seed)
    fitted = mapper.coefficients(optimise_scores(mapper, model, targets, steps))
    order = np.arange(model.component_count)
    if model.ranges is not None:
        order = np.argsort(-model.standard_deviations * targets.std(0), kind="stable")
    raw = targets.copy()
    raw[:, order[len(mapper.descriptors) :]] = 0.0
    best = targets.copy()
    best[:, order[PAPER_COMPONENTS:]] = 0.0
    return {
        "shapes": count,
        "sliders_mm": _millimetres(model, fitted, targets),
        "best_components_mm": _millimetres(model, best, targets),
        "raw_sliders_mm": _millimetres(model, raw, targets),
        "mean_shape_mm": _millimetres(model, np.zeros_like(targets), targets),
    }


def reach_targets(model: MorphableModel, count: int, k: float, seed: int) -> np.ndarray:
    """Shapes to be reached: members of the population, random values of shape keys, or the first 10 components in ±k.

    Returns (count, K) float32.
    """
    if model.ranges is not None or model.population is not None:
        sampler = default_sampler(model)
        return np.stack([sample_shape(model, sampler, seed, i, k) for i in range(count)])
    drawn = min(PAPER_COMPONENTS, model.component_count)
    targets = np.zeros((count, model.component_count), np.float32)
    targets[:, :drawn] = np.random.default_rng(seed).uniform(-k, k, (count, drawn))
    return targets


def optimise_scores(mapper: Mapper, model: MorphableModel, targets: np.ndarray, steps: int = 200) -> np.ndarray:
    """Scores within the sliders' ranges whose shapes come nearest to the targets.

    targets: (N, K) coefficients. Returns (N, d) float32.
    """
    basis = torch.as_tensor(model.basis.reshape(model.component_count, -1))
    # |B Δξ|² = Δξᵀ (B Bᵀ) Δξ: the vertices never have to be made
    gram = basis @ basis.T
    gram = gram / gram.diagonal().mean()
    low, high = torch.as_tensor(mapper.low), torch.as_tensor(mapper.high)
    goal = torch.as_tensor(targets)
    network = TorchMapper(mapper)
    start = torch.as_tensor((mapper.default - mapper.low) / (mapper.high - mapper.low)).clamp(0.02, 0.98)
    inner = torch.logit(start).repeat(len(targets), 1).requires_grad_(True)
    optimiser = torch.optim.Adam([inner], lr=0.1)
    with one_thread():
        for _ in range(steps):
            difference = network(low + torch.sigmoid(inner) * (high - low)) - goal
            loss = torch.einsum("nk,kl,nl->n", difference, gram, difference).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        return (low + torch.sigmoid(inner) * (high - low)).detach().numpy()


def extremes(mapper: Mapper, count: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Largest |ξ| over single-slider sweeps and over random settings of all sliders.

    Where a population holds the shapes also "inside", see `_distances`.
    """
    random = np.random.default_rng(seed).uniform(-1, 1, (count, len(mapper.descriptors)))
    inside = np.abs(mapper.coefficients(mapper.scores_from_sliders(random)))
    sweeps = np.abs(mapper.coefficients(sweep_scores(mapper, 21)))
    if not (np.isfinite(inside).all() and np.isfinite(sweeps).all()):
        raise SemantifyError("the mapper gives NaN for some slider settings; train it again")
    found = {
        "settings": count,
        "largest_random": float(inside.max()),
        "percentile_99_random": float(np.percentile(inside.max(1), 99)),
        "largest_sweep": float(sweeps.max()),
    }
    return found if mapper.inside is None else {**found, "inside": _distances(mapper, random, count, seed)}


def _distances(mapper: Mapper, random: np.ndarray, count: int, seed: int) -> dict[str, Any]:
    """Largest Mahalanobis distance from the population's mean: at corners of the slider box, random settings inside it.

    All 2^d corners, `count` random ones where there would be more than 1,024. random: (n, d) slider positions.
    "far_corner": sliders as far as they can be set, ±1.5. "radius": what none may exceed, the distance that 99.9 % of
    the population's members keep.
    """
    inside, d = mapper.inside, len(mapper.descriptors)
    assert inside is not None
    corners = np.array(list(itertools.product((-1.0, 1.0), repeat=d))) if d <= MOST_SLIDERS else None
    if corners is None:
        corners = np.random.default_rng(seed).choice((-1.0, 1.0), (count, d))

    def largest(sliders: np.ndarray) -> float:
        return float(inside.distance(mapper.coefficients(mapper.scores_from_sliders(sliders))).max())

    return {
        "radius": float(inside.radius),
        "corners": len(corners),
        "largest_corner": largest(corners),
        "largest_far_corner": largest(mapper.reach * corners),
        "largest_random": largest(random),
    }


def sweep_scores(mapper: Mapper, steps: int) -> np.ndarray:
    """Scores of every slider swept alone from low to high, the others at rest. Returns (d, steps, d) float32."""
    d = len(mapper.descriptors)
    scores = np.tile(mapper.default, (d, steps, 1))
    for i in range(d):
        scores[i, :, i] = np.linspace(mapper.low[i], mapper.high[i], steps)
    return scores.astype(np.float32)


def _millimetres(model: MorphableModel, a: np.ndarray, b: np.ndarray) -> float:
    return float(1000 * vertex_error(model, a, b).mean())
