"""What a figure wears on its head and carries, as objects of a stage."""

from collections.abc import Mapping

import bpy
import numpy as np

from ...blender.nodes import Tree
from ...core.colour import Colour, linear_rgba
from ...core.looks.carried import ACROSS, DOWN, THINGS
from .shade import Shade, empty_tree, lit

_ROUGH, _SPECULAR = 0.6, 0.25


class CarriedThings:
    """An object for each thing, hidden until a figure has it."""

    def __init__(self, scene: bpy.types.Scene, shade: Shade) -> None:
        number = np.arange(DOWN * ACROSS).reshape(DOWN, ACROSS)
        quads = np.stack([number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]], -1).reshape(-1, 4)
        self._things: dict[str, tuple[bpy.types.Object, bpy.types.NodeSocket]] = {}
        self._colours: dict[str, Colour] = {}
        for name in THINGS:
            mesh = bpy.data.meshes.new(name)
            mesh.from_pydata(np.zeros((DOWN * ACROSS, 3)).tolist(), [], quads.tolist())
            mesh.shade_smooth()
            material = bpy.data.materials.new(name)
            tree = Tree(empty_tree(material))
            colour = tree.node("ShaderNodeRGB")
            lit(material, shade, colour.outputs[0], _ROUGH, _SPECULAR)
            mesh.materials.append(material)
            thing = bpy.data.objects.new(name, mesh)
            thing.hide_render = True
            scene.collection.objects.link(thing)
            self._things[name] = thing, colour.outputs[0]

    def show(self, grids: Mapping[str, np.ndarray], colours: Mapping[str, Colour]) -> None:
        """Show these things and no other. grids: thing -> (DOWN, ACROSS, 3) metres. colours: thing -> sRGB."""
        for name, (thing, socket) in self._things.items():
            there = name in grids
            if thing.hide_render == there:
                thing.hide_render = not there
            if not there:
                continue
            points = np.ascontiguousarray(grids[name].reshape(-1, 3), np.float32)
            thing.data.vertices.foreach_set("co", points.ravel())
            thing.data.update()
            if self._colours.get(name) != colours[name]:
                self._colours[name] = colours[name]
                socket.default_value = linear_rgba(colours[name])
