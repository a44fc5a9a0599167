"""What a face or an expression moves of a character's mesh."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.model.grounded import Grounded
from ...core.model.head_on_body import HeadOnBody
from ...core.model.span import Span
from ..state import memory
from . import layers, models, rows


def head_of(layer: bpy.types.PropertyGroup) -> HeadOnBody | None:
    """A layer's head on the character's body; None when one of the models is missing, or does not fit (`problem`)."""
    body = layer.id_data.semantify
    key = (body.model_content, layer.model_content)
    found = memory.heads.get(key)
    if found is not None or _key(key) in memory.undecodable:
        return found
    on, head = models.model_of(body), models.model_of(layer)
    if on is None or head is None:
        return None
    try:
        found = memory.heads[key] = HeadOnBody.of(on, head)
    except SemantifyError as error:
        memory.undecodable[_key(key)] = str(error)
    return found


def problem(layer: bpy.types.PropertyGroup) -> str | None:
    """One sentence on why a layer cannot shape its character, as far as models go; None when it can."""
    if head_of(layer) is not None:
        return None
    body = layer.id_data.semantify
    return models.problem(layer) or memory.undecodable.get(_key((body.model_content, layer.model_content)))


def span_of(mesh: bpy.types.Mesh, name: str) -> Span | None:
    """What each component of a layer adds to every vertex of a mesh; None when a model is missing."""
    if rows.span_of(mesh) is None:
        return None
    grounded, marks, *_ = memory.spans[mesh.session_uid]
    head = head_of(layers.all_of(mesh.semantify)[name])
    if head is None:
        return None
    key = mesh.session_uid, name
    kept = memory.head_spans.get(key)
    if kept is None or kept[0] is not head or kept[1] is not marks:
        kept = memory.head_spans[key] = (head, marks, _span(mesh, grounded, marks, head))
    return kept[2]


def _span(mesh: bpy.types.Mesh, grounded: Grounded, marks: np.ndarray, head: HeadOnBody) -> Span:
    """One that another mesh has, where each vertex is a row of its own; else a new one."""
    numbers = rows.rows_of(mesh, len(grounded.points))
    if len(np.unique(numbers)) == len(numbers):
        for source, other, span in memory.head_spans.values():
            if source is head and np.array_equal(other, marks):
                return span
    by_row = np.zeros((len(head.basis), len(grounded.points), 3), np.float32)
    by_row[:, head.rows] = head.basis
    found = rows.spread(mesh, grounded, numbers, by_row)
    return Span.of(found.reshape(len(found), -1), grounded.points[np.maximum(numbers, 0)])


def _key(contents: tuple[str, str]) -> str:
    return "/".join(contents)
