"""The panel Shape: the word sliders, and why they rest when they do. Drawing reads what is cached, no disk."""

import bpy

from ..character import overriding
from ..selection import active_character, is_character, sharing
from .layouts import SidebarPanel, sentence
from .lengths import height_text
from .own_keys_panel import SEMANTIFY_PT_own_keys


class SEMANTIFY_PT_shape(SidebarPanel, bpy.types.Panel):
    """The word sliders of the active character."""

    bl_label = "Shape"
    bl_order = 2

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
        from ..character import condition, embedding, models

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
        if embedding.problem(mesh) or models.problem(mesh):
            return
        body = layout.column()
        body.enabled = obj.mode == "OBJECT" and not state.baked and foreign is None
        if state.fitted_to:  # on an override a fit of the library stays as zeros when it is dropped
            self._draw_fit(body, state)
        self._draw_sliders(body, state)
        row = body.row(align=True)
        row.operator("semantify.reset_all", icon="LOOP_BACK")
        row.operator("semantify.randomize", icon="FILE_REFRESH")
        row = body.row(align=True)
        row.prop(state, "strength", slider=True)
        row.prop(state, "seed")
        body.prop(state, "keep_natural")
        if attached:
            row = layout.row(align=True)
            row.operator("semantify.detach", icon="UNLINKED").keep = False
            row.operator("semantify.detach", text="Detach, Keep Shape").keep = True

    @staticmethod
    def _draw_fit(layout: bpy.types.UILayout, state: bpy.types.PropertyGroup) -> None:
        """What the picture added to the sliders' shape: how much of it, and the way to drop it."""
        layout.label(text=f"Fitted to {state.fitted_to}", icon="IMAGE_DATA")
        row = layout.row(align=True)
        row.prop(state, "offset_amount", text="Amount of Fit", slider=True)
        row.operator("semantify.clear_fit", text="", icon="X")

    @staticmethod
    def _draw_sliders(layout: bpy.types.UILayout, state: bpy.types.PropertyGroup) -> None:
        column = layout.column(align=True)
        for i, slider in enumerate(state.sliders):
            row = column.row(align=True)
            value = row.row(align=True)
            value.active = not slider.lock
            value.prop(slider, "value", text=slider.name[:1].upper() + slider.name[1:], slider=True)
            row.operator("semantify.reset_slider", text="", icon="LOOP_BACK").index = i
            row.prop(slider, "lock", text="", icon="LOCKED" if slider.lock else "UNLOCKED")

    @staticmethod
    def _draw_notices(context: bpy.types.Context, layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
        """Why the sliders do nothing, if so, and the button that puts it right."""
        from ..character import copying, embedding, models

        state = obj.data.semantify
        if obj.mode != "OBJECT":
            sentence(layout, context, "Go back to Object Mode to use the sliders.")
        if state.baked:
            sentence(
                layout,
                context,
                f"Baked to shape keys, frames {state.bake_start} to {state.bake_end}: the sliders rest.",
                icon="KEYFRAME_HLT",
            )
            layout.operator("semantify.free_bake", icon="UNLINKED")
        problem = embedding.problem(obj.data)
        if problem:
            sentence(layout, context, problem, icon="ERROR")
            layout.operator("semantify.change_mapper", icon="FILEBROWSER")
        missing = models.problem(obj.data)
        if missing:
            sentence(layout, context, missing, icon="ERROR")
            layout.operator("semantify.locate_model", icon="FILEBROWSER")
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
