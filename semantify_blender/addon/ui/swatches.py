"""Small pictures of plain colours for buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..state import memory

if TYPE_CHECKING:
    from ...core.colour import Colour

SIZE = 16
"""Pixels along a side."""


def swatch(colour: Colour) -> int:
    """Number of an icon that shows an sRGB colour; made once a session."""
    import bpy.utils.previews

    if memory.swatches is None:
        memory.swatches = bpy.utils.previews.new()
    name = ",".join(f"{part:.3f}" for part in colour)
    if name not in memory.swatches:
        preview = memory.swatches.new(name)
        preview.icon_size = preview.image_size = SIZE, SIZE
        preview.icon_pixels_float = preview.image_pixels_float = [*colour, 1.0] * (SIZE * SIZE)
    return memory.swatches[name].icon_id
