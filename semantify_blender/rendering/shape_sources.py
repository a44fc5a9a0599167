"""Where a dataset's shapes come from: drawn at random, or rows of a file of coefficients or of shapes."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..core.dataset_spec import DatasetSpec
from ..core.errors import FileFormatError, SemantifyError
from ..core.files.bounds import LARGEST, LARGEST_COEFFICIENT
from ..core.files.npy import load_npy
from ..core.files.shards import npy_bytes
from ..core.model.measurements import projector
from ..core.model.morphable_model import MorphableModel
from ..core.model.sampling import POPULATION, sample_shape

CoefficientsSource = Callable[[int], np.ndarray]
ShapeSource = Callable[[int], tuple[np.ndarray, np.ndarray]]
"""Sample number -> its (K,) float32 coefficients and its (V, 3) float32 vertices."""


def coefficients_checksum(coefficients: np.ndarray) -> str:
    """Hex SHA-256 of an (N, K) array, for a DatasetSpec with sampler "file"."""
    return hashlib.sha256(npy_bytes(np.asarray(coefficients, np.float32))).hexdigest()


def coefficients_source(
    spec: DatasetSpec, model: MorphableModel, given: np.ndarray | None = None
) -> CoefficientsSource:
    """Sample number -> (K,) float32 coefficients, drawn by the spec's sampler or taken from `given` (N, K).

    Raises SemantifyError when `given`, or the model's population, is not what the spec was made for.
    """
    if spec.sampler == POPULATION and (model.people is None or model.people.checksum != spec.coefficients_checksum):
        raise SemantifyError(
            f"model {model.name!r} has another population than the dataset was drawn from: give the model that had it, "
            "or render into another folder"
        )
    if spec.sampler != "file":
        return lambda i: sample_shape(model, spec.sampler, spec.seed, i, spec.k, spec.components)
    if given is None or coefficients_checksum(given) != spec.coefficients_checksum:
        raise SemantifyError("these coefficients are not the ones the dataset was made for: give the same file again")
    rows = np.zeros((len(given), model.component_count), np.float32)
    rows[:, : given.shape[1]] = given
    return lambda i: rows[i]


def load_coefficients(path: str | Path, model: MorphableModel) -> np.ndarray:
    """An (N, K) array from a `.npy` file. Raises FileFormatError unless it is finite and fits the model."""
    values = load_npy(path)
    if values.ndim != 2 or not len(values):
        raise FileFormatError(path, "array", "expected numbers of shape (samples, coefficients)")
    if values.shape[1] > model.component_count:
        raise FileFormatError(
            path, "array", f"has {values.shape[1]} coefficients a row but {model.name} has {model.component_count}"
        )
    if not (np.abs(values) <= LARGEST_COEFFICIENT).all():
        raise FileFormatError(path, "array", f"expected numbers in ±{LARGEST_COEFFICIENT:g}, none of them NaN")
    return values.astype(np.float32)


def load_shapes(path: str | Path, model: MorphableModel) -> np.ndarray:
    """An (N, V, 3) array of shapes, metres, from a `.npy` file, left on disk until it is used.

    Raises FileFormatError unless it has the model's vertices.
    """
    shapes = load_npy(path, "f", mapped=True)
    if shapes.ndim != 3 or shapes.shape[1:] != model.template.shape or not len(shapes):
        raise FileFormatError(path, "array", f"expected numbers of shape (samples, {model.vertex_count}, 3)")
    return shapes


def shapes_source(model: MorphableModel, shapes: np.ndarray) -> ShapeSource:
    """Shapes as they are, with the model's nearest coefficients. shapes: (N, V, 3) metres, placed as the template."""
    centre, nearest = model.template.mean(0), projector(model)

    def shape(i: int) -> tuple[np.ndarray, np.ndarray]:
        vertices = np.array(shapes[i], np.float32)
        if not (np.abs(vertices) <= LARGEST).all():
            raise SemantifyError(f"shape {i} of the file holds NaN or lengths beyond {LARGEST:g} m: leave it out")
        coefficients = nearest((vertices - vertices.mean(0) + centre)[None])[0]
        return coefficients.astype(np.float32), vertices

    return shape
