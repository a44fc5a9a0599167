"""The panel Presets: looks as pictures, and the menus that keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from .. import presets
from ..selection import active_character, is_character
from ..state import memory
from .layouts import CharacterSubPanel, sentence
from .preset_pictures import icon

if TYPE_CHECKING:
    from bpy.types import Menu as Mixed

    from ...core.presets.shelf import Entry
else:
    Mixed = object

_TILE = 80
"""Pixels of a picture and its name, at least."""
_MOST = 60
"""Pictures that are drawn: the others are found by name."""


class PresetMenu(Mixed):
    """Presets of the active character, each of which an operator takes."""

    operator, field, own = "", "preset", True

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, active_character(context)
        layout.operator_context = "INVOKE_DEFAULT"
        found = presets.offered(obj.data) if is_character(obj) else presets.entries()
        found = [entry for entry in found if entry.own or not self.own]
        if not found:
            layout.label(text="No presets of your own")
        for entry in found[:_MOST]:
            self.offer(layout, entry)

    def offer(self, layout: bpy.types.UILayout, entry: Entry) -> None:
        """Draw one of them."""
        button = layout.operator(self.operator, text=entry.preset.name, icon_value=icon(entry))
        setattr(button, self.field, entry.preset.name)


class SEMANTIFY_MT_mix_preset(PresetMenu, bpy.types.Menu):
    """Presets to mix the look of now with."""

    bl_label = "Mix With"
    operator, field, own = "semantify.mix_presets", "second", False


class SEMANTIFY_MT_overwrite_preset(PresetMenu, bpy.types.Menu):
    """Own presets that the look of now may take the place of."""

    bl_label = "Overwrite"

    def offer(self, layout: bpy.types.UILayout, entry: Entry) -> None:
        """Saved under its name."""
        button = layout.operator("semantify.save_preset", text=entry.preset.name, icon_value=icon(entry))
        button.name, button.overwrite = entry.preset.name, True


class SEMANTIFY_MT_rename_preset(PresetMenu, bpy.types.Menu):
    """Own presets to rename."""

    bl_label = "Rename"
    operator = "semantify.rename_preset"


class SEMANTIFY_MT_delete_preset(PresetMenu, bpy.types.Menu):
    """Own presets to delete."""

    bl_label = "Delete"
    operator = "semantify.delete_preset"


class SEMANTIFY_MT_presets(bpy.types.Menu):
    """What can be done with presets beside loading and saving them."""

    bl_label = "Presets"

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.menu("SEMANTIFY_MT_overwrite_preset", icon="FILE_TICK")
        layout.menu("SEMANTIFY_MT_rename_preset", icon="GREASEPENCIL")
        layout.menu("SEMANTIFY_MT_delete_preset", icon="TRASH")
        layout.separator()
        layout.operator("semantify.mark_asset", icon="ASSET_MANAGER")
        layout.operator("semantify.refresh_mappers", text="Look Again", icon="FILE_REFRESH")


class SEMANTIFY_PT_presets(CharacterSubPanel, bpy.types.Panel):
    """Looks to take up at a click, and keeping one's own."""

    bl_label = "Presets"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        # without a character they are ways to begin
        return super().poll(context) or (context.mode == "OBJECT" and not is_character(active_character(context)))

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        if not is_character(active_character(context)):
            return
        row = self.layout.row(align=True)
        row.operator("semantify.look_back", text="", icon="TRIA_LEFT", emboss=False)
        row.operator("semantify.look_forward", text="", icon="TRIA_RIGHT", emboss=False)

    def draw(self, context: bpy.types.Context) -> None:
        layout, obj = self.layout, active_character(context)
        if is_character(obj):
            self._draw_for(context, layout, obj)
            return
        sentence(layout, context, "A click adds a character with this look.")
        _draw_grid(context, layout, presets.addable(), None)

    @staticmethod
    def _draw_for(context: bpy.types.Context, layout: bpy.types.UILayout, obj: bpy.types.Object) -> None:
        """What a character can take, and the ways to keep its look."""
        from ..character.editing import obstacle

        found = presets.offered(obj.data)
        usable = obstacle(context) is None
        row = layout.row(align=True)
        row.operator("semantify.save_preset", text="Save", icon="ADD")
        mix = row.row(align=True)
        mix.enabled = usable and bool(found)
        mix.menu("SEMANTIFY_MT_mix_preset", icon="UV_SYNC_SELECT")
        row.menu("SEMANTIFY_MT_presets", text="", icon="DOWNARROW_HLT")
        if not found:
            sentence(layout, context, "No presets for this character yet: shape it, and save its look.")
        column = layout.column()
        column.enabled = usable
        _draw_grid(context, column, found, obj.data)


def _draw_grid(
    context: bpy.types.Context, layout: bpy.types.UILayout, found: list[Entry], mesh: bpy.types.Mesh | None
) -> None:
    """Pictures with names to press, that of the character's own look pressed; then the files that are no presets."""
    from ..character import looks

    width = context.region.width / context.preferences.system.ui_scale if context.region else 300
    grid = layout.grid_flow(
        row_major=True, columns=max(2, int((width - 40) / _TILE)), even_columns=True, even_rows=True
    )
    for entry in found[:_MOST]:
        tile = grid.column(align=True)
        tile.template_icon(icon_value=icon(entry), scale=4.0)
        has = mesh is not None and looks.has(mesh, entry.preset)
        tile.operator("semantify.load_preset", text=entry.preset.name, depress=has).preset = entry.preset.name
    if len(found) > _MOST:
        sentence(layout, context, f"{len(found) - _MOST} more by name: Load Preset in the menu Object > Semantify.")
    for trouble in memory.preset_troubles[:2]:
        sentence(layout, context, trouble, icon="ERROR")
