"""Measurements of a shape as functions of its coefficients, each with its gradient, for conditions and deviations.

The same measurements as in `measurements.py`, of one shape: height, weight and girths of a model that stands on a
floor, and what it tells of the sex.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .measurements import BODY_DENSITY, quadratic_terms
from .morphable_model import MorphableModel

HEIGHT, WEIGHT, GENDER = "height", "weight", "gender"
GIRTHS = {"chest": "chest", "waist": "waist", "hips": "hip"}
"""What people call a girth -> the loop `girth/<name>` of a model."""


class Measurement(Protocol):
    """One number of a shape."""

    def __call__(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """Value, and its derivatives (K,). coefficients: (K,)."""


def measurements_of(model: MorphableModel) -> dict[str, Measurement]:
    """What can be measured of a model: "height" and girths in metres, "weight" in kg, "gender" 0 (man) to 1 (woman).

    Height and weight need a model that stands on a floor, weight a closed surface, girths their loops.
    """
    found: dict[str, Measurement] = {}
    if model.framing.floor:
        found[HEIGHT] = Height(model)
        if model.closed:
            found[WEIGHT] = Weight(model)
        for name, loop in GIRTHS.items():
            if f"girth/{loop}/edges" in model.extra:
                found[name] = Girth(model, loop)
    if f"trait/{GENDER}" in model.extra:
        found[GENDER] = Quadratic(model.extra[f"trait/{GENDER}"].astype(np.float64))
    return found


@dataclass(frozen=True, eq=False)
class Height:
    """Extent along Z in metres: linear as long as top and bottom stay the same vertices."""

    model: MorphableModel

    def __call__(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measurement`."""
        slopes = self.model.basis[:, :, 2]
        z = self.model.template[:, 2] + np.asarray(coefficients, np.float64) @ slopes
        top, bottom = int(z.argmax()), int(z.argmin())
        return float(z[top] - z[bottom]), (slopes[:, top] - slopes[:, bottom]).astype(np.float64)


class Girth:
    """Length of a closed loop in metres."""

    def __init__(self, model: MorphableModel, name: str) -> None:
        """name: of the loop `girth/<name>`."""
        edges = model.extra[f"girth/{name}/edges"].astype(np.int64)
        w = model.extra[f"girth/{name}/weights"].astype(np.float64)[:, None]

        def sides(points: np.ndarray) -> np.ndarray:
            loop = points[..., edges[:, 0], :] * (1 - w) + points[..., edges[:, 1], :] * w
            return loop - np.roll(loop, 1, axis=-2)

        self._sides, self._slopes = sides(model.template), sides(model.basis)

    def __call__(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measurement`."""
        sides = self._sides + np.tensordot(np.asarray(coefficients, np.float64), self._slopes, 1)
        lengths = np.linalg.norm(sides, axis=1)
        directions = sides / np.maximum(lengths, 1e-12)[:, None]
        return float(lengths.sum()), np.einsum("kpc,pc->k", self._slopes, directions)


class Weight:
    """Enclosed volume times `BODY_DENSITY`, in kg."""

    def __init__(self, model: MorphableModel) -> None:
        self._model = model
        self._corners = np.ascontiguousarray(model.triangles.T, np.int64)

    def __call__(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measurement`."""
        vertices = np.ascontiguousarray(self._model.vertices(coefficients).T, np.float64)
        a, b, c = (vertices[:, corner] for corner in self._corners)
        areas = (_cross(b, c), _cross(c, a), _cross(a, b))
        volume = np.einsum("ct,ct->", areas[2], c) / 6
        pull = np.zeros((vertices.shape[1], 3))
        for corner, area in zip(self._corners, areas, strict=True):
            for axis in range(3):
                pull[:, axis] += np.bincount(corner, area[axis], len(pull))
        # the surface may be turned inside out; its volume is as large
        factor = np.copysign(BODY_DENSITY, volume)
        slopes = self._model.basis.reshape(self._model.component_count, -1) @ pull.ravel() / 6
        return float(factor * volume), factor * slopes


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of columns: (3, n)."""
    return np.stack([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


class Quadratic:
    """A trait that the coefficients tell, `trait/<name>`, without its limits so that it has a slope everywhere."""

    def __init__(self, weights: np.ndarray) -> None:
        """weights: (1 + K + K(K+1)/2,), see `measurements.quadratic_terms`."""
        self._weights = weights
        k = int((np.sqrt(8 * len(weights) + 1) - 3) / 2)
        self._linear, i, j = weights[1 : k + 1], *np.triu_indices(k)
        curved = np.zeros((k, k))
        curved[i, j] = weights[k + 1 :]
        self._curved = curved + curved.T

    def __call__(self, coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """See `Measurement`."""
        xi = np.asarray(coefficients, np.float64)
        return float((quadratic_terms(xi[None]) @ self._weights)[0]), self._linear + self._curved @ xi
