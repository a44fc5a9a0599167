"""GNM Head (Google, Apache-2.0): a head with eyes and teeth, its identity and its expressions as two models."""

import numpy as np

from ..errors import FileFormatError
from .polygons import Polygons
from .shape import Shape, keep
from .source import Source

FIELDS = frozenset({"template_vertex_positions", "vertex_identity_basis"})
"""What tells its files."""
HEAD = "head_"
"""How the directions that are kept of the identity begin: those of eyes and teeth by themselves pierce the face."""


def read_gnm(source: Source, expression: bool, components: int | None) -> Shape:
    """Metres, Y up, facing +Z; coefficients in standard deviations.

    Raises FileFormatError when a part is missing or does not fit, SemantifyError for too many components.
    """
    template = source.array("template_vertex_positions", "f", (None, 3)).astype(np.float64)
    field, names_field = (
        ("expression_basis", "expression_names") if expression else ("vertex_identity_basis", "identity_names")
    )
    basis = source.array(field, "f", (None, len(template), 3))
    names = source.texts(names_field)
    if len(names) != len(basis):
        raise FileFormatError(source.path, names_field, f"has {len(names)} names for {len(basis)} directions")
    chosen = [i for i, name in enumerate(names) if expression or name.startswith(HEAD)] or list(range(len(names)))
    chosen = chosen[: keep(len(chosen), components, source.path, field)]
    polygons, uv = _faces(source, len(template))
    return Shape(
        template=template,
        basis=basis[chosen].astype(np.float64),
        polygons=polygons,
        uv=uv,
        names=tuple(names[i] for i in chosen),
        subject="head",
    )


def _faces(source: Source, count: int) -> tuple[Polygons, np.ndarray | None]:
    if "quads" not in source.names:
        return Polygons.of_rows(source.path, "triangles", source.array("triangles", "iuf", (None, 3)), count), None
    quads = source.array("quads", "iuf", (None, 4))
    polygons = Polygons.of_rows(source.path, "quads", quads, count)
    if "quad_uvs" not in source.names:
        return polygons, None
    uv = source.array("quad_uvs", "f", (len(quads), 4, 2))
    return polygons, uv.reshape(-1, 2)[polygons.corners].astype(np.float32)
