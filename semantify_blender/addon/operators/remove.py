"""The two ways out when a character's shape keys are gone, and the way back to a mesh like any other."""

import bpy

from ..selection import active_character, in_object_mode, is_character
from .bases import Reporting


class CharacterOperator(Reporting):
    """Base of operators on any character of this file, whatever became of its shape keys."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        ours = is_character(obj) and obj.data.library is None and not obj.data.override_library
        if ours and in_object_mode(obj):
            return True
        cls.poll_message_set("Select a character of this file, in Object Mode")
        return False


class SEMANTIFY_OT_rebuild_keys(CharacterOperator, bpy.types.Operator):
    """Make the shape key anew that was deleted, renamed or applied; the sliders then shape the character again"""

    bl_idname = "semantify.rebuild_keys"
    bl_label = "Rebuild Shape Key"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        from ..character import condition

        mesh = active_character(context).data
        if len(mesh.semantify.keys):
            cls.poll_message_set("The sliders moved shape keys of the mesh's own: only Undo brings those back")
        elif condition.trouble(mesh) is None:
            cls.poll_message_set("The shape key of this character is there")
        else:
            return True
        return False

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import rebuilding

        rebuilding.rebuild(active_character(context))
        return {"FINISHED"}


class SEMANTIFY_OT_remove(CharacterOperator, bpy.types.Operator):
    """Make the character a mesh like any other: it keeps its present shape, materials and your own shape keys; sliders and mapper go. A baked character keeps its shape keys with their keyframes"""  # noqa: E501

    bl_idname = "semantify.remove"
    bl_label = "Remove Semantify"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import removing

        obj = active_character(context)
        mesh = obj.data
        animated = mesh.animation_data is not None and not mesh.semantify.baked
        removing.remove(obj)
        if animated:
            self.report({"WARNING"}, "The animation of the sliders went too: to keep it, undo and bake first")
        return {"FINISHED"}
