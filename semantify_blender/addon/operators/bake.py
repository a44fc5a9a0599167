"""Bake and free."""

import bpy

from ..character import overriding
from ..character.editing import editable_character
from ..selection import active_character, in_object_mode, is_character
from .bases import Reporting, SliderOperator


class SEMANTIFY_OT_bake(SliderOperator, bpy.types.Operator):
    """Turn the sliders' animation into keyframes on the shape keys: it then plays without the add-on, and glTF, FBX (by Export FBX) and render farms see it"""  # noqa: E501

    bl_idname = "semantify.bake"
    bl_label = "Bake to Shape Keys"

    frame_start: bpy.props.IntProperty(name="First Frame", default=1)
    frame_end: bpy.props.IntProperty(name="Last Frame", default=250)
    step: bpy.props.IntProperty(name="Step", default=1, min=1, description="A keyframe every so many frames")
    kind: bpy.props.EnumProperty(
        name="Keys",
        description="Which shape keys carry the animation",
        items=(
            ("COMPONENTS", "One a Component", "Fewest keys; their values go below 0 and beyond 1"),
            ("POSITIVE", "Positive and Negative", "Two a component, all values in 0..1: for glTF viewers and engines"),
            ("FRAMES", "One a Frame", "Exact at every frame whatever plays it, and large: one key a keyframe"),
        ),
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        self.frame_start, self.frame_end = context.scene.frame_start, context.scene.frame_end
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import baking

        obj = editable_character(context)
        overridden = obj.data.override_library is not None and not len(obj.data.semantify.keys)
        baking.bake(context, obj, self.frame_start, self.frame_end, self.step, self.kind)
        if overridden:
            self.report({"WARNING"}, "The mesh is this file's own now, and follows its library no more")
        if obj.data.animation_data is None:
            self.report({"WARNING"}, "No slider is animated: the baked character stands still")
        self.report(
            {"INFO"}, "For FBX use Export FBX below, or switch off NLA Strips and All Actions in Blender's export"
        )
        return {"FINISHED"}


class SEMANTIFY_OT_free_bake(Reporting, bpy.types.Operator):
    """Delete the baked keys with their keyframes and give the character back to its sliders"""

    bl_idname = "semantify.free_bake"
    bl_label = "Free Bake"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj) or not in_object_mode(obj) or not obj.data.semantify.baked:
            return False
        return overriding.problem(obj) is None

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import baking

        baking.free(context, active_character(context))
        return {"FINISHED"}
