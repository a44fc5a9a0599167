"""One button that makes the sliders of an overridden character usable."""

import bpy

from ..character import overriding
from ..selection import active_character, in_object_mode, is_character
from .bases import Reporting


class SEMANTIFY_OT_override_mesh(Reporting, bpy.types.Operator):
    """Override the linked mesh of this character: its sliders then work in this file, and keep following the other file where you change nothing"""  # noqa: E501

    bl_idname = "semantify.override_mesh"
    bl_label = "Override Mesh"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if is_character(obj) and in_object_mode(obj) and overriding.can_override(obj):
            return True
        cls.poll_message_set("Select an overridden character whose mesh is still linked, in Object Mode")
        return False

    def run(self, context: bpy.types.Context) -> set[str]:
        overriding.override_mesh(active_character(context))
        return {"FINISHED"}
