"""The panel Fit to Image, its counterpart in the Image Editor, and what the preferences say about a full CLIP."""

import bpy

from ...core.clip_names import SMALL
from .. import jobs
from ..character.editing import editable_character
from ..pictures import preview
from ..pictures.crop_box import box_of, shown_image
from ..selection import active_character, is_character
from ..state import memory
from .panels import SidebarPanel, sentence

PREVIEW = 4.5
"""Size of the picture of the crop, in the interface's rows."""


def draw_height(layout: bpy.types.UILayout, data: bpy.types.PropertyGroup) -> None:
    """A switch and a length in one row."""
    row = layout.row(align=True)
    row.prop(data, "height_known", text="Height")
    value = row.row(align=True)
    value.enabled = data.height_known
    value.prop(data, "height", text="")


def draw_job(layout: bpy.types.UILayout) -> None:
    """Progress and Cancel of what runs; after a failure the way to its log."""
    job = memory.job
    if job is None:
        return
    if not job.done:
        row = layout.row(align=True)
        row.progress(factor=job.fraction, text=f"{job.title}: {job.text}")
        row.operator("semantify.cancel_job", text="", icon="X")
    elif job.error:
        layout.operator("semantify.open_log", icon="TEXT")


class SEMANTIFY_PT_fit(SidebarPanel, bpy.types.Panel):
    """From a picture to a shape."""

    bl_label = "Fit to Image"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        session, layout = context.window_manager.semantify, self.layout
        row = layout.row(align=True)
        row.prop_search(session, "image", bpy.data, "images", text="", icon="IMAGE_DATA")
        row.operator("semantify.fit_image", text="", icon="FILE_FOLDER")
        draw_height(layout, session)
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
        if not (chosen or character):
            sentence(layout, context, "Or drop a picture onto the viewport.")
        if editable_character(context) is not None and any(slider.lock for slider in obj.data.semantify.sliders):
            sentence(layout, context, "Locked sliders stay as they are.", icon="LOCKED")


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
        for note in state.fit_notes.splitlines():
            sentence(layout, context, note)
        if not (icon or state.fit_notes):
            sentence(layout, context, "Press Fit to see it: previews are not saved in the file.")


class SEMANTIFY_PT_image(bpy.types.Panel):
    """The crop box of the image that the editor shows."""

    bl_label = "Fit to Image"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Semantify"

    def draw(self, context: bpy.types.Context) -> None:
        layout, image = self.layout, shown_image(context)
        if image is None:
            sentence(layout, context, "Show an image to draw a box around the figure in it.")
            return
        layout.operator("semantify.crop_box", icon="SELECT_SET")
        box = box_of(image)
        if box is not None:
            left, top, right, bottom = box
            row = layout.row(align=True)
            row.label(text=f"{right - left:.0f} × {bottom - top:.0f} px")
            row.operator("semantify.clear_crop", text="", icon="X")
        else:
            sentence(layout, context, "No box: the whole image is looked at.")
        draw_height(layout, context.window_manager.semantify)
        row = layout.row()
        row.scale_y = 1.4
        character = is_character(active_character(context))
        text = "Fit" if character else "Fit New Character"
        row.operator("semantify.fit_image", text=text, icon="IMAGE_DATA").image = image.name
        draw_job(layout)


def draw_full_clip(
    layout: bpy.types.UILayout, context: bpy.types.Context, preferences: bpy.types.AddonPreferences
) -> None:
    """In the preferences: what a full CLIP needs, and the button that gets it."""
    if preferences.clip.strip() in ("", SMALL):
        return
    from ..pictures import environment

    layout.prop(preferences, "python")
    found = environment.find_python()
    row = layout.row()
    if found:
        row.label(text=f"Python: {found[0]} ({found[1]})", icon="CHECKMARK")
    else:
        row.label(text="Needs a Python with torch and open_clip: choose one, or let the add-on make it", icon="INFO")
    if not jobs.running():
        layout.operator("semantify.set_up_clip", text="Set Up", icon="IMPORT")
        if not bpy.app.online_access:
            layout.label(text="Set Up needs System > Network > Allow Online Access", icon="INTERNET_OFFLINE")
    draw_job(layout)
