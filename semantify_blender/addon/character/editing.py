"""Whether the sliders of the characters that the user means can be used now, and what to say when they cannot."""

from __future__ import annotations

import bpy

from ..selection import active_character, chosen_characters, in_object_mode, is_character
from . import overriding

NONE_CHOSEN = "Select a Semantify character"


def obstacle(context: bpy.types.Context) -> str | None:
    """One sentence on why the sliders of the active character cannot rule its shape now; None when they can."""
    obj = active_character(context)
    return obstacle_of(obj) if is_character(obj) else NONE_CHOSEN


def obstacle_of(obj: bpy.types.Object) -> str | None:
    """The same of any character."""
    foreign = overriding.problem(obj)
    if foreign:
        return foreign.rstrip(".")
    if not in_object_mode(obj):
        return "Go back to Object Mode first"
    from . import condition

    trouble = condition.trouble(obj.data)
    if trouble:
        return f"{trouble}. {'' if len(obj.data.semantify.keys) else 'Rebuild Shape Key or '}Remove Semantify"
    from . import head_rows, layers, models

    missing = models.problem(obj.data.semantify)
    for name, layer in layers.all_of(obj.data.semantify).items():
        missing = missing or (head_rows.problem(layer) if name else None)
    if missing:
        return missing
    return "This character is baked: Free Bake first" if obj.data.semantify.baked else None


def editable_character(context: bpy.types.Context) -> bpy.types.Object | None:
    """The active character when its sliders rule its shape now: kept by this file, in Object Mode, whole, not baked."""
    return None if obstacle(context) else active_character(context)


def obstacle_to_all(context: bpy.types.Context) -> str | None:
    """One sentence on why the sliders of none of the selected characters can be used; None when those of any can."""
    first = None
    for obj in chosen_characters(context):
        trouble = obstacle_of(obj)
        if trouble is None:
            return None
        first = first or trouble
    return first or NONE_CHOSEN


def editable_characters(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected characters whose sliders rule their shapes now, the active one first; one of each shared mesh."""
    return [obj for obj in chosen_characters(context) if obstacle_of(obj) is None]


def left_out(context: bpy.types.Context) -> dict[str, str]:
    """Name -> one sentence on why, of the selected characters that `editable_characters` leaves out."""
    found = {obj.name: obstacle_of(obj) for obj in chosen_characters(context)}
    return {name: trouble for name, trouble in found.items() if trouble is not None}
