"""Neighbours of a character: other settings of the sliders that are free, near to those that it has."""

from __future__ import annotations

import bpy
import numpy as np

from ..character import embedding, layers, shape
from . import portrait, shapes, surface

SIZE = 150, 200


def values(mesh: bpy.types.Mesh, seed: int, spread: float) -> dict[str, np.ndarray]:
    """Slider values (d,) of each layer of one neighbour. Locked sliders stay.

    spread: how far it may be, in parts of how the training shapes vary. Raises SemantifyError without a mapper.
    """
    found = {}
    for number, (name, layer) in enumerate(layers.all_of(mesh.semantify).items()):
        mapper, now, locked = embedding.require_mapper(layer), shape.slider_values(layer), shape.locks(layer)
        # what a random character has beyond the default is added to what this one has
        drawn = shape.random_values(mapper, np.zeros_like(now), locked, seed * 3 + number, spread)
        most = min(1.0, shape.reach(mapper))
        found[name] = np.where(locked, now, shape.shown(np.clip(now + drawn, -most, most))).astype(np.float32)
    return found


def pictures(mesh: bpy.types.Mesh, choices: list[dict[str, np.ndarray]]) -> list[str]:
    """Names of previews of such neighbours, all in one window."""
    everyone = [shapes.vertices(mesh, choice) for choice in choices]
    triangles = surface.Triangles.of(mesh)
    window = np.stack([np.min([one.min(0) for one in everyone], 0), np.max([one.max(0) for one in everyone], 0)])
    return [portrait.portrait(*triangles.shaded(one, triangles.colours), window, SIZE) for one in everyone]


def take(mesh: bpy.types.Mesh, choice: dict[str, np.ndarray]) -> None:
    """Give the character those values."""
    for name, layer in layers.all_of(mesh.semantify).items():
        shape.set_values(layer, choice[name])
