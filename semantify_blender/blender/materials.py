"""A figure's materials for people to look at: Principled skin, eyes, hair, teeth and cloth.

Good in Material Preview and Cycles; Solid view shows each material's viewport colour. Everything that the model's
paints draw upon (skin, hair, brows, lips, nails, eyes) is one node group, whose materials differ in the viewport
colour alone, so that no line between two of them shows. Renders of datasets have a shader of their own, which is
faster (`rendering.stage.materials`).
"""

from collections.abc import Iterable, Mapping

import bpy
import numpy as np

from ..core.colour import Colour, linear_rgba
from ..core.model.morphable_model import MorphableModel
from ..core.model.paint import EDGE
from ..core.model.painted import FIGURE, levels, shown_regions
from ..core.palette import PALETTE, region_colour, skin_colours, with_followers
from .nodes import Socket, Tree
from .paint import Images, PaintNodes, paint_images
from .textures import UV_MAP

GROUP = "Semantify figure"
REGION = "semantify_region"
"""Custom property of a material: the region that it was made for."""
EXPORT = "Export"
"""Name of the node that exporters take for the surface of a figure."""
PICTURE = ("Export UV", "Export picture")
"""Names of the nodes that lay a picture on it."""
_OUTPUTS = ("Skin", "Eye")
OF_EYES = ("eyes", "iris", "pupil")
_SUBSURFACE = (1.0, 0.35, 0.18)
"""How far red, green and blue go in skin, against each other."""
_SURFACES = {
    # roughness, subsurface weight, coat
    "teeth": (0.18, 0.25, 0.3),
    "tongue": (0.35, 0.3, 0.2),
    "gums": (0.3, 0.3, 0.2),
    "mouth": (0.45, 0.2, 0.0),
    "eyelashes": (0.6, 0.0, 0.0),
}


def face_materials(model: MorphableModel) -> tuple[list[str], np.ndarray]:
    """The region whose material each face shows: their names, and (F,) int32 numbers of them.

    model: a body, a head or what `dressed` gives. A face whose middle lies inside a painted line has the line's own,
    for the sake of its viewport colour.
    """
    regions, index = shown_regions(model)
    names, shown = list(regions), index.copy()
    upon = np.isin(index, [names.index(one) for one in FIGURE if one in names])
    if model.uv is not None:
        sizes = np.diff(model.face_offsets)
        middles = np.add.reduceat(model.uv, model.face_offsets[:-1]) / sizes[:, None]
        for name in (name for name in FIGURE if name in model.paint):
            if name not in names:
                names.append(name)
            shown[upon & (levels(model.paint[name], middles) > EDGE)] = names.index(name)
    used, shown = np.unique(shown, return_inverse=True)
    return [names[number] for number in used], shown.ravel().astype(np.int32)


def figure_material(
    name: str, group: bpy.types.NodeTree | None = None, colours: Mapping[str, Colour] | None = None
) -> bpy.types.Material:
    """A new material of a region. group: what `figure_group` gave, of a painted model.

    colours: region -> sRGB, for those that are not the palette's.
    """
    colour = region_colour(name, {**PALETTE, **(colours or {})})
    material = new_material(name, colour)
    material[REGION] = name
    tree = Tree(material.node_tree)
    if group is not None and name in FIGURE:
        node = tree.node("ShaderNodeGroup")
        node.node_tree = group
        shown = node.outputs[_OUTPUTS[1] if name in OF_EYES and len(node.outputs) > 1 else _OUTPUTS[0]]
        shader = _with_export(tree, shown, colour)
    else:
        shader = _plain(tree, name, colour)
    tree.put(tree.node("ShaderNodeOutputMaterial").inputs["Surface"], shader)
    return material


def colour_socket(material: bpy.types.Material, name: str) -> bpy.types.NodeSocket | None:
    """What holds a region's colour, in a material or in its groups; None where it shows no such region.

    In a plain material of the region it is the colour of its surface.
    """
    for tree in _trees(material):
        node = tree.nodes.get(name.capitalize())
        if node is not None and node.type == "RGB":
            return node.outputs[0]
    if material.get(REGION) == name and material.node_tree is not None:
        for node in material.node_tree.nodes:
            if node.type == "BSDF_PRINCIPLED" and not node.inputs["Base Color"].is_linked:
                return node.inputs["Base Color"]
    return None


def _with_export(tree: Tree, shown: Socket, colour: Colour) -> Socket:
    """The same surface, beside which a plain one lies that is never seen.

    glTF's exporter takes the first Principled surface of a material, and would take distances to painted lines for
    colours.
    """
    plain, mix = tree.node("ShaderNodeBsdfPrincipled"), tree.node("ShaderNodeMixShader")
    plain.name = plain.label = EXPORT
    plain.inputs["Base Color"].default_value = linear_rgba(colour)
    tree.put(mix.inputs[0], 1.0)
    tree.put(mix.inputs[1], plain.outputs[0])
    tree.put(mix.inputs[2], shown)
    return mix.outputs[0]


