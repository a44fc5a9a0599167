"""A character's armature: adding and removing it, posing it, and bringing its bones to the shape."""

import bpy

from ..selection import active_character, in_object_mode, is_character
from .bases import Reporting, answer

POSE_ITEMS = (
    ("A", "A-Pose", "As the model stands: the rest pose"),
    ("T", "T-Pose", "Arms stretched out to the sides"),
    ("RELAXED", "Relaxed", "Arms hanging, elbows a little bent"),
    ("PICTURE", "From the Picture", "As the figure in the picture that the character was fitted to is held"),
)


KIND_ITEMS = (
    ("GAME", "Game Rig", "The model's own bones: 53, named as in game engines, of a person", "ARMATURE_DATA", 0),
    ("FULL", "Full Rig", "MakeHuman's 163 bones, with face, tongue and single toes", "OUTLINER_OB_ARMATURE", 1),
    ("RIGIFY", "Rigify Metarig", "Bones that Blender's add-on Rigify makes a control rig of", "POSE_HLT", 2),
)  # fmt: skip


class RigOperator(Reporting):
    """Base of operators on the rig of the active character."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import rigs

        obj = active_character(context)
        if not is_character(obj) or rigs.of_object(obj) is None:
            return answer(cls, "Select a Semantify character with a rig")
        return answer(
            cls, None if in_object_mode(obj) and context.mode in ("OBJECT", "POSE") else "Leave Edit Mode first"
        )


class SEMANTIFY_OT_add_rig(Reporting, bpy.types.Operator):
    """Give the active character an armature of its model's bones, skinned, that follows the shape while sliders move"""

    bl_idname = "semantify.add_rig"
    bl_label = "Add Rig"
    bl_options = {"REGISTER", "UNDO"}

    kind: bpy.props.EnumProperty(name="Rig", items=KIND_ITEMS, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import rigging

        obj = active_character(context)
        if not is_character(obj):
            return answer(cls, "Select a Semantify character")
        return answer(cls, rigging.problem(obj) if in_object_mode(obj) else "Leave Edit Mode first")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import rigging

        rigging.add(context, active_character(context), self.kind.lower())
        return {"FINISHED"}


class SEMANTIFY_OT_generate_rig(RigOperator, bpy.types.Operator):
    """Let Rigify make its controls of the metarig, or fit them to the present shape; the character goes with them"""

    bl_idname = "semantify.generate_rig"
    bl_label = "Generate Control Rig"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        from ..character import metarigs, rigs

        if not super().poll(context):
            return False
        if rigs.kind_of(rigs.of_object(active_character(context))) != rigs.RIGIFY:
            return answer(cls, "This character's rig is no metarig: remove it and add a Rigify Metarig")
        return answer(cls, metarigs.problem() if context.mode == "OBJECT" else "Go back to Object Mode first")

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import metarigs, rigs

        metarigs.generate(context, rigs.of_object(active_character(context)))
        return {"FINISHED"}


class SEMANTIFY_OT_pose_rig(RigOperator, bpy.types.Operator):
    """Hold the character's rig in a pose; bones that you added, and where all bones are, stay as they are"""

    bl_idname = "semantify.pose_rig"
    bl_label = "Pose Rig"

    pose: bpy.props.EnumProperty(name="Pose", items=POSE_ITEMS)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import poses

        poses.put(active_character(context), self.pose)
        return {"FINISHED"}


class SEMANTIFY_OT_follow_shape(RigOperator, bpy.types.Operator):
    """Move all bones of the rig to the joints of the shape as it is on this frame, even those moved by hand"""

    bl_idname = "semantify.follow_shape"
    bl_label = "Bones to Shape"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import rigging

        rigging.follow(context, active_character(context))
        return {"FINISHED"}


class SEMANTIFY_OT_remove_rig(RigOperator, bpy.types.Operator):
    """Take the character's rig away, with its vertex groups and poses; the shape stays"""

    bl_idname = "semantify.remove_rig"
    bl_label = "Remove Rig"

    def run(self, context: bpy.types.Context) -> set[str]:
        from ..character import rigging

        rigging.remove(active_character(context))
        return {"FINISHED"}
