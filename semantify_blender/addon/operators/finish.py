"""The way out of the add-on: plain meshes for whatever comes next."""

import bpy

from ..selection import chosen_objects, in_object_mode
from .bases import EachOperator, answer


def obstacle_to_finishing(obj: bpy.types.Object) -> str | None:
    """One sentence on why a character cannot be made a plain mesh; None when it can, whatever became of its keys."""
    if obj.library is not None or obj.data.library is not None or obj.data.override_library is not None:
        return "It comes from another file: make it local first (Object > Relations)"
    return None if in_object_mode(obj) else "Go back to Object Mode first"


class SEMANTIFY_OT_finish(EachOperator, bpy.types.Operator):
    """Make the selected characters plain meshes in their present shape: nothing of Semantify is left on them"""

    bl_idname = "semantify.finish"
    bl_label = "Finish Character"

    rig: bpy.props.EnumProperty(
        name="Rig",
        description="What becomes of the armature that Add Rig made; your own ones stay",
        items=(
            ("KEEP", "Keep", "The armature goes on moving the mesh, as a plain one whose bones stay where they are"),
            ("APPLY", "Apply Pose", "The pose becomes the mesh's own shape, and the armature goes"),
            ("REMOVE", "Remove", "The armature goes with its poses: the mesh stands as at rest"),
        ),
    )
    clothes: bpy.props.EnumProperty(
        name="Clothes",
        description="Whether what is worn stays in one mesh with the body",
        items=(
            ("JOINED", "In One Mesh", "Body and clothes stay one mesh"),
            ("SEPARATE", "Separate", "Each garment becomes an object of its own, on the same rig"),
        ),
    )
    keep_copy: bpy.props.BoolProperty(
        name="Keep Character",
        description="Leave the character with its sliders in the file, hidden, and finish a copy beside it",
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        chosen = list(chosen_objects(context))
        if context.mode not in ("OBJECT", "POSE"):
            return answer(cls, "Go back to Object Mode first")
        if any(obstacle_to_finishing(obj) is None for obj in chosen):
            return True
        return answer(cls, obstacle_to_finishing(chosen[0]) if chosen else "Select a Semantify character")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import finishing

        troubles = {obj: obstacle_to_finishing(obj) for obj in chosen_objects(context)}
        objects = [obj for obj, trouble in troubles.items() if trouble is None]
        left = {obj.name: trouble for obj, trouble in troubles.items() if trouble is not None}
        animated = [obj for obj in objects if obj.data.animation_data is not None and not obj.data.semantify.baked]
        wish = finishing.Wish(self.rig, self.clothes == "SEPARATE", self.keep_copy)
        active = context.view_layer.objects.active
        made = finishing.finish(context, objects, wish)
        for obj in made:
            if obj.name in context.view_layer.objects:
                obj.select_set(True)
        if made and (self.keep_copy or active is None):
            context.view_layer.objects.active = made[0]
        if animated:
            self.report({"WARNING"}, "The animation of the sliders is not in the mesh: to have it, undo and bake first")
        self.tell_left(left, len(objects))
        return {"FINISHED"}
