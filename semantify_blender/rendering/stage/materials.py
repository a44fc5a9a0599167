"""Materials per region and the gradient background, whose numbers a look changes from picture to picture."""

import math

import bpy
import numpy as np

from ...blender.textures import image_node, texture_image
from ...core.colour import Colour, linear_rgba
from ...core.errors import SemantifyError
from ...core.looks.look import Look, direction
from ...core.model.morphable_model import MorphableModel
from ...core.palette import region_colour

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


def own_colour(model: MorphableModel, region: str) -> Colour | None:
    """The sRGB colour that a model itself gives a region (metadata "region_colours": name -> three numbers in 0..1).

    None where it gives none. Raises SemantifyError when it is no colour.
    """
    colours = model.metadata.get("region_colours")
    value = colours.get(region) if isinstance(colours, dict) else None
    if value is None:
        return None
    if not (isinstance(value, list) and len(value) == 3 and all(isinstance(part, int | float) for part in value)):
        raise SemantifyError(f"model {model.name!r}: metadata region_colours.{region} is {value!r}: give [r, g, b]")
    red, green, blue = (min(1.0, max(0.0, float(part))) for part in value)
    return red, green, blue


class RegionMaterial:
    """The material of one region."""

    def __init__(
        self,
        name: str,
        shade: Shade,
        roughness: float | None = None,
        specular: float | None = None,
        colour: Colour | None = None,
        striped: bool = False,
    ) -> None:
        """name: decides colour and shine; roughness and specular override the latter, colour every look's palette.

        striped: a garment, which shows a look's stripes.
        """
        self.region, self.own_colour = name, colour
        self.material = bpy.data.materials.new(f"semantify {name}")
        tree = _empty_tree(self.material)
        self._colour = tree.nodes.new("ShaderNodeRGB")
        surface = tree.nodes.new("ShaderNodeBsdfPrincipled")
        surface.inputs["Roughness"].default_value = _ROUGHNESS.get(name, 0.8) if roughness is None else roughness
        surface.inputs["Specular IOR Level"].default_value = _SPECULAR.get(name, 0.2) if specular is None else specular
        glow = tree.nodes.new("ShaderNodeGroup")
        glow.node_tree = shade.tree
        both, output = tree.nodes.new("ShaderNodeAddShader"), tree.nodes.new("ShaderNodeOutputMaterial")
        self._stripes = Stripes(tree, self._colour) if striped else None
        shown = self._stripes.output if self._stripes else self._colour.outputs[0]
        tree.links.new(shown, surface.inputs["Base Color"])
        tree.links.new(shown, glow.inputs["Color"])
        tree.links.new(surface.outputs[0], both.inputs[0])
        tree.links.new(glow.outputs[0], both.inputs[1])
        tree.links.new(both.outputs[0], output.inputs["Surface"])
        if hasattr(self.material, "cycles"):
            self.material.cycles.emission_sampling = "NONE"  # the glow lights nothing but itself
        self._last: object = None

    def apply(self, look: Look) -> None:
        """Take the region's colour from a look's palette."""
        colour = self.own_colour or region_colour(self.region, look.palette)
        if colour != self._last:
            self._last = colour
            self._colour.outputs[0].default_value = linear_rgba(colour)
            self.material.diffuse_color = linear_rgba(colour)  # what Workbench shows
        if self._stripes:
            bare = colour == region_colour("skin", look.palette)
            self._stripes.apply(None if bare else look.stripes)


