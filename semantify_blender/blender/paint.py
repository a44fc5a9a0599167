"""A model's painted lines as Blender images, and the nodes that draw them: smooth at any size.

Each line is a signed distance (`MorphableModel.paint`); four share the channels of an image, so that a material looks
up few of them.
"""

from collections.abc import Mapping

import bpy
import numpy as np

from ..core.pictures.png import png_bytes
from .textures import UV_MAP

FIRST = ("hair", "brows", "lips", "iris", "pupil", "nails", "flush")
"""What comes first, so that the first image holds what is seen from afar."""
_CHANNELS = ("Red", "Green", "Blue")


Images = list[tuple[bpy.types.Image, tuple[str, ...]]]
"""Each with the names of the paints in its red, green, blue and alpha channel."""


def paint_images(
    name: str, paint: Mapping[str, np.ndarray], kept: Mapping[tuple[str, ...], bpy.types.Image] | None = None
) -> Images:
    """Images packed into the .blend.

    name: of the model. paint: name -> (S, S) uint8, row 0 at v = 0, all of one size. kept: images that are there
    already, by the paints in them.
    """
    known = [key for key in FIRST if key in paint]
    names = [*known, *(key for key in paint if key not in known)]
    found = []
    for start in range(0, len(names), 4):
        group = tuple(names[start : start + 4])
        if kept and group in kept:
            found.append((kept[group], group))
            continue
        pixels = np.zeros((*paint[group[0]].shape, 4), np.uint8)
        pixels[..., 3] = 255
        for channel, key in enumerate(group):
            pixels[..., channel] = paint[key][::-1]  # a picture's first row is its highest
        found.append((_image(f"{name} {' '.join(group)}", pixels), group))
    return found


def _image(name: str, pixels: np.ndarray) -> bpy.types.Image:
    image = bpy.data.images.new(name, 1, 1, alpha=True)
    content = png_bytes(pixels, smooth=True)
    image.pack(data=content, data_len=len(content))
    image.source = "FILE"
    image.colorspace_settings.is_data = True  # by no name: other colour configurations have other ones
    image.alpha_mode = "CHANNEL_PACKED"  # four numbers, none of them transparency
    return image


class PaintNodes:
    """The distances of all paints in one node tree, each a socket in 0..1 where 128/255 is the edge."""

    def __init__(self, tree: bpy.types.NodeTree, images: Images, smooth: bool = False) -> None:
        """smooth: cubic interpolation, for pictures from near by; else linear, which is faster."""
        self.tree = tree
        self._sockets: dict[str, bpy.types.NodeSocket] = {}
        uv = tree.nodes.new("ShaderNodeUVMap")
        uv.uv_map = UV_MAP
        for image, names in images:
            texture, parts = tree.nodes.new("ShaderNodeTexImage"), tree.nodes.new("ShaderNodeSeparateColor")
            texture.image, texture.extension = image, "CLIP"
            texture.interpolation = "Cubic" if smooth else "Linear"
            tree.links.new(uv.outputs[0], texture.inputs["Vector"])
            tree.links.new(texture.outputs["Color"], parts.inputs[0])
            for channel, name in zip(_CHANNELS, names, strict=False):
                self._sockets[name] = parts.outputs[channel]
            if len(names) == 4:
                self._sockets[names[3]] = texture.outputs["Alpha"]

    def __contains__(self, name: str) -> bool:
        return name in self._sockets

    def distance(self, name: str) -> bpy.types.NodeSocket:
        """The paint's number itself."""
        return self._sockets[name]

    def inside(self, name: str, softness: float = 0.004) -> bpy.types.NodeSocket:
        """1 inside the edge, 0 outside. softness: half the width of the way between, in parts of the paint's range."""
        ramp = self.tree.nodes.new("ShaderNodeMapRange")
        edge = 128 / 255
        for socket, value in zip(ramp.inputs[1:5], (edge - softness, edge + softness, 0.0, 1.0), strict=True):
            socket.default_value = value
        self.tree.links.new(self._sockets[name], ramp.inputs["Value"])
        return ramp.outputs[0]
