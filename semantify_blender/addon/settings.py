"""What the preferences say, for all rooms of the add-on; `preferences.py` draws them and is imported by none."""

from pathlib import Path

import bpy

ADDON_ID = ".".join(__package__.split(".")[:3]) if __package__.startswith("bl_ext.") else __package__.split(".")[0]
"""Blender's name of the add-on: the first three parts as an extension, the package itself otherwise."""


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
    """The user's folder and those inside it, one for each kind of file, and where trained mappers are; that exist."""
    found = []
    chosen = setting("data_folder")
    if chosen:
        root = Path(bpy.path.abspath(chosen))
        found = [root, *(root / kind for kind in ("mappers", "models", "encoders", "fitters"))]
    return [folder for folder in (*found, user_folder("mappers", create=False)) if folder.is_dir()]
