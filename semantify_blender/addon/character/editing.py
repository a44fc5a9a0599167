"""Whether the sliders of the character that the user means can be used now, and what to say when they cannot."""

from __future__ import annotations

import bpy

from ..selection import active_character, in_object_mode, is_character
from . import overriding


def obstacle(context: bpy.types.Context) -> str | None:
    """One sentence on why the sliders of the active character cannot rule its shape now; None when they can."""
    obj = active_character(context)
    if not is_character(obj):
        return "Select a Semantify character"
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
