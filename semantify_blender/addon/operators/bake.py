"""Bake and free."""

import bpy

from ..character import overriding
from ..selection import active_character, is_character
from .bases import Reporting, SliderOperator


class SEMANTIFY_OT_bake(SliderOperator, bpy.types.Operator):
    """Turn the sliders' animation into keyframes on the shape keys: it then plays without the add-on, and glTF, FBX (by Export FBX) and render farms see it"""  # noqa: E501

    bl_idname = "semantify.bake"
    bl_label = "Bake to Shape Keys"

    frame_start: bpy.props.IntProperty(name="First Frame", default=1)
    frame_end: bpy.props.IntProperty(name="Last Frame", default=250)
    step: bpy.props.IntProperty(name="Step", default=1, min=1, description="A keyframe every so many frames")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.frame_start, self.frame_end = context.scene.frame_start, context.scene.frame_end
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import baking

        mesh = self.mesh(context)
        baking.bake(context, mesh, self.frame_start, self.frame_end, self.step)
        if mesh.animation_data is None:
            self.report({"WARNING"}, "No slider is animated: the baked character stands still")
        self.report(
            {"INFO"}, "For FBX use Export FBX below, or switch off NLA Strips and All Actions in Blender's export"
        )
        return {"FINISHED"}


class SEMANTIFY_OT_free_bake(Reporting, bpy.types.Operator):
    """Delete the baked keyframes and give the character back to its sliders"""

    bl_idname = "semantify.free_bake"
    bl_label = "Free Bake"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj) or obj.mode != "OBJECT" or not obj.data.semantify.baked:
            return False
        return overriding.problem(obj) is None

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import baking

        baking.free(context, active_character(context).data)
        return {"FINISHED"}
