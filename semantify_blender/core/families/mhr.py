"""MHR, the Momentum Human Rig (Meta, Apache-2.0): a body with head and hands, and its expressions as a second model."""

import numpy as np

from ..errors import FileFormatError
from .polygons import Polygons
from .shape import Shape, keep
from .torch_archive import TorchArchive

TEMPLATE, DIRECTIONS = "character_torch.blend_shape.base_shape", "character_torch.blend_shape.shape_vectors"
EXPRESSIONS, FACES = "face_expressions_model.shape_vectors", "character_torch.mesh.faces"
CENTIMETRE = 0.01


def read_mhr(archive: TorchArchive, expression: bool, components: int | None) -> Shape:
    """Centimetres, Y up, facing +Z. Identity: 20 directions of the body, 20 of the head, 5 of the hands, in standard
    deviations. Expressions: keys from 0 to 1, all of them by default.

    Raises FileFormatError when a part is missing or does not fit, SemantifyError for too many components.
    """
    template = archive.array(TEMPLATE).astype(np.float64)
    if template.ndim != 2 or template.shape[1] != 3:
        raise FileFormatError(archive.path, TEMPLATE, f"has shape {template.shape}, expected (*, 3)")
    field = EXPRESSIONS if expression else DIRECTIONS
    basis = archive.array(field)
    if basis.ndim != 3 or basis.shape[1:] != template.shape:
        raise FileFormatError(archive.path, field, f"has shape {basis.shape}, expected (*, {len(template)}, 3)")
    count = keep(len(basis), components, archive.path, field, None if expression else 10)
    return Shape(
        template=template,
        basis=basis[:count].astype(np.float64),
        polygons=Polygons.of_rows(archive.path, FACES, archive.array(FACES, "iu"), len(template)),
        unit=CENTIMETRE,
        subject="body",
        ranges=np.tile([0.0, 1.0], (count, 1)) if expression else None,
    )
