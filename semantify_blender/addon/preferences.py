"""Add-on preferences: the user's own models and mappers, and the full CLIP that pictures are judged by."""

from pathlib import Path

import bpy

from ..core.library import SMALL
from . import catalogue

ADDON_ID = ".".join(__package__.split(".")[:3]) if __package__.startswith("bl_ext.") else __package__.split(".")[0]
"""Blender's name of the add-on: the first three parts as an extension, the package itself otherwise."""


def _folder_changed(group: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    catalogue.refresh()


def _clip_changed(group: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    from .pictures import full_clip

    full_clip.close()


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
        from .ui import fit_panel

        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "data_folder")
        layout.prop(self, "offer_drops")
        layout.separator()
        layout.prop(self, "clip")
        fit_panel.draw_full_clip(layout, context, self)


def preferences() -> bpy.types.AddonPreferences | None:
    """The add-on's preferences; None where it was registered by a script and not enabled."""
    addon = bpy.context.preferences.addons.get(ADDON_ID)
    return addon.preferences if addon else None


def setting(name: str) -> str:
    """A text of the preferences; empty where there are none."""
    return str(getattr(preferences(), name, "") or "").strip()


def user_folder(name: str, create: bool = True) -> Path:
    """A folder that the add-on may write to, made if need be; it survives updates of the add-on."""
    try:
        return Path(bpy.utils.extension_path_user(ADDON_ID, path=name, create=create))
    except ValueError:
        # registered by a script instead of installed as an extension
        return Path(bpy.utils.user_resource("CONFIG", path=f"semantify_blender/{name}", create=create))


def data_folders() -> list[Path]:
    """The user's folder and those inside it, one for each kind of file, that exist."""
    chosen = setting("data_folder")
    if not chosen:
        return []
    root = Path(bpy.path.abspath(chosen))
    inside = (root / kind for kind in ("mappers", "models", "encoders", "fitters"))
    return [folder for folder in (root, *inside) if folder.is_dir()]
