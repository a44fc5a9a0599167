"""A small picture of a character for presets and assets."""

from __future__ import annotations

import bpy

from ...blender.portrait import portrait, shown_points
from . import models

SIDE = 128
"""Pixels of a preset's picture."""
_PERSON = 1.05
"""Heights of the window in those of what it shows."""
_SMALL_PERSON = 1.9
"""Metres of the window at least: that a short person is short is seen."""
_HEAD, _HEAD_CENTRE = 0.2, 0.078
"""Height of a window around the head, and how far its middle is below the top, in heights of the body."""


def picture_of(mesh: bpy.types.Mesh, head: bool = False, size: int = SIDE) -> bytes | None:
    """A PNG with alpha of a character at rest, without its rig and modifiers; None where none can be taken.

    head: its head alone, where it has a body.
    """
    points = shown_points(mesh)
    low, high = points.min(0), points.max(0)
    extent = high - low
    model = None if len(mesh.semantify.keys) else models.model_of(mesh.semantify)
    turn = 25.0 if model is None else model.framing.turn
    x, y, z = ((low + high) / 2).tolist()
    standing = model is not None and model.framing.floor and extent[2] > extent[1]
    if head and standing:
        top = float(high[2])
        near = points[points[:, 2] > top - 0.1 * float(extent[2])]
        y = float((near[:, 1].min() + near[:, 1].max()) / 2)
        # an expression is read from the front
        return portrait(mesh, size, 12.0, (x, y, top - _HEAD_CENTRE * float(extent[2])), _HEAD * float(extent[2]))
    height = _PERSON * float(extent.max())
    if standing:
        height = max(height, _SMALL_PERSON)
        z = height / 2 - 0.02 * height
    return portrait(mesh, size, turn, (x, y, z), height)
