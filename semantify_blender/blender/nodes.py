"""Small helpers that write node trees: sockets by what exists in this Blender, not by version."""

from collections.abc import Mapping
from typing import TypeAlias

import bpy

from ..core.colour import Colour, linear_rgba

Socket: TypeAlias = bpy.types.NodeSocket
Value: TypeAlias = float | bpy.types.NodeSocket


class Tree:
    """Writes nodes into one tree; every method gives the socket of its result."""

    def __init__(self, tree: bpy.types.NodeTree) -> None:
        self.tree = tree

    def node(self, kind: str) -> bpy.types.Node:
        """A new node, for example "ShaderNodeRGB"."""
        return self.tree.nodes.new(kind)

    def put(self, socket: Socket, value: object) -> None:
        """Link a socket, or set its number or sRGB colour."""
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        elif isinstance(value, tuple) and socket.type == "RGBA":
            socket.default_value = linear_rgba(value)
        else:
            socket.default_value = value

    def colour(self, name: str, colour: Colour) -> Socket:
        """A colour that `recolour` finds again by its name: one node, however often it is asked for."""
        there = self.tree.nodes.get(name.capitalize())
        if there is not None and there.type == "RGB":
            return there.outputs[0]
        node = self.node("ShaderNodeRGB")
        node.name = node.label = name.capitalize()
        node.outputs[0].default_value = linear_rgba(colour)
        return node.outputs[0]

    def mix(self, share: Value, first: Value | Colour, second: Value | Colour, how: str = "MIX") -> Socket:
        """From a first colour to a second by a share in 0..1."""
        node = self.node("ShaderNodeMix")
        node.data_type, node.blend_type = "RGBA", how
        colours = [socket for socket in node.inputs if socket.type == "RGBA"]
        self.put(node.inputs["Factor"], share)
        self.put(colours[0], first)
        self.put(colours[1], second)
        return next(socket for socket in node.outputs if socket.type == "RGBA")

    def math(self, operation: str, first: Value, second: Value = 0.0) -> Socket:
        """Arithmetic of two numbers."""
        node = self.node("ShaderNodeMath")
        node.operation = operation
        self.put(node.inputs[0], first)
        self.put(node.inputs[1], second)
        return node.outputs[0]

    def between(self, share: Value, first: float, second: float) -> Socket:
        """From a first number to a second by a share in 0..1, not beyond."""
        return self.ramp(share, 0.0, 1.0, first, second)

    def ramp(self, value: Value, low: float, high: float, first: float = 0.0, second: float = 1.0) -> Socket:
        """`first` below low, `second` above high, a straight line between."""
        node = self.node("ShaderNodeMapRange")
        self.put(node.inputs["Value"], value)
        for socket, number in zip(node.inputs[1:5], (low, high, first, second), strict=True):
            socket.default_value = number
        return node.outputs[0]

    def noise(self, scale: float, stretch: tuple[float, float, float] = (1.0, 1.0, 1.0), detail: float = 2.0) -> Socket:
        """Noise through space about 0.5. scale: bumps to a metre."""
        where, mapping, noise = (
            self.node("ShaderNodeTexCoord"),
            self.node("ShaderNodeMapping"),
            self.node("ShaderNodeTexNoise"),
        )
        mapping.inputs["Scale"].default_value = stretch
        noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = scale, detail
        self.tree.links.new(where.outputs["Object"], mapping.inputs["Vector"])
        self.tree.links.new(mapping.outputs[0], noise.inputs["Vector"])
        return noise.outputs[0]

    def bump(self, height: Socket, strength: Value, distance: float) -> Socket:
        """A normal from a height in 0..1. distance: metres that 1 stands for."""
        node = self.node("ShaderNodeBump")
        self.put(node.inputs["Strength"], strength)
        self.put(node.inputs["Distance"], distance)
        self.tree.links.new(height, node.inputs["Height"])
        return node.outputs[0]

    def surface(self, values: Mapping[str, object]) -> Socket:
        """A Principled surface. values: by the socket's name; names that this Blender does not have are left out."""
        node = self.node("ShaderNodeBsdfPrincipled")
        for name, value in values.items():
            if name in node.inputs:
                self.put(node.inputs[name], value)
        return node.outputs[0]
