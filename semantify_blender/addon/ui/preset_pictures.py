"""Small pictures of presets as icons; Blender reads their files while it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..state import memory

if TYPE_CHECKING:
    from ...core.presets.shelf import Entry


def icon(entry: Entry) -> int:
    """Number of a preset's icon; a plain one where it has no picture."""
    import bpy.utils.previews

    if memory.preset_pictures is None:
        memory.preset_pictures = bpy.utils.previews.new()
    if not entry.stamp:
        return _plain("USER")
    # a picture that was written anew is another one
    name = f"{entry.stamp} {entry.path}"
    if name not in memory.preset_pictures:
        memory.preset_pictures.load(name, str(entry.picture), "IMAGE")
    return memory.preset_pictures[name].icon_id


def _plain(name: str) -> int:
    return bpy.types.UILayout.bl_rna.functions["prop"].parameters["icon"].enum_items[name].value