class Stripes:
    """Straight stripes of a second colour over a first, through the figure as through wood."""

    def __init__(self, tree: bpy.types.NodeTree, first: bpy.types.Node) -> None:
        node, link = tree.nodes.new, tree.links.new
        where, self._along = node("ShaderNodeTexCoord"), node("ShaderNodeVectorMath")
        wave, self._share, self._mix = node("ShaderNodeMath"), node("ShaderNodeMath"), node("ShaderNodeMix")
        self._along.operation, wave.operation = "DOT_PRODUCT", "SINE"
        self._share.operation, self._mix.data_type = "GREATER_THAN", "RGBA"
        link(where.outputs["Object"], self._along.inputs[0])
        link(self._along.outputs["Value"], wave.inputs[0])
        link(wave.outputs[0], self._share.inputs[0])
        link(self._share.outputs[0], self._mix.inputs["Factor"])
        colours = [socket for socket in self._mix.inputs if socket.type == "RGBA"]
        link(first.outputs[0], colours[0])
        self._second = colours[1]
        self.output = next(socket for socket in self._mix.outputs if socket.type == "RGBA")
        self._last: object = ()

    def apply(self, stripes: tuple[Colour, float, float] | None) -> None:
        """Show a look's stripes, or none."""
        if stripes == self._last:
            return
        self._last = stripes
        # no sine is above 2: the first colour alone
        self._share.inputs[1].default_value = 2.0 if stripes is None else 0.2
        if stripes is not None:
            colour, per_metre, slant = stripes
            angle, turns = math.radians(slant), 2 * math.pi * per_metre
            self._along.inputs[1].default_value = (turns * math.cos(angle), 0.0, turns * math.sin(angle))
            self._second.default_value = linear_rgba(colour)


class TextureMaterial(RegionMaterial):
    """The model's own texture in place of a region's colour; a look changes light and background only."""

    def __init__(self, image: bpy.types.Image, shade: Shade) -> None:
        """image: laid on by the mesh's UV map."""
        super().__init__("skin", shade)
        _recolour(self.material.node_tree, image_node(self.material.node_tree, image))

    def apply(self, look: Look) -> None:
        """Nothing: the texture stays."""


def region_materials(
    model: MorphableModel, shade: Shade, textured: bool = True, striped: tuple[str, ...] = ()
) -> tuple[list[RegionMaterial], np.ndarray]:
    """Materials of a model, and which one each face shows (F,) int32.

    The model's texture where it has one, else one material a region and "skin" for faces of none; textured: False is
    "skin" alone. striped: the regions that show a look's stripes.
    """
    nowhere = np.zeros(model.face_count, np.int32)
    if not textured:
        return [RegionMaterial("skin", shade)], nowhere
    image = texture_image(model)
    if image is not None:
        return [TextureMaterial(image, shade)], nowhere
    materials = [
        RegionMaterial(name, shade, colour=own_colour(model, name), striped=name in striped) for name in model.regions
    ]
    index = model.face_regions
    slots = np.where(index < 0, len(materials), index).astype(np.int32)
    return [*materials, RegionMaterial("skin", shade)], slots


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
            socket.default_value = linear_rgba(colour)
        self.world.color = linear_rgba(look.background[0])[:3]


def _empty_tree(owner: bpy.types.Material | bpy.types.World) -> bpy.types.NodeTree:
    if owner.node_tree is None:
        owner.use_nodes = True  # from 5.0 there is always a tree, and asking for it is deprecated
    owner.node_tree.nodes.clear()
    return owner.node_tree


def flat_material(colour: Colour, attribute: str | None = None) -> bpy.types.Material:
    """A material that has one colour whatever the light, or those of a colour attribute (scene-linear)."""
    material = bpy.data.materials.new("semantify flat")
    tree = _empty_tree(material)
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
    material = RegionMaterial(attribute, shade, roughness=0.9, specular=0.1)
    tree = material.material.node_tree
    colour = tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = attribute
    _recolour(tree, colour)
    return material.material


def _recolour(tree: bpy.types.NodeTree, colour: bpy.types.Node) -> None:
    """Put another node's colour in the place of the plain one."""
    plain = next(node for node in tree.nodes if node.type == "RGB")
    for link in list(plain.outputs[0].links):
        tree.links.new(colour.outputs["Color"], link.to_socket)
    tree.nodes.remove(plain)


def set_background(scene: bpy.types.Scene, colour: Colour) -> None:
    """One flat colour behind everything, which lights nothing."""
    Background(scene).apply(Look(background=(colour, colour)))
