"""The panel Shape: the word sliders, and why they rest when they do. Drawing reads what is cached, no disk."""

import bpy

from ..character import overriding
from ..selection import active_character, in_object_mode, is_character, sharing
from .describe_field import draw_field
from .layers import draw_layers
from .layouts import SidebarPanel, sentence
from .lengths import height_text
from .own_keys_panel import SEMANTIFY_PT_own_keys


class SEMANTIFY_PT_shape(SidebarPanel, bpy.types.Panel):
    """The word sliders of the active character."""

    bl_label = "Shape"
    bl_order = 2

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        """All that can be done with a character, where the panel is."""
        self.layout.emboss = "NONE"
        self.layout.menu("SEMANTIFY_MT_object", text="", icon="DOWNARROW_HLT")

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        obj = active_character(context)
        if not is_character(obj):
            chosen = context.object
            text = f"{chosen.name} is no Semantify character: " if chosen else "Nothing is selected: "
            keys = SEMANTIFY_PT_own_keys.poll(context)
            text += "use its own shape keys, below, or add a character." if keys else "select a character or add one."
            sentence(layout, context, text)
            return
        from ..character import condition

        mesh, state = obj.data, obj.data.semantify
        row = layout.row()
        row.label(text=obj.name, icon="USER")
        trouble = condition.trouble(mesh)
        attached = len(state.keys)
        if not trouble:
            right = row.row()
            right.alignment = "RIGHT"
            right.label(text=f"{attached} own keys" if attached else height_text(context, obj))
        users = sharing(obj)
        if users > 1:
            sentence(layout, context, f"{users} objects share this shape.", icon="LINKED")
        foreign = overriding.problem(obj)
        if foreign:
            sentence(layout, context, foreign, icon="LINKED")
        if overriding.can_override(obj):
            layout.operator("semantify.override_mesh", icon="LIBRARY_DATA_OVERRIDE")
        if trouble:
            self._draw_trouble(context, layout, mesh, trouble)
            return
        self._draw_notices(context, layout, obj)
        usable = in_object_mode(obj) and not state.baked and foreign is None
        draw_field(context, layout, mesh, usable)
        draw_layers(context, layout, obj, usable)
        if attached:
            row = layout.row(align=True)
            row.operator("semantify.detach", icon="UNLINKED").keep = False
            row.operator("semantify.detach", text="Detach, Keep Shape").keep = True

    @staticmethod
    def _draw_notices(context: bpy.types.Context, layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
        """Why the sliders do nothing, if so, and the button that puts it right."""
        from ..character import copying

        state = obj.data.semantify
        if not in_object_mode(obj):
            sentence(layout, context, "Go back to Object Mode to use the sliders.")
        if state.baked:
            sentence(
                layout,
                context,
                f"Baked to shape keys, frames {state.bake_start} to {state.bake_end}: the sliders rest.",
                icon="KEYFRAME_HLT",
            )
            layout.operator("semantify.free_bake", icon="UNLINKED")
        if len(state.keys):
            from ..own_keys import attaching

            notices = attaching.notices(obj)
        else:
            from ..character import following

            notices = following.notices(obj)
        for text in (*notices, *copying.notices(obj.data)):
            sentence(layout, context, text, icon="ERROR")

    @staticmethod
    def _draw_trouble(
        context: bpy.types.Context, layout: bpy.types.UILayout, mesh: bpy.types.Mesh, trouble: str
    ) -> None:
        """What happened to the shape keys, and the ways out."""
        sentence(layout, context, f"{trouble}.", icon="ERROR")
        if mesh.library is not None or mesh.override_library is not None:
            return
        column = layout.column(align=True)
        if not len(mesh.semantify.keys):
            column.operator("semantify.rebuild_keys", icon="SHAPEKEY_DATA")
        column.operator("semantify.remove", icon="UNLINKED")
