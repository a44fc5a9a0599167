"""Default finishes of a character's regions: plain Principled materials the user can edit like any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bpy

from ...blender.textures import image_node


@dataclass(frozen=True)
class Finish:
    """sRGB colour as people pick it, roughness, and how far light enters (metres, red channel)."""

    colour: str
    roughness: float = 0.6
    subsurface: float = 0.0


FINISHES = {
    "skin": Finish("#E3B199", 0.5, 0.012),
    "face": Finish("#E3B199", 0.5, 0.012),
    "lips": Finish("#B86B63", 0.38, 0.008),
    "nails": Finish("#D6A596", 0.3, 0.006),
    "hair": Finish("#2E211B", 0.42),
    "brows": Finish("#2E211B", 0.6),
    "eyebrows": Finish("#2E211B", 0.6),
    "lashes": Finish("#17110E", 0.6),
    "eyelashes": Finish("#17110E", 0.6),
    "eyes": Finish("#EDEAE4", 0.12),
    "mouth": Finish("#4A1F1E", 0.7),
    "iris": Finish("#4B6B78", 0.12),
    "pupil": Finish("#0B0B0C", 0.1),
    "teeth": Finish("#E8E2D2", 0.25),
    "tongue": Finish("#B4625F", 0.4, 0.008),
    "top": Finish("#33658A", 0.85),
    "shirt": Finish("#33658A", 0.85),
    "shorts": Finish("#2B2F38", 0.85),
    "trousers": Finish("#2B2F38", 0.85),
    "shoes": Finish("#5B4636", 0.6),
    "fur": Finish("#8A6A4A", 0.8),
    "muzzle": Finish("#7A5E45", 0.8),
    "mane": Finish("#45301F", 0.7),
    "hooves": Finish("#544030", 0.5),
    "horns": Finish("#C7B899", 0.4),
    "inner ear": Finish("#A87866", 0.7),
    "nose pad": Finish("#2A201D", 0.35),
    "udder": Finish("#C79485", 0.6),
}
OTHERS = (Finish("#A7A29A"), Finish("#7F8F7A"), Finish("#9C7B6B"), Finish("#6F7C91"))
"""For regions with names of the user's own, in turn."""


MARK = "semantify_material"
"""Custom property of a material: the model and the region that it was made for."""


def linear_rgb(colour: str) -> tuple[float, float, float]:
    """Scene-linear RGB of "#RRGGBB" sRGB."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return red, green, blue


def finish_of(region: str, index: int) -> Finish:
    """The finish of a region by its name ("left eyebrows" counts as eyebrows), else one of the neutral ones."""
    words = region.lower().replace("_", " ").replace("-", " ").split()
    names = (" ".join(words), *reversed(words))
    return next((FINISHES[name] for name in names if name in FINISHES), OTHERS[index % len(OTHERS)])


def shared_material(model: str, region: str, make: Callable[[], bpy.types.Material]) -> bpy.types.Material:
    """The material that characters of one model share for a region, made when the file has none.

    model: checksum of the morphable model. An edit of it shows on all of them, as with any data that objects share.
    """
    mark = f"{model}/{region}"
    for material in bpy.data.materials:
        if material.library is None and material.get(MARK) == mark:
            return material
    material = make()
    material[MARK] = mark
    return material


def untie(model: str) -> None:
    """Make the materials of a model plain ones when no character of it is left in the file."""
    if any(mesh.semantify.model_checksum == model for mesh in bpy.data.meshes):
        return
    for material in bpy.data.materials:
        if material.library is None and str(material.get(MARK, "")).startswith(f"{model}/"):
            del material[MARK]


def make_material(region: str, index: int) -> bpy.types.Material:
    """A new material for a region; colour set for rendering and for solid view alike."""
    finish = finish_of(region, index)
    colour = (*linear_rgb(finish.colour), 1.0)
    material = bpy.data.materials.new(region.replace("_", " ").replace("-", " ").capitalize())
    material.diffuse_color = colour
    material.roughness = finish.roughness
    if not material.node_tree:
        material.use_nodes = True
    shader = next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)
    if shader is None:
        return material
    values: dict[str, object] = {"Base Color": colour, "Roughness": finish.roughness}
    if finish.subsurface:
        # sockets by name, those that exist: they were renamed more than once
        values |= {
            "Subsurface Weight": 0.15,
            "Subsurface Radius": (finish.subsurface, finish.subsurface * 0.4, finish.subsurface * 0.25),
            "Subsurface Scale": 1.0,
        }
    for name, value in values.items():
        if name in shader.inputs:
            shader.inputs[name].default_value = value
    return material


def make_textured_material(image: bpy.types.Image) -> bpy.types.Material:
    """A new skin material that shows a texture through the mesh's UV map."""
    material = make_material("skin", 0)
    shader = next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)
    if shader is not None:
        node = image_node(material.node_tree, image)
        node.location = (shader.location.x - 300.0, shader.location.y)
        material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    return material
