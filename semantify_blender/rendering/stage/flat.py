"""Materials of single colours or of a mesh's own ones: paper, ink, labels, maps of numbers."""

import bpy

from ...core.colour import Colour, linear_rgba
from .shade import Shade, empty_tree, lit


def flat_material(colour: Colour, attribute: str | None = None) -> bpy.types.Material:
    """A material that has one colour whatever the light, or those of a colour attribute (scene-linear)."""
    material = bpy.data.materials.new("semantify flat")
    tree = empty_tree(material)
    emission, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value = linear_rgba(colour)
    if attribute:
        colours = tree.nodes.new("ShaderNodeAttribute")
        colours.attribute_name = attribute
        tree.links.new(colours.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs[0], output.inputs["Surface"])
    material.diffuse_color = linear_rgba(colour)
    if hasattr(material, "cycles"):
        material.cycles.emission_sampling = "NONE"
    return material


def attribute_material(attribute: str, shade: Shade) -> bpy.types.Material:
    """A matt material that shows a colour attribute (scene-linear)."""
    material = bpy.data.materials.new(f"semantify {attribute}")
    colours = empty_tree(material).nodes.new("ShaderNodeAttribute")
    colours.attribute_name = attribute
    lit(material, shade, colours.outputs["Color"], 0.9, 0.1)
    return material
