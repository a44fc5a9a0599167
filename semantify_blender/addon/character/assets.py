"""A character as an asset: object, mesh, materials, mapper and model go together, as one hangs on the other."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.pictures import picture_of
from . import embedding, layers, looks, portraits, shape

SIDE = 256
"""Pixels of the preview, as Blender's own."""
TAG = "semantify"
_TELLING = 0.35
"""From which value a slider's word says something of the character."""


def mark(obj: bpy.types.Object, description: str = "") -> None:
    """Make a character an asset, or bring its preview, tags and description up to date if it is one.

    description: empty for the words that say most about it. The user's own tags stay.
    """
    obj.asset_mark()
    words = telling_words(obj.data)
    data = obj.asset_data
    subject = looks.subject(obj.data)
    data.description = description or f"{subject.capitalize()}: {', '.join(words) or 'at rest'}"
    for tag in (TAG, subject, *words):
        data.tags.new(tag, skip_if_exists=True)
    _picture(obj)


def telling_words(mesh: bpy.types.Mesh) -> list[str]:
    """The words whose sliders are far up, the farthest first."""
    found: list[tuple[float, str]] = []
    for layer in layers.all_of(mesh.semantify).values():
        mapper = embedding.mapper_of(layer)
        if mapper is not None:
            found += zip(shape.slider_values(layer).tolist(), (slider.name for slider in layer.sliders), strict=True)
    return [word for value, word in sorted(found, reverse=True) if value >= _TELLING]


def _picture(obj: bpy.types.Object) -> None:
    """The preview; without Cycles Blender's own, or none."""
    data = portraits.picture_of(obj.data, size=SIDE)
    if data is None:
        return
    image = bpy.data.images.new("semantify preview", 1, 1)
    try:
        image.pack(data=data, data_len=len(data))
        image.source = "FILE"
        pixels = picture_of(image).pixels
    finally:
        bpy.data.images.remove(image)
    preview = obj.preview_ensure()
    preview.image_size = SIDE, SIDE
    shown = np.ascontiguousarray(pixels[::-1], np.float32) / np.float32(255)
    preview.image_pixels_float.foreach_set(shown.ravel())
