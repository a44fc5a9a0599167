"""Slider values of a frame from their keyframes alone, before Blender evaluates the frame.

A shape that is written first is evaluated once with the frame; written after, it forces a second evaluation.
"""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.shape_keys.ruled import action_curves
from . import FURTHEST, layers, shape


def all_values(mesh: bpy.types.Mesh, frame: float) -> dict[str, np.ndarray] | None:
    """(d,) float32 of each layer that keyed sliders have at a frame, the others as they are.

    None where more than the F-curves of one action decides: drivers, NLA, several layers. What is missed here is found
    when the evaluated values are compared.
    """
    data = mesh.animation_data
    if data is None or data.action is None or len(data.drivers) or len(data.nla_tracks) or data.use_tweak_mode:
        return None
    if len(getattr(data.action, "layers", ())) > 1:
        return None
    values = shape.all_values(mesh.semantify)
    for curve in action_curves(data):
        slider = layers.of_path(mesh, curve.data_path)
        if slider is None or curve.mute or curve.is_empty or (curve.group is not None and curve.group.mute):
            continue
        # Blender holds what it writes within the property's own limits
        layer, number = slider
        values[layers.name_of(layer)][number] = min(max(curve.evaluate(frame), -FURTHEST), FURTHEST)
    return values


def same(values: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    """Whether the sliders of all layers have the same values."""
    return values.keys() == others.keys() and all(np.array_equal(values[name], others[name]) for name in values)
