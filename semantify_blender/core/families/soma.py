"""SOMA (NVIDIA, Apache-2.0): a body whose directions have their variances beside them."""

import numpy as np

from ..errors import FileFormatError
from .polygons import Polygons
from .shape import Shape, keep
from .source import Source

FIELDS = frozenset({"mean", "shapedirs", "eigenvalues", "triangles"})
"""What tells its files."""
CENTIMETRE = 0.01


def read_soma(source: Source, components: int | None) -> Shape:
    """v = mean + Σ_k c_k √eigenvalue_k · shapedirs_k, centimetres, Y up, facing +Z.

    Raises FileFormatError when a part is missing or does not fit, SemantifyError for too many components.
    """
    mean = source.array("mean", "f").astype(np.float64)
    if mean.size % 3 or not mean.size:
        raise FileFormatError(source.path, "mean", f"has shape {mean.shape}, expected (*, 3)")
    template = mean.reshape(-1, 3)
    directions = source.array("shapedirs", "f")
    if directions.ndim not in (2, 3) or directions[:1].size != template.size:
        raise FileFormatError(
            source.path, "shapedirs", f"has shape {directions.shape}, expected (*, {len(template)}, 3)"
        )
    variances = source.array("eigenvalues", "f", (len(directions),)).astype(np.float64)
    if variances.min() < 0:
        raise FileFormatError(source.path, "eigenvalues", "holds numbers below zero")
    count = keep(len(directions), components, source.path, "shapedirs")
    basis = directions[:count].reshape(count, -1, 3).astype(np.float64)
    triangles = source.array("triangles", "iuf", (None, 3))
    return Shape(
        template=template,
        basis=basis * np.sqrt(variances[:count])[:, None, None],
        polygons=Polygons.of_rows(source.path, "triangles", triangles, len(template)),
        unit=CENTIMETRE,
        subject="body",
    )
