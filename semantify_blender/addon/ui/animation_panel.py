"""The panel Animation."""

import bpy

from ..selection import active_character
from .layouts import CharacterSubPanel


class SEMANTIFY_PT_animation(CharacterSubPanel, bpy.types.Panel):
    """Keying and baking."""

    bl_label = "Animation"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.operator("semantify.key_sliders", icon="KEY_HLT")
        if active_character(context).data.semantify.baked:
            layout.operator("semantify.free_bake", icon="UNLINKED")
        else:
            layout.operator("semantify.bake", icon="REC")
