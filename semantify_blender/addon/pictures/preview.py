"""Small pictures of the crops that fits used, for the panel. They live in this session only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..state import memory

if TYPE_CHECKING:
    import numpy as np

    from ...core.pictures.crop import Cut

_SIDE, _LEAST = 256, 32
"""Pixels of a preview's side, and of each picture's in it at least."""
_BOLD = 1.7
"""The panel shows them at half that size on an ordinary screen."""


def keep(cuts: Sequence[Cut]) -> str:
    """Remember the crops of one fit side by side, with what was found drawn over them.

    Returns the name of the preview.
    """
    import numpy as np

    from ...core.pictures.marked import marked

    side = int(np.ceil(np.sqrt(len(cuts))))
    size = max(_LEAST, _SIDE // side)
    sheet = np.full((side * size, side * size, 4), 0.0, np.float32)
    for i, cut in enumerate(cuts):
        top, left = i // side * size, i % side * size
        sheet[top : top + size, left : left + size, :3] = marked(cut, size, _BOLD) / np.float32(255)
        sheet[top : top + size, left : left + size, 3] = 1.0
    return kept(sheet[::-1])


def kept(pixels: np.ndarray) -> str:
    """Remember a picture (H, W, 4) float32, the lowest row first, for this session. Returns the name of its preview."""
    import bpy.utils.previews
    import numpy as np

    shown = np.ascontiguousarray(pixels)
    name = hashlib.sha256(shown.tobytes()).hexdigest()[:16]
    if memory.previews is None:
        memory.previews = bpy.utils.previews.new()
    if name not in memory.previews:
        preview = memory.previews.new(name)
        preview.image_size = shown.shape[1], shown.shape[0]
        preview.image_pixels_float.foreach_set(shown.ravel())
    return name


def icon(name: str) -> int:
    """Icon number of a preview; 0 when there is none in this session."""
    return memory.previews[name].icon_id if memory.previews is not None and name in memory.previews else 0
