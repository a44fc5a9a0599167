"""A character's painted colours as pictures for other programs: on the surfaces that exporters take, unseen here."""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.materials import EXPORT, OF_EYES, REGION
from ...blender.textures import UV_MAP
from ...core.colour import Colour, srgb
from ...core.errors import SemantifyError
from ...core.model.drawn_colours import LAYERS, drawn_colours
from ...core.pictures.png import png_bytes
from . import colours, models

EYES = ("iris", "pupil")


def draw(mesh: bpy.types.Mesh) -> list[bpy.types.Image]:
    """Draw the colours as they are now, and lay them on. Returns the pictures, packed in the file.

    A change of colour takes them off again. Raises SemantifyError for a character on which nothing is painted.
    """
    model = models.require_model(mesh.semantify)
    plain = {material: material.node_tree.nodes.get(EXPORT) for material in mesh.materials if material is not None
             and material.node_tree is not None and material.get(REGION)}  # fmt: skip
    plain = {material: node for material, node in plain.items() if node is not None}
    if not model.paint or not plain:
        raise SemantifyError(f"nothing is painted on {mesh.name!r}: exporters see its materials as they are")
    now = {name: _now(mesh, name) for name in ("skin", "eyes", "flush", *LAYERS)}
    made = []
    for eyes in (False, True):
        theirs = [node for material, node in plain.items() if (material[REGION] in OF_EYES) == eyes]
        if not theirs:
            continue
        names = EYES if eyes else tuple(name for name in LAYERS if name not in EYES)
        found = {name: colour for name, colour in now.items() if colour is not None and name in (*names, "flush")}
        if eyes:
            found.pop("flush", None)
        base = now["eyes" if eyes else "skin"]
        picture = drawn_colours(model.paint, {**found, "": base or (0.5, 0.5, 0.5)}, names)
        made.append(_image(f"{mesh.name} {'eyes' if eyes else 'skin'}", picture))
        for node in theirs:
            _lay_on(node, made[-1])
    return made


def _now(mesh: bpy.types.Mesh, name: str) -> Colour | None:
    found = colours.linear_colour(mesh, name)
    if found is None:
        return None
    red, green, blue = srgb(np.array(found, np.float64)).tolist()
    return red, green, blue


def _image(name: str, picture: np.ndarray) -> bpy.types.Image:
    image = bpy.data.images.new(name, 1, 1)
    content = png_bytes(picture, smooth=True)
    image.pack(data=content, data_len=len(content))
    image.source = "FILE"
    return image


def _lay_on(node: bpy.types.Node, image: bpy.types.Image) -> None:
    tree = node.id_data
    for link in list(node.inputs["Base Color"].links):
        tree.nodes.remove(link.from_node)
    uv, texture = tree.nodes.new("ShaderNodeUVMap"), tree.nodes.new("ShaderNodeTexImage")
    uv.uv_map, texture.image = UV_MAP, image
    tree.links.new(uv.outputs[0], texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], node.inputs["Base Color"])
