"""F-curves and drivers on the values of shape keys: finding the user's, removing ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import bpy


def value_path(name: str) -> str:
    """The data path of a shape key's value, as F-curves and drivers on the Key datablock have it."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def ruled_elsewhere(mesh: bpy.types.Mesh, names: Iterable[str]) -> dict[str, str]:
    """Which of the named shape keys have a "driver" or "keyframes", in the action or in NLA strips."""
    data = mesh.shape_keys.animation_data if mesh.shape_keys else None
    if data is None:
        return {}
    keyed = {curve.data_path for curve in _all_curves(data)}
    driven = {curve.data_path for curve in data.drivers}
    found = {}
    for name in names:
        path = value_path(name)
        if path in driven or path in keyed:
            found[name] = "driver" if path in driven else "keyframes"
    return found


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


def action_curves(data: bpy.types.AnimData) -> bpy.types.bpy_prop_collection:
    """The F-curves of the action that an ID plays: in the channel bag of its slot since Blender 4.4."""
    return _curves(data.action, getattr(data, "action_slot", None))


def _all_curves(data: bpy.types.AnimData) -> Iterator[bpy.types.FCurve]:
    if data.action is not None:
        yield from action_curves(data)
    for track in data.nla_tracks:
        for strip in track.strips:
            if strip.action is not None:
                yield from _curves(strip.action, getattr(strip, "action_slot", None))


def _curves(action: bpy.types.Action, slot: object) -> bpy.types.bpy_prop_collection:
    if not hasattr(action, "slots") or not action.is_action_layered:
        return action.fcurves
    for layer in action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(slot) if slot is not None else None
            if bag is not None:
                return bag.fcurves
    return []
