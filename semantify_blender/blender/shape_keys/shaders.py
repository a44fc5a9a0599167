"""What a material shows, from its nodes: base colour, its image, and how much can be seen through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import bpy

_COLOURS = ("Base Color", "Lit Color", "Lit Color, Alpha", "Diffuse Color", "Color")
"""Sockets that hold a surface's colour: Principled, VRM's MToon groups, other groups, Diffuse and Emission."""
_CLEAR = ("BSDF_TRANSPARENT", "BSDF_GLASS", "BSDF_REFRACTION")
_DEPTH = 8


@dataclass(frozen=True)
class Opacity:
    """How much a surface hides: `amount` in 0..1, times an image's alpha (red where `alpha` is False) if it has one."""

    amount: float = 1.0
    node: bpy.types.Node | None = None
    alpha: bool = True


def base_socket(material: bpy.types.Material | None) -> bpy.types.NodeSocket | None:
    """The socket that gives a material its colour; None for one without nodes, or with none that is known."""
    tree = None if material is None else _tree(material)
    if tree is None:
        return None
    nodes = list(_shaders(tree))
    nodes.sort(key=lambda node: ("BSDF_PRINCIPLED", "GROUP", "BSDF_DIFFUSE", "EMISSION").index(node.type))
    for node in nodes:
        for name in _COLOURS:
            socket = node.inputs.get(name)
            if socket is not None and socket.type == "RGBA":
                return socket
    return None


def image_node_behind(socket: bpy.types.NodeSocket | None, depth: int = _DEPTH) -> bpy.types.Node | None:
    """The first node upstream of a socket that shows an image."""
    for link in socket.links if socket is not None else ():
        node = link.from_node
        if node.type == "TEX_IMAGE" and node.image is not None:
            return node
        if depth:
            for other in node.inputs:
                found = image_node_behind(other, depth - 1)
                if found is not None:
                    return found
    return None


def opacity(material: bpy.types.Material | None) -> Opacity:
    """How much of what lies behind a material it hides; what cannot be told from its nodes counts as opaque."""
    if material is None:
        return Opacity()
    tree = _tree(material)
    if tree is None:
        return Opacity(float(material.diffuse_color[3]))
    output = tree.get_output_node("ALL")
    return _of_shader(output.inputs["Surface"], _DEPTH) if output is not None else Opacity()


def uv_layer_of(node: bpy.types.Node, mesh: bpy.types.Mesh) -> bpy.types.MeshUVLoopLayer | None:
    """The UV map by which a texture node is laid on a mesh; None when something else lays it on."""
    layer = next((layer for layer in mesh.uv_layers if layer.active_render), mesh.uv_layers.active)
    vector = node.inputs.get("Vector")
    if vector is None or not vector.is_linked:
        return layer
    source = vector.links[0].from_node
    if source.type == "UVMAP":
        return mesh.uv_layers.get(source.uv_map) if source.uv_map else layer
    return layer if source.type == "TEX_COORD" and vector.links[0].from_socket.name == "UV" else None


def _tree(material: bpy.types.Material) -> bpy.types.NodeTree | None:
    # from 5.0 on nodes are always used where there are any, and asking is deprecated
    return material.node_tree if bpy.app.version >= (5, 0) or material.use_nodes else None


def _shaders(tree: bpy.types.NodeTree) -> Iterator[bpy.types.Node]:
    """Nodes that may hold the colour; a group that shows none of its own is looked into."""
    for node in tree.nodes:
        if node.type in ("BSDF_PRINCIPLED", "BSDF_DIFFUSE", "EMISSION"):
            yield node
        elif node.type == "GROUP" and node.node_tree is not None and _gives_shader(node):
            if any(node.inputs.get(name) is not None for name in _COLOURS):
                yield node
            else:
                yield from (inner for inner in node.node_tree.nodes if inner.type == "BSDF_PRINCIPLED")


def _gives_shader(node: bpy.types.Node) -> bool:
    return any(socket.type == "SHADER" for socket in node.outputs)


def _of_shader(socket: bpy.types.NodeSocket | None, depth: int) -> Opacity:
    if socket is None or not socket.is_linked or not depth:
        return Opacity()
    node = socket.links[0].from_node
    if node.type == "REROUTE":
        return _of_shader(node.inputs[0], depth - 1)
    if node.type in _CLEAR:
        return Opacity(0.0)
    if node.type == "BSDF_PRINCIPLED":
        found = _of_value(node.inputs["Alpha"], depth)
        through = node.inputs.get("Transmission Weight")
        clear = 0.0 if through is None or through.is_linked else float(through.default_value)
        return replace(found, amount=found.amount * (1.0 - clear))
    shaders = [other for other in node.inputs if other.type == "SHADER"]
    if node.type == "MIX_SHADER":
        first, second = (_of_shader(other, depth - 1) for other in shaders)
        return _of_mix(node, first, second, depth)
    if node.type == "ADD_SHADER":
        # something clear with a gleam added, as wet eyes are made, lets all light through
        return min((_of_shader(other, depth - 1) for other in shaders), key=lambda found: found.amount)
    if node.type == "GROUP":
        for name in ("Alpha", "Opacity"):
            if node.inputs.get(name) is not None:
                return _of_value(node.inputs[name], depth)
    return Opacity()


def _of_mix(node: bpy.types.Node, first: Opacity, second: Opacity, depth: int) -> Opacity:
    factor = node.inputs[0]
    if not factor.is_linked:
        share = float(factor.default_value)
        amount = (1.0 - share) * first.amount + share * second.amount
        shown = second if share > 0.5 else first
        return replace(shown, amount=amount)
    mask = _of_value(factor, depth)
    if mask.node is not None and first.amount == 0.0:
        return replace(mask, amount=mask.amount * second.amount)
    # a factor by angle, ray or noise: opaque as soon as one of the two is
    return max((first, second), key=lambda found: found.amount)


def _of_value(socket: bpy.types.NodeSocket, depth: int) -> Opacity:
    """A number in 0..1 behind a socket: itself, a Value node, an image, or products of these."""
    if not socket.is_linked:
        return Opacity(float(socket.default_value))
    link = socket.links[0]
    node = link.from_node
    if node.type == "VALUE":
        return Opacity(float(node.outputs[0].default_value))
    if node.type == "REROUTE" and depth:
        return _of_value(node.inputs[0], depth - 1)
    if node.type == "TEX_IMAGE" and node.image is not None:
        return Opacity(1.0, node, link.from_socket.name == "Alpha")
    if node.type == "MATH" and depth:
        parts = [_of_value(other, depth - 1) for other in node.inputs[:2]]
        if node.operation == "MULTIPLY":
            image = next((part for part in parts if part.node is not None), parts[0])
            return replace(image, amount=parts[0].amount * parts[1].amount)
        # cut-outs compare the image with a threshold, see glTF's alpha mask
        return next((replace(part, amount=1.0) for part in parts if part.node is not None), Opacity())
    return Opacity()
