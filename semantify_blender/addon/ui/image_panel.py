"""The Image Editor's panel Fit to Image: the crop box of the image that is shown."""

import bpy

from ..known import draw_size
from ..pictures.crop_box import box_of, shown_image
from ..selection import active_character, is_character
from .fit_panel import subject
from .layouts import draw_job, sentence


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
        obj = active_character(context)
        character = is_character(obj)
        if subject(context, obj if character else None, "BODY") != "face":
            draw_size(layout, context.window_manager.semantify, "height")
        row = layout.row()
        row.scale_y = 1.4
        text = "Fit" if character else "Fit New Character"
        row.operator("semantify.fit_image", text=text, icon="IMAGE_DATA").image = image.name
        draw_job(layout)
