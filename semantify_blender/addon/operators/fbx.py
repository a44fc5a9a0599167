"""FBX export of baked characters: Blender's own exporter, with the two switches that keep shape-key animation."""

import bpy

from .bases import Reporting

KEEPS_SHAPE_KEYS = {"bake_anim_use_all_actions": False, "bake_anim_use_nla_strips": False}
"""With either one on, as by default, Blender's FBX exporter writes no animation of shape keys at all."""


class SEMANTIFY_OT_export_fbx(Reporting, bpy.types.Operator):
    """Export to FBX with the animation of baked characters. Blender's default settings lose it: NLA Strips and All Actions must be off, as they are here"""  # noqa: E501

    bl_idname = "semantify.export_fbx"
    bl_label = "Export FBX"

    filepath: bpy.props.StringProperty(
        name="File Path", description="Written without asking", subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not hasattr(bpy.types, "EXPORT_SCENE_OT_fbx"):
            cls.poll_message_set("Switch on the add-on FBX format in the preferences")
            return False
        return context.mode == "OBJECT"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Blender's own file browser, where everything else can be chosen."""
        bpy.ops.export_scene.fbx("INVOKE_DEFAULT", **KEEPS_SHAPE_KEYS)
        return {"FINISHED"}

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError

        if not self.filepath:
            raise SemantifyError("no file name was given: give filepath")
        return bpy.ops.export_scene.fbx(filepath=bpy.path.abspath(self.filepath), **KEEPS_SHAPE_KEYS)
