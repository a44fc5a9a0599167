"""Bake and free."""

import bpy

from ..character import overriding
from ..character.editing import editable_characters, left_out
from ..selection import chosen_characters, in_object_mode
from .bases import EachOperator, Reporting


class SEMANTIFY_OT_bake(EachOperator, bpy.types.Operator):
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

        # frames are gone through once for all of them
        objects, left = editable_characters(context), left_out(context)
        linked = {
            obj.name for obj in objects if obj.data.override_library is not None and not len(obj.data.semantify.keys)
        }
        refused = baking.bake(context, objects, self.frame_start, self.frame_end, self.step, self.kind)
        baked = [obj for obj in objects if obj.name not in refused]
        self.tell_left({**left, **refused}, len(baked))
        for obj in baked:
            if obj.name in linked:
                self.report(
                    {"WARNING"}, f"The mesh of {obj.name!r} is this file's own now, and follows its library no more"
                )
        if all(obj.data.animation_data is None for obj in baked):
            self.report({"WARNING"}, "No slider is animated: the baked character stands still")
        self.report({"INFO"}, "For FBX use Export FBX under Finish: Blender's own settings lose this animation")
        return {"FINISHED"}


class SEMANTIFY_OT_free_bake(Reporting, bpy.types.Operator):
    """Delete the baked keys of all selected characters with their keyframes and give them back to their sliders"""

    bl_idname = "semantify.free_bake"
    bl_label = "Free Bake"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return any(_can_free(obj) for obj in chosen_characters(context))

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import baking

        for obj in [obj for obj in chosen_characters(context) if _can_free(obj)]:
            baking.free(context, obj)
        return {"FINISHED"}


def _can_free(obj: bpy.types.Object) -> bool:
    return in_object_mode(obj) and obj.data.semantify.baked and overriding.problem(obj) is None
