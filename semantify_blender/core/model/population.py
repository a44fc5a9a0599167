"""A model's population: coefficients of real members, how they spread, and more drawn from among them."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..errors import FileFormatError
from ..files.bounds import SMALLEST
from .ellipsoid import FLOOR, Ellipsoid

MEMBERS_PER_COEFFICIENT = 10
"""Least number of members for each coefficient: with fewer, a covariance says more about who was drawn than about how
the population spreads, and the farthest members look near."""
SHARE_INSIDE = 0.999
"""Of the members that count as likely shapes."""
BLUR = 0.15
"""How far a shape lies from the member it is drawn after, in standard deviations: far enough that none comes twice,
near enough that what goes together in the members (strong and lean, say) still does."""
_TRIES = 1000


@dataclass(frozen=True, eq=False)
class Population:
    """members: (N, K) coefficients of real members, standard deviations; every one counts alike."""

    members: np.ndarray

    @cached_property
    def mean(self) -> np.ndarray:
        """(K,) float64."""
        return np.asarray(self.members, np.float64).mean(0)

    @cached_property
    def covariance(self) -> np.ndarray:
        """(K, K) float64."""
        return np.atleast_2d(np.cov(np.asarray(self.members, np.float64).T))

    @cached_property
    def inside(self) -> Ellipsoid:
        """The likely shapes: as far from the mean as all but one in a thousand members are."""
        mean, covariance = self.mean.astype(np.float32), self.covariance.astype(np.float32)
        distances = Ellipsoid(mean, covariance, 1.0).distance(self.members)
        return Ellipsoid(mean, covariance, max(float(np.quantile(distances, SHARE_INSIDE)), SMALLEST))

    @cached_property
    def largest(self) -> float:
        """How far all but one in a thousand members go either way, in the coefficient that goes farthest.

        Some coefficients go much farther than others: fat has no end on its side, as leanness has.
        """
        return max(float(np.quantile(np.abs(self.members.astype(np.float32)), SHARE_INSIDE, axis=0).max()), SMALLEST)

    @cached_property
    def checksum(self) -> str:
        """Hex SHA-256 of the members: a dataset drawn from them names it."""
        return hashlib.sha256(np.ascontiguousarray(self.members, "<f2").tobytes()).hexdigest()

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """A shape like one of the members, inside. Returns (K,) float64.

        A smoothed bootstrap: a member, moved at random and drawn in by as much, so that mean and covariance stay.
        """
        for _ in range(_TRIES):
            member = self.members[rng.integers(len(self.members))].astype(np.float64)
            away = np.sqrt(1 - BLUR**2) * (member - self.mean) + BLUR * (
                self._root @ rng.standard_normal(len(self.mean))
            )
            if self.inside.distance(self.mean + away) <= self.inside.radius:
                break
        return self.mean + away

    @cached_property
    def _root(self) -> np.ndarray:
        return np.linalg.cholesky(self.covariance + FLOOR * np.eye(len(self.mean)))


def check_population(path: object, members: np.ndarray | None, components: int) -> None:
    """Raise FileFormatError for a model file's population that is too small to tell how it spreads."""
    if members is not None and len(members) < MEMBERS_PER_COEFFICIENT * components:
        least = MEMBERS_PER_COEFFICIENT * components
        raise FileFormatError(
            path, "population", f"has {len(members)} members; {components} coefficients need {least} or more"
        )
