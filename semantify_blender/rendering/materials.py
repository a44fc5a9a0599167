"""Materials per region and the gradient background, whose numbers a look changes from picture to picture."""

import math

import bpy

from .looks import Colour, Look, direction, linear, region_colour

_ROUGHNESS = {"hair": 0.42, "eyes": 0.15, "iris": 0.15, "pupil": 0.1, "lips": 0.40, "skin": 0.50}
_SPECULAR = {"hair": 0.35, "top": 0.15, "shorts": 0.15, "skin": 0.32}


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


class RegionMaterial:
    """The material of one region."""

    def __init__(self, name: str, shade: Shade, roughness: float | None = None, specular: float | None = None) -> None:
        """name: decides colour and shine; roughness and specular override the latter."""
        self.region = name
        self.material = bpy.data.materials.new(f"semantify {name}")
        tree = _empty_tree(self.material)
        self._colour = tree.nodes.new("ShaderNodeRGB")
        surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
        surface.inputs["Roughness"].default_value = _ROUGHNESS.get(name, 0.8) if roughness is None else roughness
        surface.inputs["Specular IOR Level"].default_value = _SPECULAR.get(name, 0.2) if specular is None else specular
        glow = tree.nodes.new("ShaderNodeGroup")
        glow.node_tree = shade.tree
        both, output = tree.nodes.new("ShaderNodeAddShader"), tree.nodes.new("ShaderNodeOutputMaterial")
        tree.links.new(self._colour.outputs[0], surface.inputs["Base Color"])
        tree.links.new(self._colour.outputs[0], glow.inputs["Color"])
        tree.links.new(surface.outputs[0], both.inputs[0])
        tree.links.new(glow.outputs[0], both.inputs[1])
        tree.links.new(both.outputs[0], output.inputs["Surface"])
        if hasattr(self.material, "cycles"):
            self.material.cycles.emission_sampling = "NONE"  # the glow lights nothing but itself
        self._last: object = None

    def apply(self, look: Look) -> None:
        """Take the region's colour from a look's palette."""
        colour = region_colour(self.region, look.palette)
        if colour != self._last:
            self._last = colour
            self._colour.outputs[0].default_value = linear(colour)
            self.material.diffuse_color = linear(colour)  # what Workbench shows


class Background:
    """A two-colour gradient behind the figure that lights nothing."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self.world = bpy.data.worlds.new("semantify background")
        scene.world = self.world
        tree = _empty_tree(self.world)
        node, link = tree.nodes.new, tree.links.new
        where, along, scale = node("ShaderNodeTexCoord"), node("ShaderNodeVectorMath"), node("ShaderNodeMath")
        mix, output, surface = node("ShaderNodeMix"), node("ShaderNodeOutputWorld"), node("ShaderNodeBackground")
        along.operation = "DOT_PRODUCT"
        scale.operation, scale.use_clamp = "ADD", True
        mix.data_type = "RGBA"
        link(where.outputs["Window"], along.inputs[0])
        link(along.outputs["Value"], scale.inputs[0])
        link(scale.outputs[0], mix.inputs["Factor"])
        colours = [socket for socket in mix.inputs if socket.type == "RGBA"]
        link(next(socket for socket in mix.outputs if socket.type == "RGBA"), surface.inputs["Color"])
        link(surface.outputs[0], output.inputs["Surface"])
        self._along, self._offset, self._colours = along.inputs[1], scale.inputs[1], colours
        self._last: object = None
        if scene.render.engine != "CYCLES":
            # Cycles is told below which rays see the background, EEVEE here
            ray = node("ShaderNodeLightPath")
            link(ray.outputs["Is Camera Ray"], surface.inputs["Strength"])
        if hasattr(self.world, "cycles"):
            self.world.cycles.sampling_method = "NONE"
        for rays in ("diffuse", "glossy", "transmission", "scatter"):
            if hasattr(self.world, "cycles_visibility"):
                setattr(self.world.cycles_visibility, rays, False)

    def apply(self, look: Look) -> None:
        """Take the gradient from a look."""
        if (look.background, look.gradient) == self._last:
            return
        self._last = (look.background, look.gradient)
        angle = math.radians(look.gradient)
        right, up = math.cos(angle), math.sin(angle)
        self._along.default_value = (right, up, 0.0)
        self._offset.default_value = 0.5 - 0.5 * (right + up)
        for socket, colour in zip(self._colours, look.background, strict=True):
            socket.default_value = linear(colour)
        self.world.color = linear(look.background[0])[:3]


def _empty_tree(owner: bpy.types.Material | bpy.types.World) -> bpy.types.NodeTree:
    if not owner.use_nodes:
        owner.use_nodes = True  # always on, and deprecated, from 5.0
    owner.node_tree.nodes.clear()
    return owner.node_tree


def flat_material(colour: Colour, attribute: str | None = None) -> bpy.types.Material:
    """A material that has one colour whatever the light, or those of a colour attribute (scene-linear)."""
    material = bpy.data.materials.new("semantify flat")
    tree = _empty_tree(material)
    emission, output = tree.nodes.new("ShaderNodeEmission"), tree.nodes.new("ShaderNodeOutputMaterial")
    emission.inputs["Color"].default_value = linear(colour)
    if attribute:
        colours = tree.nodes.new("ShaderNodeAttribute")
        colours.attribute_name = attribute
        tree.links.new(colours.outputs["Color"], emission.inputs["Color"])
    tree.links.new(emission.outputs[0], output.inputs["Surface"])
    material.diffuse_color = linear(colour)
    if hasattr(material, "cycles"):
        material.cycles.emission_sampling = "NONE"
    return material


def attribute_material(attribute: str, shade: Shade) -> bpy.types.Material:
    """A matt material that shows a colour attribute (scene-linear)."""
    material = RegionMaterial(attribute, shade, roughness=0.9, specular=0.1)
    tree = material.material.node_tree
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = attribute
    plain = next(node for node in tree.nodes if node.type == "RGB")
    for link in list(plain.outputs[0].links):
        tree.links.new(colour.outputs["Color"], link.to_socket)
    tree.nodes.remove(plain)
    return material.material


def set_background(scene: bpy.types.Scene, colour: Colour) -> None:
    """One flat colour behind everything, which lights nothing."""
    Background(scene).apply(Look(background=(colour, colour)))
