"""What the layers of a character add to its mesh together."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.span import Span
from ..state import memory
from . import head_rows, layers, models, rows


def added_by(mesh: bpy.types.Mesh, coefficients: dict[str, np.ndarray]) -> tuple[np.ndarray, bool] | None:
    """(V, 3) float32 metres that layers add, and whether that is what they added last time; None without a model.

    coefficients: of each layer, (k,) float32, k ≤ K.
    """
    total, again = np.zeros((0, 3), np.float32), True
    for i, (name, values) in enumerate(coefficients.items()):
        found = _of_layer(mesh, name, values)
        if found is None:
            return None
        total = total + found[0] if i else found[0]
        again = again and found[1]
    return total, again


def directions_of(mesh: bpy.types.Mesh, name: str) -> np.ndarray | None:
    """(K, 3V) float32 metres, what each component of a layer adds to every vertex; None when a model is missing."""
    span = _span_of(mesh, name)
    return None if span is None else span.basis


def require_directions(mesh: bpy.types.Mesh, name: str) -> np.ndarray:
    """The same. Raises SemantifyError that says why the model cannot be had."""
    models.require_grounded(mesh.semantify)
    found = directions_of(mesh, name)
    if found is None:
        raise SemantifyError(head_rows.problem(layers.all_of(mesh.semantify)[name]))
    return found


def _span_of(mesh: bpy.types.Mesh, name: str) -> Span | None:
    return head_rows.span_of(mesh, name) if name else rows.span_of(mesh)


def _of_layer(mesh: bpy.types.Mesh, name: str, coefficients: np.ndarray) -> tuple[np.ndarray, bool] | None:
    """What one layer adds. The last is kept: an update asks for the same again, another layer's slider for the sum."""
    span = _span_of(mesh, name)
    if span is None:
        return None
    kept = memory.added.get((mesh.session_uid, name))
    # what is no number equals itself here, or every update would ask for another one
    if kept is not None and kept[0] is span and np.array_equal(kept[1], coefficients, equal_nan=True):
        return kept[2], True
    added = span.added(coefficients)
    memory.added[mesh.session_uid, name] = (span, coefficients, added)
    return added, False
