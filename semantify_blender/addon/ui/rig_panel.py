"""The panel Rig."""

import bpy

from ..selection import active_character
from .layouts import CharacterSubPanel, sentence


class SEMANTIFY_PT_rig(CharacterSubPanel, bpy.types.Panel):
    """The character's armature and its poses."""

    bl_label = "Rig"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not super().poll(context):
            return False
        from ..character import rigs

        obj = active_character(context)
        has_bones = rigs.skeleton_of(obj.data.semantify) is not None and not len(obj.data.semantify.keys)
        return has_bones or rigs.of_object(obj) is not None

    def draw(self, context: bpy.types.Context) -> None:
        from ..character import poses, rigs

        layout, obj = self.layout, active_character(context)
        rig = rigs.of_object(obj)
        if rig is None:
            layout.operator("semantify.add_rig", icon="ARMATURE_DATA")
            return
        row = layout.row(align=True)
        for identifier, text in (("A", "A"), ("T", "T"), ("RELAXED", "Relaxed")):
            row.operator("semantify.pose_rig", text=text).pose = identifier
        if poses.of_picture(obj.data):
            layout.operator("semantify.pose_rig", text="Pose of the Picture", icon="IMAGE_DATA").pose = "PICTURE"
        skeleton = rigs.skeleton_of(obj.data.semantify)
        obstacle = rigs.obstacle(rig, skeleton) if skeleton is not None else None
        if obstacle:
            sentence(layout, context, obstacle, icon="ERROR")
        row = layout.row(align=True)
        row.operator("semantify.follow_shape", icon="BONE_DATA")
        row.operator("semantify.remove_rig", text="", icon="X")
