"""A character for other files."""

import bpy

from ..selection import active_character, is_character
from .bases import Reporting, answer


class SEMANTIFY_OT_mark_asset(Reporting, bpy.types.Operator):
    """Make the active character an asset with a picture: dragged into other files it comes whole, sliders and all"""

    bl_idname = "semantify.mark_asset"
    bl_label = "Mark as Asset"
    bl_options = {"REGISTER", "UNDO"}

    description_text: bpy.props.StringProperty(
        name="Description", description="What the asset browser says of it; empty for its words"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj):
            return answer(cls, "Select a Semantify character")
        if obj.library is not None or obj.data.library is not None:
            return answer(cls, "The character is another file's: mark it there")
        return answer(cls, None if context.mode in ("OBJECT", "POSE") else "Leave Edit Mode first")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import assets

        assets.mark(active_character(context), self.description_text)
        self.report({"INFO"}, "Save this file in a folder of an asset library to drag the character into others")
        return {"FINISHED"}
