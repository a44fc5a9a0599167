"""What of a mesh's own materials its pictures show: one region per material, in the material's colour."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np

_AT_ONCE = 2048 * 2048
"""Pixels up to which a picture is read whole; larger ones are shrunk by Blender first."""
_SMALL, _TEXTURE = 64, 1024
"""Pixels a side that a mean colour is taken from, and that a model's texture has at most."""


def material_regions(obj: bpy.types.Object) -> tuple[dict[str, np.ndarray], dict[str, list[float]]]:
    """Regions and their colours, from the object's material slots.

    Returns region name -> (F,) bool for every material that shows on a face, and region name -> sRGB colour in 0..1.
    Faces of an empty slot belong to no region.
    """
    shown = np.empty(len(obj.data.polygons), np.int32)
    obj.data.polygons.foreach_get("material_index", shown)
    # faces that point past the last slot show the last one, as Blender draws them
    shown = np.minimum(shown, len(obj.material_slots) - 1)
    regions: dict[str, np.ndarray] = {}
    colours: dict[str, list[float]] = {}
    for number, slot in enumerate(obj.material_slots):
        mask = shown == number
        if slot.material is None or not mask.any():
            continue
        name = slot.material.name
        regions[name] = regions.get(name, np.zeros(len(shown), bool)) | mask
        colours[name] = [float(channel) for channel in srgb(base_colour(slot.material))]
    return regions, colours


def texture_bytes(obj: bpy.types.Object) -> np.ndarray | None:
    """The colour texture of a mesh that has one UV map and one image on all its faces: (n,) uint8 of a PNG file.

    At most 1024 pixels a side. None where faces have several images, or any has none.
    """
    shown = np.empty(len(obj.data.polygons), np.int32)
    obj.data.polygons.foreach_get("material_index", shown)
    slots = np.unique(np.minimum(shown, len(obj.material_slots) - 1)).tolist() if len(obj.material_slots) else []
    images = {_base_image(obj.material_slots[slot].material) for slot in slots}
    image = images.pop() if len(images) == 1 else None
    pixels = None if image is None else _pixels(image, _TEXTURE)
    if pixels is None or pixels.shape[2] < 3:
        return None
    height, width = pixels.shape[:2]
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = pixels[..., :3]
    copy = bpy.data.images.new("semantify texture", width, height)
    try:
        copy.pixels.foreach_set(rgba.ravel())
        with tempfile.TemporaryDirectory(prefix="semantify-") as folder:
            copy.filepath_raw, copy.file_format = str(Path(folder) / "texture.png"), "PNG"
            copy.save()
            return np.fromfile(copy.filepath_raw, np.uint8)
    finally:
        bpy.data.images.remove(copy)


def base_colour(material: bpy.types.Material) -> np.ndarray:
    """(3,) scene-linear: the Principled shader's base colour, a texture's mean there, else the viewport colour."""
    plain = np.array(material.diffuse_color[:3])
    socket = _base_socket(material)
    if socket is None:
        return plain
    if not socket.is_linked:
        return np.array(socket.default_value[:3])
    image = _image_behind(socket)
    return plain if image is None else _mean_colour(image, plain)


def _base_socket(material: bpy.types.Material) -> bpy.types.NodeSocket | None:
    tree = material.node_tree if material.use_nodes else None
    shader = next((node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"), None) if tree else None
    return shader.inputs.get("Base Color") if shader else None


def _base_image(material: bpy.types.Material | None) -> bpy.types.Image | None:
    socket = _base_socket(material) if material else None
    return _image_behind(socket) if socket else None


def _image_behind(socket: bpy.types.NodeSocket, depth: int = 8) -> bpy.types.Image | None:
    """The first image texture upstream of a socket."""
    for link in socket.links:
        node = link.from_node
        if node.type == "TEX_IMAGE":
            return node.image
        if depth:
            for other in node.inputs:
                found = _image_behind(other, depth - 1)
                if found is not None:
                    return found
    return None


def _mean_colour(image: bpy.types.Image, otherwise: np.ndarray) -> np.ndarray:
    """Mean of an image's opaque pixels, scene-linear; `otherwise` when the file is missing."""
    pixels = _pixels(image, _SMALL)
    if pixels is None or pixels.shape[2] < 3:
        return otherwise
    flat = pixels.reshape(-1, pixels.shape[2]).astype(np.float64)
    weight = flat[:, 3] if flat.shape[1] > 3 and flat[:, 3].any() else np.ones(len(flat))
    mean = (flat[:, :3] * weight[:, None]).sum(0) / weight.sum()
    # 8-bit colour textures hold display values, float and data textures linear ones
    return mean if image.is_float or image.colorspace_settings.name == "Non-Color" else _linear(mean)


def _pixels(image: bpy.types.Image, most: int) -> np.ndarray | None:
    """(height, width, channels) float32 of an image, at most so many pixels a side; None when the file is missing."""
    width, height = image.size
    if not width * height:
        return None
    large = width * height > _AT_ONCE
    # a copy is read from its file again, which does for shrinking the large ones; edits in memory it does not have
    source = image.copy() if large else image
    try:
        if large:
            factor = min(1.0, most / max(width, height))
            source.scale(max(1, round(width * factor)), max(1, round(height * factor)))
        width, height = source.size
        values = np.empty(width * height * source.channels, np.float32)
        source.pixels.foreach_get(values)
    except RuntimeError:
        return None
    finally:
        if large:
            bpy.data.images.remove(source)
    step = -(-max(width, height) // most)
    return values.reshape(height, width, -1)[::step, ::step]


def srgb(linear: np.ndarray) -> np.ndarray:
    """Scene-linear to sRGB, cut to 0..1."""
    values = np.clip(linear, 0.0, 1.0)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def _linear(values: np.ndarray) -> np.ndarray:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
