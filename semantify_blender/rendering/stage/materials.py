"""The materials of a figure in dataset pictures: a colour for each region, whose numbers a look changes.

Two materials hold all regions, however many there are: one for the few faces that a painted line runs through, which
alone look at the paint, and one for all else.
Which region a face shows is an attribute of the mesh, its colour and roughness a step of a colour ramp. So a look
changes two materials and no mesh, and a mesh in other clothes needs no materials of its own.
"""

import bpy
import numpy as np

from ...blender.nodes import Socket, Tree
from ...blender.paint import PaintNodes, paint_images
from ...blender.textures import image_node, texture_image
from ...core.colour import Colour, linear_rgba
from ...core.errors import SemantifyError
from ...core.looks.look import Look
from ...core.model.dressed import Dressed
from ...core.model.morphable_model import MorphableModel
from ...core.model.painted import FIGURE, PaintedFaces, painted_colours, shown_regions
from ...core.palette import region_colour
from .shade import Shade, empty_tree, lit
from .stripes import Stripes

REGION = "semantify region"
"""Attribute of faces: the number of the region that each shows."""
COLOUR = "semantify colour"
"""Attribute of corners, for Workbench, which knows no nodes: their colours."""
_ROUGHNESS = {"hair": 0.42, "eyes": 0.15, "iris": 0.15, "pupil": 0.1, "lips": 0.40, "skin": 0.50, "teeth": 0.2,
              "tongue": 0.3, "gums": 0.3}  # fmt: skip
_CLOTH = 0.8
"""Roughness of what is not listed above."""
_SPECULAR = 0.25
_STEPS = 32
"""A colour ramp's stops: more regions than that take further materials."""


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


