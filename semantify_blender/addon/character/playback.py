"""Slider values of a frame from their keyframes alone, before Blender evaluates the frame.

A shape that is written first is evaluated once with the frame; written after, it forces a second evaluation.
"""

from __future__ import annotations

import bpy
import numpy as np

from ...blender.shape_keys.ruled import action_curves
from . import FURTHEST, shape

_BEFORE, _AFTER = "semantify.sliders[", "].value"


def slider_values(mesh: bpy.types.Mesh, frame: float) -> np.ndarray | None:
    """(d,) float32 that keyed sliders have at a frame, the others as they are.

    None where more than the F-curves of one action decides: drivers, NLA, several layers. What is missed here is found
    when the evaluated values are compared.
    """
    data = mesh.animation_data
    if data is None or data.action is None or len(data.drivers) or len(data.nla_tracks) or data.use_tweak_mode:
        return None
    if len(getattr(data.action, "layers", ())) > 1:
        return None
    values = shape.slider_values(mesh.semantify)
    for curve in action_curves(data):
        number = _slider(mesh, curve.data_path)
        if number is None or curve.mute or curve.is_empty or (curve.group is not None and curve.group.mute):
            continue
        # Blender holds what it writes within the property's own limits
        values[number] = min(max(curve.evaluate(frame), -FURTHEST), FURTHEST)
    return values


def _slider(mesh: bpy.types.Mesh, path: str) -> int | None:
    """Which slider an F-curve moves; sliders are animated by their number, in scripts also by their word."""
    if not (path.startswith(_BEFORE) and path.endswith(_AFTER)):
        return None
    which = path[len(_BEFORE) : -len(_AFTER)]
    number = int(which) if which.isdigit() else mesh.semantify.sliders.find(which.strip("\"'"))
    return number if 0 <= number < len(mesh.semantify.sliders) else None
