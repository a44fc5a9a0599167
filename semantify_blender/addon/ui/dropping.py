"""A picture dropped onto the 3D viewport: Blender asks whether to add an empty or to fit the character to it."""

import bpy

from ..character.editing import editable_character
from ..selection import active_character, is_character
from ..settings import preferences


class SEMANTIFY_FH_image(bpy.types.FileHandler):
    """Offers Fit to Image beside what Blender itself does with a dropped picture."""

    bl_idname = "SEMANTIFY_FH_image"
    bl_label = "Fit to Image"
    bl_import_operator = "semantify.fit_image"
    bl_file_extensions = ";".join(sorted(bpy.path.extensions_image))

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        space, own = context.space_data, preferences()
        if space is None or space.type != "VIEW_3D" or context.mode != "OBJECT":
            return False
        if own is not None and not own.offer_drops:
            return False
        # a character at rest gets no menu entry that could only fail
        return not is_character(active_character(context)) or editable_character(context) is not None
