"""Faces that hide nothing, such as the cornea over an eye: painted opaque they would hide what an artist sees."""

from __future__ import annotations

import bpy
import numpy as np

from .images import pixels_of
from .shaders import Opacity, opacity, uv_layer_of

CLEAR = 0.1
"""A face that hides less than this share of what lies behind it is left out of pictures."""


def face_slots(obj: bpy.types.Object) -> np.ndarray:
    """(F,) int32 material slot that each face shows, −1 without slots; beyond the last slot the last, as in Blender."""
    slots = np.empty(len(obj.data.polygons), np.int32)
    obj.data.polygons.foreach_get("material_index", slots)
    return np.clip(slots, 0, None).clip(None, len(obj.material_slots) - 1)


def seen_through(obj: bpy.types.Object) -> np.ndarray:
    """(F,) bool: faces whose material, or whose texture where they lie on it, is clear."""
    slots = face_slots(obj)
    clear = np.zeros(len(slots), bool)
    for number, slot in enumerate(obj.material_slots):
        mask = slots == number
        if slot.material is not None and mask.any():
            clear |= mask & (_face_opacity(obj.data, opacity(slot.material), mask) < CLEAR)
    return clear


def _face_opacity(mesh: bpy.types.Mesh, found: Opacity, mask: np.ndarray) -> np.ndarray:
    """(F,) float64 opacity of the faces of a mask, 1 elsewhere."""
    result = np.where(mask, found.amount, 1.0)
    layer = uv_layer_of(found.node, mesh) if found.node is not None else None
    pixels = pixels_of(found.node.image, 1024) if layer is not None and found.node is not None else None
    if layer is None or pixels is None:
        return result
    channel = 3 if found.alpha else 0
    if channel >= pixels.shape[2]:
        return result
    flat = np.empty(2 * len(mesh.loops), np.float32)
    layer.data.foreach_get("uv", flat)
    uv = np.nan_to_num(flat.reshape(-1, 2), posinf=0.0, neginf=0.0).astype(np.float64)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    sizes = np.diff(np.append(starts, len(uv)))
    centres = np.add.reduceat(uv, starts) / sizes[:, None]
    # half-way between centre and corners: a corner itself often lies just outside of what is painted
    inside = (uv + np.repeat(centres, sizes, axis=0)) / 2
    values = np.add.reduceat(_sampled(pixels[..., channel], inside), starts) + _sampled(pixels[..., channel], centres)
    return np.where(mask, result * values / (sizes + 1), 1.0)


def _sampled(plane: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Nearest pixels (N,) of a plane (height, width) that repeats. uv: (N, 2)."""
    height, width = plane.shape
    columns = np.clip(((uv[:, 0] % 1.0) * width).astype(int), 0, width - 1)
    rows = np.clip(((uv[:, 1] % 1.0) * height).astype(int), 0, height - 1)
    return plane[rows, columns].astype(np.float64)
