"""The panel Fit to Image, with the crop that was looked at."""

import bpy

from .. import jobs
from ..character.editing import editable_character
from ..known import MEASURED, draw_size
from ..pictures import preview
from ..selection import active_character, is_character
from ..state import memory
from .layouts import SidebarPanel, draw_job, sentence
from .lengths import sizes_text

PREVIEW = 7.0
"""Size of the picture of the crop, in the interface's rows."""


class SEMANTIFY_PT_fit(SidebarPanel, bpy.types.Panel):
    """From a picture to a shape."""

    bl_label = "Fit to Image"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        session, layout = context.window_manager.semantify, self.layout
        row = layout.row(align=True)
        row.prop_search(session, "image", bpy.data, "images", text="", icon="IMAGE_DATA")
        row.operator("semantify.fit_image", text="", icon="FILE_FOLDER")
        layout.row().prop(session, "sex", expand=True)
        draw_size(layout, session, "height")
        obj = active_character(context)
        character = is_character(obj)
        row = layout.row(align=True)
        row.scale_y = 1.4
        row.enabled = not jobs.running()
        chosen = session.image in bpy.data.images
        if chosen:
            text = "Fit" if character else "Fit New Character"
            row.operator("semantify.fit_image", text=text, icon="IMAGE_DATA").image = session.image
        else:
            row.operator("semantify.fit_image", text="Open Picture…", icon="FILE_FOLDER")
        if character and len(obj.data.semantify.pictures):
            row.operator("semantify.refine_fit", icon="SHADERFX")
        draw_job(layout)
        _draw_refusal(layout, context)
        if not (chosen or character):
            sentence(layout, context, "Or drop a picture onto the viewport.")
        if editable_character(context) is not None and any(slider.lock for slider in obj.data.semantify.sliders):
            sentence(layout, context, "Locked sliders stay as they are.", icon="LOCKED")


class SEMANTIFY_PT_fit_measured(SidebarPanel, bpy.types.Panel):
    """What few people know of themselves: it is out of the way."""

    bl_label = "Measured"
    bl_parent_id = "SEMANTIFY_PT_fit"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        for name in MEASURED:
            draw_size(self.layout, context.window_manager.semantify, name)


class SEMANTIFY_PT_fit_picture(SidebarPanel, bpy.types.Panel):
    """The crop that the last fit looked at, and what it has to say."""

    bl_label = "Picture Used"
    bl_parent_id = "SEMANTIFY_PT_fit"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        return is_character(obj) and bool(obj.data.semantify.fitted_to)

    def draw(self, context: bpy.types.Context) -> None:
        state, layout = active_character(context).data.semantify, self.layout
        icon = preview.icon(state.fit_preview)
        if icon:
            layout.template_icon(icon, scale=PREVIEW)
        if state.fit_measures:
            sentence(layout, context, sizes_text(context, state.fit_measures), icon="DRIVER_DISTANCE")
        for note in state.fit_notes.splitlines():
            sentence(layout, context, note)
        if not (icon or state.fit_notes):
            sentence(layout, context, "Press Fit to see it: previews are not saved in the file.")
        if len(state.pictures) and memory.refusal is None:
            layout.operator("semantify.open_crop", icon="SELECT_SET")


def _draw_refusal(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Why the last pictures were not fitted to, and the ways out."""
    refusal = memory.refusal
    if refusal is None:
        return
    box = layout.box().column()
    sentence(box, context, refusal.text, icon="ERROR")
    if refusal.face is not None:
        box.operator("semantify.crop_face", icon="USER")
    box.operator("semantify.open_crop", icon="SELECT_SET")
    row = box.row(align=True)
    row.enabled = not jobs.running()
    anyway = row.operator("semantify.fit_image", text="Fit Anyway")
    for name, value in refusal.options.items():
        setattr(anyway, name, value)
    anyway.force = True
    if len(refusal.shots) == 1 and not refusal.shot.path:
        anyway.image = refusal.shot.image
    else:
        for shot in refusal.shots:
            anyway.files.add().name = shot.path
    row.operator("semantify.forget_refusal", text="", icon="X")
