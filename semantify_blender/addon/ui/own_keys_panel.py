"""The panel Use Own Shape Keys."""

import bpy

from ..selection import is_character
from .layouts import SidebarPanel, sentence


class SEMANTIFY_PT_own_keys(SidebarPanel, bpy.types.Panel):
    """For a mesh with shape keys that nobody drives yet: the way to word sliders on them."""

    bl_label = "Use Own Shape Keys"
    bl_order = 3

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = context.object
        if obj is None or obj.type != "MESH" or is_character(obj) or obj.data.shape_keys is None:
            return False
        return len(obj.data.shape_keys.key_blocks) > 1

    def draw(self, context: bpy.types.Context) -> None:
        from ...blender.shape_keys.preflight import check_keys, object_name
        from ...core.errors import SemantifyError

        layout, obj = self.layout, context.object
        count = len(obj.data.shape_keys.key_blocks) - 1
        layout.label(text=f"{object_name(obj)}: {count} shape key{'s' * (count > 1)}", icon="SHAPEKEY_DATA")
        try:
            check_keys(obj)
        except SemantifyError as error:
            text = str(error)
            sentence(layout, context, f"{text}.", icon="ERROR")
            return
        column = layout.column(align=True)
        column.operator("semantify.export_keys_model", text="Export as Model", icon="EXPORT")
        column.operator("semantify.attach_mapper", icon="LINKED")
        sentence(layout, context, "Export once, train a mapper for the file (semantify run), attach the mapper.")
