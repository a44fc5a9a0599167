"""What of a mesh's own materials its pictures show: one region per material, in the material's colour."""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np

from ...core.colour import srgb
from ...core.files.bounds import LARGEST, REGIONS
from .images import is_linear, mean_colour, not_one_picture, pixels_of, tile_colour, tiles
from .names import label, listed, readable
from .shaders import base_socket, image_node_behind, uv_layer_of
from .shells import face_slots

_TEXTURE = 1024
"""Pixels a side that a model's texture has at most."""


def material_regions(
    obj: bpy.types.Object,
) -> tuple[dict[str, np.ndarray], dict[str, list[float]]]:
    """Regions and their colours, from the object's material slots.

    Returns region name -> (F,) bool for every material that shows on a face, and region name -> sRGB colour in 0..1.
    Faces of an empty slot belong to no region. A material whose image has UDIM tiles is one region a tile.
    """
    slots = face_slots(obj)
    regions: dict[str, np.ndarray] = {}
    colours: dict[str, list[float]] = {}
    for number, slot in enumerate(obj.material_slots):
        mask = slots == number
        if slot.material is None or not mask.any():
            continue
        name = label(slot.material, f"material {number + 1}")
        for part, (faces, colour) in _parts(obj.data, slot.material, name, mask).items():
            regions[part] = regions.get(part, np.zeros(len(slots), bool)) | faces
            colours[part] = [float(channel) for channel in srgb(colour)]
    if len(regions) > REGIONS:
        # a model file holds no more; what shows on fewest faces is painted as skin
        most = sorted(regions, key=lambda name: int(regions[name].sum()), reverse=True)[:REGIONS]
        regions = {name: mask for name, mask in regions.items() if name in most}
    return regions, {name: colours[name] for name in regions}


def _parts(
    mesh: bpy.types.Mesh, material: bpy.types.Material, name: str, mask: np.ndarray
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Region name -> faces (F,) bool and scene-linear colour, of the faces that show a material."""
    node = image_node_behind(base_socket(material))
    colour = base_colour(material)
    layer = uv_layer_of(node, mesh) if node is not None and node.image.source == "TILED" else None
    if node is None or layer is None:
        return {name: (mask, colour)}
    shown = _tile_numbers(mesh, layer)
    found = {}
    for tile in np.unique(shown[mask]).tolist():
        there = tile_colour(node.image, tile) if tile in tiles(node.image) else None
        found[f"{name} {tile}"] = (mask & (shown == tile), colour if there is None else there)
    return found if len(found) > 1 else {name: next(iter(found.values()))}


def _tile_numbers(mesh: bpy.types.Mesh, layer: bpy.types.MeshUVLoopLayer) -> np.ndarray:
    """(F,) number of the UDIM tile that each face's middle lies on."""
    flat = np.empty(2 * len(mesh.loops), np.float32)
    layer.data.foreach_get("uv", flat)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    sizes = np.diff(np.append(starts, len(mesh.loops)))
    middle = np.add.reduceat(np.nan_to_num(flat.reshape(-1, 2)).astype(np.float64), starts) / sizes[:, None]
    column, row = np.clip(np.floor(middle), 0, 99).astype(int).T
    return 1001 + np.minimum(column, 9) + 10 * row


def texture_of(obj: bpy.types.Object, shown: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """The colour texture of a mesh that shows one image on all its faces: (n,) uint8 of a PNG file, and its UVs (L, 2).

    shown: (F,) bool, the faces that count. At most 1024 pixels a side. None where faces have several images, any has
    none, or the image is not one picture.
    """
    slots = np.unique(face_slots(obj)[shown]).tolist() if len(obj.material_slots) else []
    found = [image_node_behind(base_socket(obj.material_slots[slot].material)) for slot in slots]
    nodes = [node for node in found if node is not None]
    if len(nodes) < len(found) or len({node.image for node in nodes}) != 1:
        return None
    layers = {layer.name if layer else None for layer in (uv_layer_of(node, obj.data) for node in nodes)}
    layer = layers.pop() if len(layers) == 1 else None
    uv = None if layer is None else _uv(obj.data, obj.data.uv_layers[layer])
    data = None if uv is None else _png(nodes[0].image)
    return None if uv is None or data is None else (data, uv)


def _uv(mesh: bpy.types.Mesh, layer: bpy.types.MeshUVLoopLayer) -> np.ndarray | None:
    """(L, 2) float32, None where any is no number or too far out to be stored."""
    flat = np.empty(2 * len(mesh.loops), np.float32)
    if len(layer.data) != len(mesh.loops):
        return None
    layer.data.foreach_get("uv", flat)
    return flat.reshape(-1, 2) if (np.abs(flat) <= LARGEST).all() else None


def active_uv(mesh: bpy.types.Mesh) -> np.ndarray | None:
    """(L, 2) float32 of the active UV map; None without one that is of use."""
    layer = mesh.uv_layers.active
    return None if layer is None else _uv(mesh, layer)


def _png(image: bpy.types.Image) -> np.ndarray | None:
    pixels = pixels_of(image, _TEXTURE)
    if pixels is None or pixels.shape[2] < 3:
        return None
    height, width = pixels.shape[:2]
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = srgb(pixels[..., :3]) if is_linear(image) else pixels[..., :3]
    copy = bpy.data.images.new("semantify texture", width, height)
    try:
        copy.pixels.foreach_set(rgba.ravel())
        with tempfile.TemporaryDirectory(prefix="semantify-") as folder:
            copy.filepath_raw, copy.file_format = str(Path(folder) / "texture.png"), "PNG"
            copy.save()
            return np.fromfile(copy.filepath_raw, np.uint8)
    finally:
        bpy.data.images.remove(copy)


def image_notes(obj: bpy.types.Object) -> list[str]:
    """Which images of its materials pictures cannot show as they are, a sentence."""
    odd = {}
    for number, slot in enumerate(obj.material_slots):
        node = image_node_behind(base_socket(slot.material))
        reason = not_one_picture(node.image) if node is not None else None
        if node is not None and reason:
            material = readable(slot.material, f"material {number + 1}")
            odd[f"{readable(node.image, 'an image')} of {material} {reason}"] = True
    return [f"shown in plain colours: {listed(list(odd))}"] if odd else []


def base_colour(material: bpy.types.Material) -> np.ndarray:
    """(3,) scene-linear: the shader's base colour, a texture's mean there, else the viewport colour."""
    plain = np.array(material.diffuse_color[:3])
    socket = base_socket(material)
    if socket is None:
        return plain
    if not socket.is_linked:
        return np.array(socket.default_value[:3])
    node = image_node_behind(socket)
    mean = None if node is None else mean_colour(node.image)
    return plain if mean is None else mean
