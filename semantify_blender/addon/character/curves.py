"""Removing F-curves and drivers that are ours."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...blender.shape_keys.ruled import action_curves


def remove_curves(owner: bpy.types.ID, ours: Callable[[str], bool]) -> None:
    """Delete the F-curves of an ID's action whose data path is ours; all others stay, and so do drivers and NLA strips.

    An action left without any curve is taken away, and deleted when nothing else uses it.
    """
    data = owner.animation_data
    if data is None or data.action is None or not any(ours(curve.data_path) for curve in action_curves(data)):
        return
    if data.action.users > 1 or data.action.library is not None:
        # a duplicate may play the same action, an override plays that of the library
        data.action = data.action.copy()
    curves = action_curves(data)
    for curve in [curve for curve in curves if ours(curve.data_path)]:
        curves.remove(curve)
    if len(curves):
        return
    action = data.action
    if len(data.drivers) or len(data.nla_tracks):
        data.action = None
    else:
        owner.animation_data_clear()
    if not action.users:
        bpy.data.actions.remove(action)


def remove_drivers(owner: bpy.types.ID, ours: Callable[[str], bool]) -> None:
    """Delete the drivers of an ID whose data path is ours."""
    data = owner.animation_data
    for driver in [driver for driver in data.drivers if ours(driver.data_path)] if data else ():
        data.drivers.remove(driver)
