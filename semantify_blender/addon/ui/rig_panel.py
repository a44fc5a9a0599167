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
        from ..character import rigs

        layout, obj = self.layout, active_character(context)
        rig = rigs.of_object(obj)
        if rig is None:
            row = layout.row(align=True)
            row.operator("semantify.add_rig", icon="ARMATURE_DATA")
            if rigs.skeleton_of(obj.data.semantify, rigs.FULL) is not None:
                row.operator_menu_enum("semantify.add_rig", "kind", text="", icon="DOWNARROW_HLT")
            return
        if rigs.kind_of(rig) == rigs.RIGIFY:
            self._draw_metarig(context, rig)
        else:
            self._draw_poses(obj)
        skeleton = rigs.skeleton_of(obj.data.semantify, rigs.kind_of(rig))
        obstacle = rigs.obstacle(rig, skeleton) if skeleton is not None else None
        if obstacle:
            sentence(layout, context, obstacle, icon="ERROR")
        row = layout.row(align=True)
        row.operator("semantify.follow_shape", icon="BONE_DATA")
        row.operator("semantify.remove_rig", text="", icon="X")

    def _draw_poses(self, obj: bpy.types.Object) -> None:
        from ..character import poses

        row = self.layout.row(align=True)
        for identifier, text in (("A", "A"), ("T", "T"), ("RELAXED", "Relaxed")):
            row.operator("semantify.pose_rig", text=text).pose = identifier
        if poses.of_picture(obj.data):
            self.layout.operator("semantify.pose_rig", text="Pose of the Picture", icon="IMAGE_DATA").pose = "PICTURE"

    def _draw_metarig(self, context: bpy.types.Context, rig: bpy.types.Object) -> None:
        from ..character import metarigs

        reason, made = metarigs.problem(), metarigs.made_of(rig)
        if reason:
            sentence(self.layout, context, reason, icon="INFO")
        text = "Generate Control Rig" if made is None else "Fit Controls to Shape"
        self.layout.operator("semantify.generate_rig", text=text, icon="POSE_HLT")
        if made is not None and metarigs.is_behind(rig):
            sentence(self.layout, context, "The shape has changed since the controls were made", icon="INFO")
