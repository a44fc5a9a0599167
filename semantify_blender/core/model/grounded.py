"""A model as its characters stand in a scene: soles on z = 0 whatever the coefficients, body and parts in one list."""

from dataclasses import dataclass

import numpy as np

from .morphable_model import MorphableModel

SOLE = 0.02
"""Vertices within this share of the height above the lowest one carry the character."""


@dataclass(frozen=True, eq=False)
class Grounded:
    """Rows are the body's vertices, then those of all its parts, as `Dressed.rows` counts them.

    points: (R, 3) float32 metres at rest. basis: (K, 3R) float32, what each component adds, x, y, z of every row.
    triangles: (T, 3) int32 rows, of the body alone.
    """

    points: np.ndarray
    basis: np.ndarray
    triangles: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> "Grounded":
        """Template and basis moved by `floor_offsets`."""
        template_offset, component_offsets = floor_offsets(model)
        parts = model.parts.values()
        points = np.concatenate([model.template, *(part.template for part in parts)])
        basis = np.concatenate([model.basis, *(part.basis for part in parts)], 1)
        points[:, 2] -= template_offset
        basis[:, :, 2] -= component_offsets[:, None]
        return cls(points, basis.reshape(len(basis), -1), model.triangles)


def floor_offsets(model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    """z that puts the soles on z = 0: of the template, and the change each coefficient brings.

    Returns the template's offset () and the components' (K,), float32 metres. Linear in the coefficients, so the feet
    stay on the floor while sliders move. A model that stands on no floor, a head, has its template's lowest point on
    z = 0 and no change.
    """
    z = model.template[:, 2]
    if not model.framing.floor:
        return z.min(), np.zeros(model.component_count, np.float32)
    soles = z <= z.min() + SOLE * (z.max() - z.min())
    return z.min(), model.basis[:, soles, 2].mean(1)