class FigureMaterials:
    """The materials of a model, whatever it wears.

    The model's texture where it has one, else a colour a region and "skin" for faces of none.
    striped: the regions that show stripes under the look that was applied last.
    """

    def __init__(
        self,
        model: MorphableModel,
        shade: Shade,
        textured: bool = True,
        striped: tuple[str, ...] = (),
        further: tuple[str, ...] = (),
    ) -> None:
        """textured: False is "skin" alone. striped: the regions that show a look's stripes.

        further: regions that only a dressed model has.
        """
        self.model = model
        self.texture = texture_image(model) if textured else None
        plain = self.texture is not None or not textured
        self._paint = {} if plain else {name: model.paint[name] for name in FIGURE if name in model.paint}
        kept = () if plain else (name for name in shown_regions(model)[0] if name != "skin")
        worn = () if plain else (part.region for part in model.parts.values())
        further = () if plain else further
        self.regions = tuple(dict.fromkeys((*kept, *worn, *further, *self._paint, "skin")))
        self._garments = striped
        self.striped: frozenset[str] = frozenset()
        self._own = {name: own_colour(model, name) for name in (*self.regions, *self._paint)}
        self._last: object = None
        images = paint_images(model.name, self._paint) if self._paint else []
        self._ramps: list[tuple[bpy.types.Material, bpy.types.ColorRamp, Stripes | None]] = []
        self._paints: dict[str, Socket] = {}
        for start in range(0, len(self.regions), _STEPS):
            self._ramps.append(self._region_material(shade, start, []))
        if images:
            self._ramps.append(self._region_material(shade, 0, images))
        self.materials = [material for material, _, _ in self._ramps]

    def put_on(self, mesh: bpy.types.Mesh, dressed: Dressed[MorphableModel]) -> None:
        """Give a mesh of the dressed model these materials."""
        for material in self.materials:
            mesh.materials.append(material)
        names, index = shown_regions(dressed.model)
        if len(self.regions) == 1:
            index = np.zeros(dressed.model.face_count, np.int32)
        else:
            index = np.array([self.regions.index(name) for name in names], np.int32)[index]
        body = dressed.face_parts < 0
        painted = PaintedFaces.of(dressed.model) if self._paint else None
        if painted:
            for name, mask in painted.inside.items():
                index[mask & body] = self.regions.index(name)
        slots = index // _STEPS
        if painted:
            slots[painted.crossed & body] = len(self.materials) - 1
        layer = mesh.attributes.new(REGION, "FLOAT", "FACE")
        layer.data.foreach_set("value", (index % _STEPS + 0.5) / _STEPS)
        mesh.polygons.foreach_set("material_index", slots)

    def apply(self, look: Look) -> None:
        """Take the colours from a look's palette."""
        wanted = {name: own or region_colour(name, look.palette) for name, own in self._own.items()}
        skin = region_colour("skin", look.palette)
        if (wanted, skin, look.stripes) == self._last or self.texture is not None:
            return
        self._last = (wanted, skin, look.stripes)
        garments = (name for name in self._garments if name in self.regions and wanted[name] != skin)
        self.striped = frozenset(garments if look.stripes else ())
        for number, (material, ramp, stripes) in enumerate(self._ramps):
            start = number * _STEPS if number * _STEPS < len(self.regions) else 0
            for stop, name in zip(ramp.elements, self.regions[start : start + _STEPS], strict=True):
                # both in one number: a striped region's roughness lies above 1
                shine = _ROUGHNESS.get(name, _CLOTH) + (1.0 if name in self.striped else 0.0)
                stop.color = (*linear_rgba(wanted[name])[:3], shine)
            material.diffuse_color = linear_rgba(skin)
            if stripes:
                stripes.apply(look.stripes)
        for name, socket in self._paints.items():
            socket.default_value = linear_rgba(wanted[name])

    def colour_corners(self, mesh: bpy.types.Mesh, dressed: Dressed[MorphableModel], look: Look) -> None:
        """Write the colours of the faces' corners, which Workbench shows."""
        names, index = shown_regions(dressed.model)
        if len(self.regions) == 1:
            names, index = {"skin": index == 0}, np.zeros_like(index)
        colours = np.array([linear_rgba(self._own.get(n) or region_colour(n, look.palette)) for n in names], np.float32)
        corners = np.repeat(colours[index], np.diff(dressed.model.face_offsets), 0)
        if self._paint:
            painted = {name: linear_rgba(region_colour(name, look.palette)) for name in self._paint}
            body = np.repeat(dressed.face_parts < 0, np.diff(dressed.model.face_offsets))
            corners[body] = painted_colours(dressed.model, corners, painted)[body]
        layer = mesh.color_attributes.get(COLOUR) or mesh.color_attributes.new(COLOUR, "FLOAT_COLOR", "CORNER")
        layer.data.foreach_set("color", corners.ravel())
        mesh.color_attributes.active_color = layer

    def _region_material(
        self, shade: Shade, start: int, images: list[tuple[bpy.types.Image, tuple[str, ...]]]
    ) -> tuple[bpy.types.Material, bpy.types.ColorRamp, Stripes | None]:
        names = self.regions[start : start + _STEPS]
        material = bpy.data.materials.new("semantify painted" if images else "semantify figure")
        tree = Tree(empty_tree(material))
        number, steps = tree.node("ShaderNodeAttribute"), tree.node("ShaderNodeValToRGB")
        number.attribute_name = REGION
        ramp = steps.color_ramp
        ramp.interpolation = "CONSTANT"
        while len(ramp.elements) > 1:
            ramp.elements.remove(ramp.elements[-1])
        for place in range(1, len(names)):
            ramp.elements.new(place / _STEPS)
        ramp.elements[0].position = 0.0
        tree.put(steps.inputs[0], number.outputs["Fac"])
        colour, roughness = steps.outputs["Color"], steps.outputs["Alpha"]
        if self.texture is not None:
            colour = image_node(tree.tree, self.texture).outputs["Color"]
        stripes = None
        if self._garments and not images:
            striped = tree.math("GREATER_THAN", roughness, 1.0)
            roughness = tree.math("SUBTRACT", roughness, striped)
            stripes = Stripes(tree, colour, striped)
            colour = stripes.output
        if images:
            paint = PaintNodes(tree.tree, images)
            for name in self._paint:
                node = tree.node("ShaderNodeRGB")
                self._paints[name] = node.outputs[0]
                share = paint.inside(name)
                colour = tree.mix(share, colour, node.outputs[0])
        lit(material, shade, colour, roughness, _SPECULAR)
        return material, ramp, stripes
