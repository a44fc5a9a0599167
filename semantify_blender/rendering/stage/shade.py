"""Light of a figure that needs no rays, for all its materials."""

import bpy

from ...blender.nodes import Tree
from ...core.looks.look import Look, direction


class Shade:
    """Light that needs no rays: ambient from above and a fill light, as a node group of all materials.

    The key lamp alone is traced. Lamps picked at random per ray, or a sky, would cost many samples to be free of
    grain; this costs none, and looks alike in Cycles and EEVEE.
    """

    def __init__(self) -> None:
        tree = bpy.data.node_groups.new("semantify shade", "ShaderNodeTree")
        tree.interface.new_socket("Color", in_out="INPUT", socket_type="NodeSocketColor")
        tree.interface.new_socket("Shader", in_out="OUTPUT", socket_type="NodeSocketShader")
        node, link = tree.nodes.new, tree.links.new
        inputs, outputs, geometry = node("NodeGroupInput"), node("NodeGroupOutput"), node("ShaderNodeNewGeometry")
        fill, up, ambient, emission = (
            node("ShaderNodeVectorMath"),
            node("ShaderNodeSeparateXYZ"),
            node("ShaderNodeMath"),
            node("ShaderNodeEmission"),
        )
        fill.operation = "DOT_PRODUCT"
        link(geometry.outputs["Normal"], fill.inputs[0])
        link(geometry.outputs["Normal"], up.inputs[0])
        ambient.operation = "MULTIPLY_ADD"
        link(up.outputs["Z"], ambient.inputs[0])
        lit = node("ShaderNodeMath")
        lit.operation = "MAXIMUM"
        lit.inputs[1].default_value = 0.0
        link(fill.outputs["Value"], lit.inputs[0])
        total = node("ShaderNodeMath")
        total.operation = "ADD"
        link(lit.outputs[0], total.inputs[0])
        link(ambient.outputs[0], total.inputs[1])
        link(inputs.outputs["Color"], emission.inputs["Color"])
        link(total.outputs[0], emission.inputs["Strength"])
        link(emission.outputs[0], outputs.inputs[0])
        self.tree, self._fill, self._ambient = tree, fill, ambient
        self._last: object = None

    def apply(self, look: Look, azimuth: float) -> None:
        """Aim the fill light for a camera at `azimuth` degrees."""
        wanted = (azimuth, look.fill_azimuth, look.fill_elevation, look.fill_strength, look.ambient)
        if wanted == self._last:
            return  # any write, of the same number too, makes Cycles build all materials again
        self._last = wanted
        towards = direction(azimuth + look.fill_azimuth, look.fill_elevation)
        self._fill.inputs[1].default_value = tuple(look.fill_strength * part for part in towards)
        self._ambient.inputs[1].default_value = 0.35 * look.ambient
        self._ambient.inputs[2].default_value = 0.65 * look.ambient


def empty_tree(owner: bpy.types.Material | bpy.types.World) -> bpy.types.NodeTree:
    """The emptied node tree of a material or world."""
    if owner.node_tree is None:
        owner.use_nodes = True  # from 5.0 there is always a tree, and asking for it is deprecated
    owner.node_tree.nodes.clear()
    return owner.node_tree


def lit(
    material: bpy.types.Material,
    shade: Shade,
    colour: bpy.types.NodeSocket,
    roughness: float | bpy.types.NodeSocket,
    specular: float | bpy.types.NodeSocket,
) -> None:
    """Make a surface of this colour, which the lamp and the shade light, a material's own."""
    tree = Tree(material.node_tree)
    surface = tree.surface({"Base Color": colour, "Roughness": roughness, "Specular IOR Level": specular})
    glow, both = tree.node("ShaderNodeGroup"), tree.node("ShaderNodeAddShader")
    glow.node_tree = shade.tree
    tree.put(glow.inputs["Color"], colour)
    tree.put(both.inputs[0], surface)
    tree.put(both.inputs[1], glow.outputs[0])
    tree.put(tree.node("ShaderNodeOutputMaterial").inputs["Surface"], both.outputs[0])
    if hasattr(material, "cycles"):
        material.cycles.emission_sampling = "NONE"  # the glow lights nothing but itself
