"""The page of the add-on in Blender's preferences; `settings.py` reads what is set there."""

import bpy

from ..core.clip_names import SMALL
from .settings import ADDON_ID
from .state import memory
from .ui.full_clip import draw_full_clip


def _folder_changed(group: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    memory.look_again()


def _clip_changed(group: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    memory.close_worker()


class SEMANTIFY_AP_preferences(bpy.types.AddonPreferences):
    """One folder, laid out as the embedded data: models/ and mappers/; and which CLIP judges pictures, run by what."""

    bl_idname = ADDON_ID

    data_folder: bpy.props.StringProperty(
        name="Data Folder",
        description="Folder with your own *.mapper.npz and *.model.npz files, or with models/ and mappers/ inside",
        subtype="DIR_PATH",
        update=_folder_changed,
    )
    offer_drops: bpy.props.BoolProperty(
        name="Offer Fit to Image for Dropped Pictures",
        description="When a picture is dropped onto the 3D viewport, Blender's menu has Fit to Image as well",
        default=True,
    )
    clip: bpy.props.StringProperty(
        name="CLIP",
        description=(
            "small, which comes with the add-on and needs nothing else; or a full one for mappers trained with it, "
            "as open_clip names it: ViT-B-32:openai, or NAME:FILE with a file of weights"
        ),
        default=SMALL,
        update=_clip_changed,
    )
    python: bpy.props.StringProperty(
        name="Python",
        description="Python program that has torch and open_clip, for a full CLIP. Empty: looked for, see below",
        subtype="FILE_PATH",
        update=_clip_changed,
    )

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "data_folder")
        layout.prop(self, "offer_drops")
        layout.separator()
        layout.prop(self, "clip")
        draw_full_clip(layout, context, self)
