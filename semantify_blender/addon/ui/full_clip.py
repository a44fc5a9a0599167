"""What the preferences say about a full CLIP."""

import bpy

from ...core.clip_names import SMALL
from .. import jobs
from ..pictures import environment
from .layouts import draw_job


def draw_full_clip(
    layout: bpy.types.UILayout, context: bpy.types.Context, preferences: bpy.types.AddonPreferences
) -> None:
    """In the preferences: what a full CLIP needs, and the button that gets it."""
    if preferences.clip.strip() in ("", SMALL):
        return
    layout.prop(preferences, "python")
    found = environment.find_python()
    row = layout.row()
    if found:
        row.label(text=f"Python: {found[0]} ({found[1]})", icon="CHECKMARK")
    else:
        row.label(text="Needs a Python with torch and open_clip: choose one, or let the add-on make it", icon="INFO")
    if not jobs.running():
        layout.operator("semantify.set_up_clip", text="Set Up", icon="IMPORT")
        if not bpy.app.online_access:
            layout.label(text="Set Up needs System > Network > Allow Online Access", icon="INTERNET_OFFLINE")
    draw_job(layout)