def groups_of(material: bpy.types.Material) -> list[bpy.types.Node]:
    """The nodes of a material that are a figure's groups; those that the user has put there are none."""
    tree = material.node_tree
    return [] if tree is None else [node for node in tree.nodes if node.type == "GROUP" and _of_figure(node.node_tree)]


def _of_figure(group: bpy.types.NodeTree | None) -> bool:
    node = None if group is None else group.nodes.get("Skin")
    return node is not None and node.type == "RGB"


def _trees(material: bpy.types.Material) -> list[bpy.types.NodeTree]:
    own = [] if material.node_tree is None else [material.node_tree]
    return own + [node.node_tree for node in groups_of(material)]


def recolour(materials: Iterable[bpy.types.Material], colours: Mapping[str, Colour]) -> None:
    """Change colours of regions (name -> sRGB) wherever materials of figures show them; others go with them."""
    for material in materials:
        for name, colour in with_followers(colours).items():
            socket = colour_socket(material, name)
            if socket is not None:
                socket.default_value = linear_rgba(colour)
                take_picture_off(material)  # it shows all colours of the figure as they were
            if material.get(REGION) == name:
                material.diffuse_color = linear_rgba(colour)
                plain = None if material.node_tree is None else material.node_tree.nodes.get(EXPORT)
                if plain is not None:
                    plain.inputs["Base Color"].default_value = linear_rgba(colour)


def lay_picture_on(material: bpy.types.Material, image: bpy.types.Image) -> None:
    """Show a picture on the surface that exporters take; the material must have one."""
    take_picture_off(material)
    tree = material.node_tree
    uv, texture = tree.nodes.new("ShaderNodeUVMap"), tree.nodes.new("ShaderNodeTexImage")
    for node, name in zip((uv, texture), PICTURE, strict=True):
        node.name = node.label = name
    uv.uv_map, texture.image = UV_MAP, image
    tree.links.new(uv.outputs[0], texture.inputs["Vector"])
    tree.links.new(texture.outputs["Color"], tree.nodes[EXPORT].inputs["Base Color"])


def take_picture_off(material: bpy.types.Material) -> None:
    """Take away what `lay_picture_on` laid on; nodes of the user's stay."""
    tree = material.node_tree
    for node in [] if tree is None else [node for node in tree.nodes if node.name in PICTURE]:
        tree.nodes.remove(node)


def new_material(name: str, colour: Colour) -> bpy.types.Material:
    """An empty material with a viewport colour and shine: Solid view's own would make wet rubber of cloth and skin."""
    material = bpy.data.materials.new(name.capitalize())
    material.diffuse_color = linear_rgba(colour)
    wet = name in OF_EYES
    material.roughness, material.specular_intensity = (0.2, 0.5) if wet else (0.65 if name in FIGURE else 0.9, 0.15)
    if material.node_tree is None:
        material.use_nodes = True
    material.node_tree.nodes.clear()
    return material


def figure_group(
    model: MorphableModel, colours: Mapping[str, Colour], images: Images | None = None
) -> bpy.types.NodeTree:
    """The node group of everything that the model's paints draw upon. images: those of its paints, by default new."""
    group = bpy.data.node_groups.new(GROUP, "ShaderNodeTree")
    for name in _OUTPUTS if "iris" in model.paint else _OUTPUTS[:1]:
        group.interface.new_socket(name, in_out="OUTPUT", socket_type="NodeSocketShader")
    tree = Tree(group)
    paint = PaintNodes(group, images or paint_images(model.name, model.paint), smooth=True)
    output = tree.node("NodeGroupOutput")
    tree.put(output.inputs[0], _skin(tree, paint, {**skin_colours(colours["skin"]), **colours}))
    if "iris" in paint:
        tree.put(output.inputs[1], _eye(tree, paint, colours))
    return group


def _skin(tree: Tree, paint: PaintNodes, colours: Mapping[str, Colour]) -> Socket:
    blotches, grain = tree.noise(35.0, detail=3.0), tree.noise(900.0, detail=1.0)
    colour = tree.mix(tree.ramp(blotches, 0.35, 0.7, 0.0, 0.16), tree.colour("skin", colours["skin"]),
                      tree.colour("flush", colours["flush"]))  # fmt: skip
    rough: Socket | float = tree.ramp(blotches, 0.3, 0.7, 0.42, 0.54)
    soft: Socket | float = 1.0
    height: Socket = grain
    if "flush" in paint:
        flush = tree.math("MULTIPLY", paint.distance("flush"), 0.55)
        colour = tree.mix(flush, colour, tree.colour("flush", colours["flush"]))
    for name, roughness, edge in (("lips", 0.33, 0.07), ("nails", 0.22, 0.012)):
        if name in paint:
            share = paint.inside(name, edge)
            colour = tree.mix(share, colour, tree.colour(name, colours[name]))
            rough = tree.math("ADD", rough, tree.math("MULTIPLY", share, roughness - 0.46))
    for name, share in _hairs(tree, paint).items():
        shown = tree.math("MULTIPLY", share, 0.9) if name == "brows" else share
        colour = tree.mix(shown, colour, tree.colour(name, region_colour(name, dict(colours))))
        soft = tree.math("MULTIPLY", soft, tree.between(share, 1.0, 0.0))
        rough = tree.math("ADD", rough, tree.math("MULTIPLY", share, 0.16))
    return tree.surface({
        "Base Color": colour,
        "Roughness": rough,
        "Specular IOR Level": 0.4,
        "Subsurface Weight": tree.math("MULTIPLY", soft, 0.6),
        "Subsurface Radius": _SUBSURFACE,
        "Subsurface Scale": 0.006,
        "Normal": tree.bump(height, 0.12, 0.0006),
    })  # fmt: skip


