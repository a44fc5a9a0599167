"""Add-on preferences: where the user's own models and mappers live."""

from pathlib import Path

import bpy

from . import catalogue

ADDON_ID = ".".join(__package__.split(".")[:3]) if __package__.startswith("bl_ext.") else __package__.split(".")[0]
"""Blender's name of the add-on: the first three parts as an extension, the package itself otherwise."""


def _folder_changed(group: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    catalogue.refresh()


class SEMANTIFY_AP_preferences(bpy.types.AddonPreferences):
    """One folder, laid out as the embedded data: models/ and mappers/."""

    bl_idname = ADDON_ID

    data_folder: bpy.props.StringProperty(
        name="Data Folder",
        description="Folder with your own *.mapper.npz and *.model.npz files, or with models/ and mappers/ inside",
        subtype="DIR_PATH",
        update=_folder_changed,
    )

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.prop(self, "data_folder")


def data_folders() -> list[Path]:
    """The user's folder and its models/ and mappers/, those that exist."""
    addon = bpy.context.preferences.addons.get(ADDON_ID)
    chosen = getattr(addon.preferences, "data_folder", "") if addon else ""
    if not chosen:
        return []
    root = Path(bpy.path.abspath(chosen))
    return [folder for folder in (root, root / "mappers", root / "models") if folder.is_dir()]
