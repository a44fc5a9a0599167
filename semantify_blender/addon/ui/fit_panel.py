"""The panel Fit to Image, with the crop that was looked at."""

import bpy

from .. import jobs
from ..character import layers
from ..character.editing import editable_character
from ..known import MEASURED, draw_size
from ..pictures import preview
from ..selection import active_character, chosen_layer, is_character, layer_of
from ..state import memory
from .layers import identifier
from .layouts import SidebarPanel, draw_job, sentence
from .lengths import sizes_text

PREVIEW = 7.0
"""Size of the picture of the crop, in the interface's rows."""


def subject(context: bpy.types.Context, obj: bpy.types.Object | None, layer: str) -> str:
    """What a fit would shape: "body", "face" or "animal". obj: the character, or None for a new one. layer: of it."""
    from ...core.descriptors import subject_of_name

    if layer != "BODY":
        return "face"
    return subject_of_name(context.window_manager.semantify.mapper if obj is None else obj.data.semantify.model_name)


class SEMANTIFY_PT_fit(SidebarPanel, bpy.types.Panel):
    """From a picture to a shape."""

    bl_label = "Fit to Image"
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        session, layout = context.window_manager.semantify, self.layout
        row = layout.row(align=True)
        row.prop_search(session, "image", bpy.data, "images", text="", icon="IMAGE_DATA")
        row.operator("semantify.fit_image", text="", icon="FILE_FOLDER")
        obj = active_character(context)
        character = is_character(obj)
        layer = chosen_layer(context, obj) if character else "BODY"
        if character and len(found := layers.all_of(obj.data.semantify)) > 1:
            row = layout.row(align=True)
            for name in found:
                row.prop_enum(session, "layer", identifier(name))
        about = subject(context, obj if character else None, layer)
        if about == "body":
            layout.row().prop(session, "sex", expand=True)
        if about != "face":  # nobody measures those
            draw_size(layout, session, "height")
        row = layout.row(align=True)
        row.scale_y = 1.4
        row.enabled = not jobs.running()
        chosen = session.image in bpy.data.images
        if chosen:
            text = "Fit" if character else "Fit New Character"
            fit = row.operator("semantify.fit_image", text=text, icon="IMAGE_DATA")
            fit.image, fit.layer = session.image, layer
        else:
            row.operator("semantify.fit_image", text="Open Picture…", icon="FILE_FOLDER")
        state = layer_of(obj.data.semantify, layer) if character else None
        if state is not None and len(state.pictures):
            row.operator("semantify.refine_fit", icon="SHADERFX").layer = layer
        draw_job(layout)
        _draw_refusal(layout, context)
        if not (chosen or character):
            sentence(layout, context, "Or drop a picture onto the viewport.")
        if editable_character(context) is not None and any(slider.lock for slider in state.sliders):
            sentence(layout, context, "Locked sliders stay as they are.", icon="LOCKED")


class SEMANTIFY_PT_fit_measured(SidebarPanel, bpy.types.Panel):
    """What few people know of themselves: it is out of the way."""

    bl_label = "Measured"
    bl_parent_id = "SEMANTIFY_PT_fit"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj):
            return subject(context, None, "BODY") == "body"
        return subject(context, obj, chosen_layer(context, obj)) == "body"

    def draw(self, context: bpy.types.Context) -> None:
        for name in MEASURED:
            draw_size(self.layout, context.window_manager.semantify, name)


class SEMANTIFY_PT_fit_picture(SidebarPanel, bpy.types.Panel):
    """The crop that the last fit looked at, and what it has to say."""

    bl_label = "Picture Used"
    bl_parent_id = "SEMANTIFY_PT_fit"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        state = _fitted_layer(context)
        return state is not None and bool(state.fitted_to)

    def draw(self, context: bpy.types.Context) -> None:
        state, layout = _fitted_layer(context), self.layout
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


def _fitted_layer(context: bpy.types.Context) -> bpy.types.PropertyGroup | None:
    obj = active_character(context)
    return layer_of(obj.data.semantify, chosen_layer(context, obj)) if is_character(obj) else None


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
