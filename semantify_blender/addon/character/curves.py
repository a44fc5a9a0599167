"""Removing F-curves and drivers that are ours, and having an action that takes new ones."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ...blender.shape_keys.ruled import action_curves
from ...core.errors import SemantifyError


def remove_curves(owner: bpy.types.ID, ours: Callable[[str], bool]) -> None:
    """Delete the F-curves of an ID's action whose data path is ours; all others stay, and so do drivers and NLA strips.

    An action left without any curve is taken away, and deleted when nothing else uses it.
    """
    data = owner.animation_data
    if data is None or data.action is None or not any(ours(curve.data_path) for curve in action_curves(data)):
        return
    if data.action.users > 1:
        # a duplicate may play the same action
        data.action = data.action.copy()
    unlink_action(owner)
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


def unlink_action(owner: bpy.types.ID) -> None:
    """Give an ID that plays an action of another file, as what was overridden does, a copy which can be changed."""
    data = owner.animation_data
    if data is not None and data.action is not None and data.action.library is not None:
        data.action = data.action.copy()


def check_keyable(owner: bpy.types.ID) -> None:
    """Raise SemantifyError where Blender inserts no keyframes: it says so in its console and goes on."""
    data = owner.animation_data
    if data is not None and data.action is not None and data.action.library is not None:
        raise SemantifyError(
            f"the action {data.action.name!r} of {owner.name!r} is another file's and takes no keyframes here: choose "
            "another one in the Action Editor, or make it local there"
        )


def remove_drivers(owner: bpy.types.ID, ours: Callable[[str], bool]) -> None:
    """Delete the drivers of an ID whose data path is ours."""
    data = owner.animation_data
    for driver in [driver for driver in data.drivers if ours(driver.data_path)] if data else ():
        data.drivers.remove(driver)
