"""Small pictures of the crops that fits used, for the panel. They live in this session only."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ..state import memory

if TYPE_CHECKING:
    import numpy as np


def keep(pictures: list[np.ndarray]) -> str:
    """Remember the crops of one fit side by side. pictures: (S, S, 3) uint8 each. Returns the name of the preview."""
    import bpy.utils.previews
    import numpy as np

    size = pictures[0].shape[0]
    side = int(np.ceil(np.sqrt(len(pictures))))
    sheet = np.full((side * size, side * size, 4), 0.0, np.float32)
    for i, pixels in enumerate(pictures):
        top, left = i // side * size, i % side * size
        sheet[top : top + size, left : left + size, :3] = pixels / np.float32(255)
        sheet[top : top + size, left : left + size, 3] = 1.0
    name = hashlib.sha256(sheet.tobytes()).hexdigest()[:16]
    if memory.previews is None:
        memory.previews = bpy.utils.previews.new()
    if name not in memory.previews:
        step = max(1, side * size // 256)
        shown = np.ascontiguousarray(sheet[::-step, ::step])
        preview = memory.previews.new(name)
        preview.image_size = shown.shape[1], shown.shape[0]
        preview.image_pixels_float.foreach_set(shown.ravel())
    return name


def icon(name: str) -> int:
    """Icon number of a preview; 0 when there is none in this session."""
    return memory.previews[name].icon_id if memory.previews is not None and name in memory.previews else 0
