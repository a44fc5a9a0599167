"""The panel Finish."""

import bpy

from ..selection import chosen_characters
from .layouts import CharacterSubPanel


class SEMANTIFY_PT_finish(CharacterSubPanel, bpy.types.Panel):
    """The ways out: plain meshes, and files for other programs."""

    bl_label = "Finish"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        count = sum(1 for _ in chosen_characters(context))
        text = "Finish Character" if count < 2 else f"Finish {count} Characters"
        layout.operator("semantify.finish", text=text, icon="CHECKMARK")
        row = layout.row(align=True)
        row.operator("semantify.export_glb", icon="EXPORT")
        row.operator("semantify.export_fbx", icon="EXPORT")
        layout.operator("semantify.share_page", icon="URL")
