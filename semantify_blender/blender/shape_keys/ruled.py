"""Which shape keys something else rules: drivers and keyframes on their values, in the action or in NLA strips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import bpy


def value_path(name: str) -> str:
    """The data path of a shape key's value, as F-curves and drivers on the Key datablock have it."""
    return f'key_blocks["{bpy.utils.escape_identifier(name)}"].value'


def ruled_elsewhere(mesh: bpy.types.Mesh, names: Iterable[str]) -> dict[str, str]:
    """Which of the named shape keys have a "driver" or "keyframes", in the action or in NLA strips that play."""
    data = mesh.shape_keys.animation_data if mesh.shape_keys else None
    if data is None:
        return {}
    keyed = {curve.data_path for curve in _all_curves(data)}
    driven = {curve.data_path for curve in data.drivers}
    blocks = mesh.shape_keys.key_blocks
    found = {}
    for name in names:
        # scripts also write the number in place of the name
        paths = {value_path(name), f"key_blocks[{blocks.find(name)}].value"}
        if paths & driven or paths & keyed:
            found[name] = "driver" if paths & driven else "keyframes"
    return found


def correctives(mesh: bpy.types.Mesh, names: Iterable[str]) -> set[str]:
    """Those of the named shape keys whose driver reads other shape keys of the mesh: they correct a mix of those."""
    keys = mesh.shape_keys
    data = keys.animation_data if keys else None
    found = set()
    for curve in data.drivers if data else ():
        targets = [target for variable in curve.driver.variables for target in variable.targets]
        if any(target.id == keys and target.data_path.startswith("key_blocks[") for target in targets):
            found.add(curve.data_path)
    return {name for name in names if {value_path(name), f"key_blocks[{keys.key_blocks.find(name)}].value"} & found}


def action_curves(data: bpy.types.AnimData) -> bpy.types.bpy_prop_collection:
    """The F-curves of the action that an ID plays: in the channel bag of its slot since Blender 4.4."""
    return _curves(data.action, getattr(data, "action_slot", None))


def _all_curves(data: bpy.types.AnimData) -> Iterator[bpy.types.FCurve]:
    if data.action is not None:
        yield from action_curves(data)
    for track in data.nla_tracks:
        for strip in () if track.mute else track.strips:
            if strip.action is not None and not strip.mute:
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
