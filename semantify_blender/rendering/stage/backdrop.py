"""What is behind the figure."""

import math

import bpy

from ...core.colour import Colour, linear_rgba
from ...core.looks.look import Look
from .shade import empty_tree


class Background:
    """A two-colour gradient behind the figure that lights nothing."""

    def __init__(self, scene: bpy.types.Scene) -> None:
        self.world = bpy.data.worlds.new("semantify background")
        scene.world = self.world
        tree = empty_tree(self.world)
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


def set_background(scene: bpy.types.Scene, colour: Colour) -> None:
    """One flat colour behind everything, which lights nothing."""
    Background(scene).apply(Look(background=(colour, colour)))
