"""The mapper as a torch module, in the exact form `core.mapper.Mapper` evaluates in NumPy."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn

from ...core.model.ellipsoid import Ellipsoid
from ...core.model.limits import SHARPNESS
from ...core.model.population import Population
from .recipe import Recipe


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch on one thread: with batches this small more threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def smooth_limit(values: torch.Tensor, limits: torch.Tensor) -> torch.Tensor:
    """`core.model.limits.smooth_limit` in torch. values: (..., K); limits: (K, 2)."""
    low, width = limits[:, 0], limits[:, 1] - limits[:, 0]
    t = SHARPNESS * (values - low) / width
    return low + width * (nn.functional.softplus(t) - nn.functional.softplus(t - SHARPNESS)) / SHARPNESS


class Held(nn.Module):
    """`core.model.ellipsoid.Ellipsoid.held` in torch: (..., K) to (..., K)."""

    mean: torch.Tensor
    whitening: torch.Tensor

    def __init__(self, inside: Ellipsoid) -> None:
        """Copy its numbers."""
        super().__init__()
        self.register_buffer("mean", torch.as_tensor(inside.mean))
        self.register_buffer("whitening", torch.as_tensor(inside.whitening, dtype=torch.float32))
        self.radius = inside.radius

    def distance(self, values: torch.Tensor) -> torch.Tensor:
        """Mahalanobis distance, (..., K) to (...,)."""
        # a little is added because the root has no slope at 0
        return (((values - self.mean) @ self.whitening.T) ** 2).sum(-1).add(1e-12).sqrt()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Drawn towards the mean until inside."""
        t = self.distance(values)[..., None] / self.radius
        near = 1 - nn.functional.softplus(SHARPNESS * (t - 1)) / (SHARPNESS * t.clamp(min=1e-3))
        far = (1 - nn.functional.softplus(SHARPNESS * (1 - t)) / SHARPNESS) / t.clamp(min=1)
        return self.mean + (values - self.mean) * torch.where(t < 1, near, far)


class MapperNetwork(nn.Module):
    """Scores (B, d) in score units to coefficients (B, K) in standard deviations."""

    score_mean: torch.Tensor
    score_deviation: torch.Tensor
    coefficient_mean: torch.Tensor
    coefficient_scale: torch.Tensor
    limits: torch.Tensor | None

    def __init__(
        self,
        scores: np.ndarray,
        coefficients: np.ndarray,
        recipe: Recipe,
        ranges: np.ndarray | None = None,
        people: Population | None = None,
    ) -> None:
        """Take the statistics for standardisation from the training samples: scores (N, d), coefficients (N, K).

        ranges: (K, 2) of the model; outputs then stay inside them and the recipe's bound does not apply.
        people: the model's population; outputs then stay inside it, and no coefficient goes farther than its members'.
        """
        super().__init__()
        d, k = scores.shape[1], coefficients.shape[1]
        statistics = {
            "score_mean": scores.mean(0) if recipe.standardise else np.zeros(d),
            "score_deviation": np.maximum(scores.std(0), 1e-6) if recipe.standardise else np.ones(d),
            "coefficient_mean": coefficients.mean(0) if recipe.standardise else np.zeros(k),
            # a component nobody sampled has no spread: leave it where it is
            "coefficient_scale": coefficients.std(0) if recipe.standardise else np.ones(k),
        }
        for name, value in statistics.items():
            self.register_buffer(name, torch.as_tensor(np.asarray(value, np.float32)))
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise([d, *recipe.hidden, k]))
        self.register_buffer("limits", None if ranges is None else torch.as_tensor(np.asarray(ranges, np.float32)))
        bound = recipe.bound if people is None else people.largest
        self.bound = bound if ranges is None else None
        self.inside = None if people is None else Held(people.inside)

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        """Predict coefficients."""
        x = (scores - self.score_mean) / self.score_deviation
        for i, linear in enumerate(self.linears):
            x = linear(torch.relu(x) if i else x)
        x = self.coefficient_mean + self.coefficient_scale * x
        if self.limits is not None:
            x = smooth_limit(x, self.limits)
        elif self.bound is not None:
            x = self.bound * torch.tanh(x / self.bound)
        return x if self.inside is None else self.inside(x)

    def layers(self) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """(weight (out, in), bias (out,)) float32 per layer; weights rounded to float16 as the file stores them."""
        return tuple(
            (
                linear.weight.detach().numpy().astype(np.float16).astype(np.float32),  # type: ignore[operator]
                linear.bias.detach().numpy().copy(),  # type: ignore[operator]
            )
            for linear in self.linears
        )

    def statistics(self) -> dict[str, np.ndarray]:
        """The standardisation, by the names of `Mapper`'s fields."""
        names = ("score_mean", "score_deviation", "coefficient_mean", "coefficient_scale")
        return {name: getattr(self, name).numpy().copy() for name in names}
