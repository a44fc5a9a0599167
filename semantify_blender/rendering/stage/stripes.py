"""Striped cloth."""

import math

from ...blender.nodes import Socket, Tree
from ...core.colour import Colour, linear_rgba


class Stripes:
    """Straight stripes of a second colour over a first, through the figure as through wood."""

    def __init__(self, tree: Tree, first: Socket, where: Socket) -> None:
        """where: 1 on what may be striped, 0 elsewhere."""
        place, self._along = tree.node("ShaderNodeTexCoord"), tree.node("ShaderNodeVectorMath")
        wave, self._share, self._mix = (
            tree.node("ShaderNodeMath"),
            tree.node("ShaderNodeMath"),
            tree.node("ShaderNodeMix"),
        )
        self._along.operation, wave.operation = "DOT_PRODUCT", "SINE"
        self._share.operation, self._mix.data_type = "GREATER_THAN", "RGBA"
        tree.put(self._along.inputs[0], place.outputs["Object"])
        tree.put(wave.inputs[0], self._along.outputs["Value"])
        tree.put(self._share.inputs[0], wave.outputs[0])
        tree.put(self._mix.inputs["Factor"], tree.math("MULTIPLY", self._share.outputs[0], where))
        colours = [socket for socket in self._mix.inputs if socket.type == "RGBA"]
        tree.put(colours[0], first)
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