def _hairs(tree: Tree, paint: PaintNodes) -> dict[str, Socket]:
    """How much of hair and brows shows: their edges are broken up by strands, shorter in the brows."""
    found = {}
    for name, scale, stretch, ragged, softness in (
        ("hair", 500.0, (1.0, 1.0, 0.12), 0.22, 0.05),
        ("brows", 900.0, (0.35, 1.0, 1.0), 0.10, 0.03),
    ):
        if name in paint:
            strands = tree.math("MULTIPLY", tree.math("SUBTRACT", tree.noise(scale, stretch, 1.0), 0.5), ragged)
            edge = tree.math("ADD", paint.distance(name), strands)
            found[name] = tree.ramp(edge, 128 / 255 - softness, 128 / 255 + softness)
    return found


def _eye(tree: Tree, paint: PaintNodes, colours: Mapping[str, Colour]) -> Socket:
    """White, iris with a dark rim and a lighter middle, pupil, under a wet and smooth coat."""
    iris = tree.colour("iris", colours["iris"])
    depth = paint.distance("iris")
    speckle = tree.noise(1800.0, detail=3.0)
    edge = 128 / 255
    lit = tree.mix(tree.ramp(depth, edge, edge + 0.22, 0.0, 0.55), iris, (0.62, 0.60, 0.52), "SOFT_LIGHT")
    lit = tree.mix(tree.ramp(speckle, 0.3, 0.7, 0.0, 0.5), lit, (0.02, 0.02, 0.02), "MULTIPLY")
    lit = tree.mix(tree.ramp(depth, edge + 0.015, edge + 0.07, 0.85, 0.0), lit, (0.02, 0.02, 0.025))
    white = tree.mix(tree.ramp(tree.noise(220.0, detail=3.0), 0.45, 0.75, 0.0, 0.25),
                     tree.colour("eyes", colours["eyes"]), (0.78, 0.52, 0.48))  # fmt: skip
    colour = tree.mix(paint.inside("iris", 0.02), white, lit)
    if "pupil" in paint:
        colour = tree.mix(paint.inside("pupil", 0.012), colour, tree.colour("pupil", colours["pupil"]))
    return tree.surface({
        "Base Color": colour,
        "Roughness": 0.25,
        "Specular IOR Level": 0.4,
        "Subsurface Weight": 0.1,
        "Subsurface Radius": _SUBSURFACE,
        "Subsurface Scale": 0.003,
        "Coat Weight": 1.0,
        "Coat Roughness": 0.03,
    })  # fmt: skip


def _plain(tree: Tree, name: str, colour: Colour) -> Socket:
    """The surface of a region that nothing is painted on: of the mouth, or cloth; others are like skin.

    Its colour is the surface's own and no node's, so that every exporter finds it.
    """
    if name in _SURFACES:
        roughness, subsurface, coat = _SURFACES[name]
        return tree.surface({
            "Base Color": colour,
            "Roughness": roughness,
            "Subsurface Weight": subsurface,
            "Subsurface Radius": _SUBSURFACE,
            "Subsurface Scale": 0.003,
            "Coat Weight": coat,
            "Coat Roughness": 0.1,
        })  # fmt: skip
    if name in FIGURE:
        return tree.surface({
            "Base Color": colour,
            "Roughness": 0.5,
            "Subsurface Weight": 0.3 if name == "skin" else 0.0,
            "Subsurface Radius": _SUBSURFACE,
            "Subsurface Scale": 0.006,
        })  # fmt: skip
    threads = tree.noise(1400.0, detail=1.0)
    return tree.surface({
        "Base Color": colour,
        "Roughness": tree.ramp(tree.noise(60.0), 0.3, 0.7, 0.76, 0.88),
        "Specular IOR Level": 0.2,
        "Sheen Weight": 0.25,
        "Sheen Roughness": 0.5,
        "Normal": tree.bump(threads, 0.25, 0.0006),
    })  # fmt: skip
