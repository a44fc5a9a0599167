"""Materials of a model without paint: a plain Principled one a region, which the user can edit like any other."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from ...blender.materials import REGION
from ...blender.textures import image_node
from ...core.colour import Colour, from_hex, linear_rgba
from ...core.palette import PALETTE, region_colour


@dataclass(frozen=True)
class Finish:
    """sRGB colour, roughness, and how far light enters (metres, red channel)."""

    colour: Colour
    roughness: float = 0.6
    subsurface: float = 0.0


_SURFACES = {
    "skin": (0.5, 0.012), "face": (0.5, 0.012), "lips": (0.38, 0.008), "nails": (0.3, 0.006), "hair": (0.42,),
    "brows": (0.6,), "eyebrows": (0.6,), "lashes": (0.6,), "eyelashes": (0.6,), "eyes": (0.12,), "mouth": (0.7,),
    "iris": (0.12,), "pupil": (0.1,), "teeth": (0.25,), "tongue": (0.4, 0.008), "gums": (0.35, 0.008), "top": (0.85,),
    "shirt": (0.85,), "shorts": (0.85,), "trousers": (0.85,), "shoes": (0.6,), "fur": (0.8,), "belly fur": (0.8,),
    "muzzle": (0.8,), "mane": (0.7,), "hooves": (0.5,), "horns": (0.4,), "inner ear": (0.7,), "nose pad": (0.35,),
    "udder": (0.6,), "animal iris": (0.12,), "nostrils": (0.5,), "mouth line": (0.7,),
}  # fmt: skip
FINISHES = {name: Finish(region_colour(name, PALETTE), *surface) for name, surface in _SURFACES.items()}
"""By a region's name; the colours are those of the renders."""
BODY = "body"
"""Name of what is in no region."""
OTHERS = tuple(Finish(from_hex(colour)) for colour in ("#A7A29A", "#7F8F7A", "#9C7B6B", "#6F7C91"))
"""For regions with names of the user's own, in turn."""


def finish_of(region: str, index: int) -> Finish:
    """The finish of a region by its name ("left eyebrows" counts as eyebrows), else one of the neutral ones."""
    words = region.lower().replace("_", " ").replace("-", " ").split()
    names = (" ".join(words), *reversed(words))
    return next((FINISHES[name] for name in names if name in FINISHES), OTHERS[index % len(OTHERS)])


def make_material(region: str, index: int) -> bpy.types.Material:
    """A new material for a region; colour set for rendering and for solid view alike."""
    finish = finish_of(region, index)
    colour = linear_rgba(finish.colour)
    material = bpy.data.materials.new(region.replace("_", " ").replace("-", " ").capitalize())
    material[REGION] = region
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
