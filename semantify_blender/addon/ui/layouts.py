"""What panels draw alike: sentences, tables, what runs; and where every panel is."""

from collections.abc import Sequence
from textwrap import wrap

import bpy

from ..selection import active_character, is_character
from ..state import memory


class SidebarPanel:
    """Where every panel of the add-on is."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Semantify"


class CharacterSubPanel(SidebarPanel):
    """A closed sub-panel that needs a character whose mapper and model are at hand."""

    bl_parent_id = "SEMANTIFY_PT_shape"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        obj = active_character(context)
        if not is_character(obj):
            return False
        from ..character import condition, embedding, layers, models

        found = layers.all_of(obj.data.semantify).values()
        whole = all(embedding.problem(layer) is None and models.problem(layer) is None for layer in found)
        return whole and condition.trouble(obj.data) is None


def sentence(layout: bpy.types.UILayout, context: bpy.types.Context, text: str, icon: str = "INFO") -> None:
    """A sentence in lines as wide as the region, since labels are cut and never wrapped."""
    from ...core.sentence import as_sentence

    column = layout.column(align=True)
    column.scale_y = 0.85
    for i, line in enumerate(wrap(as_sentence(text), line_length(context), break_on_hyphens=False)):
        column.label(text=line, icon=icon if i == 0 else "BLANK1")


def line_length(context: bpy.types.Context) -> int:
    """About how many characters a line of the region holds beside an icon."""
    scale = context.preferences.system.ui_scale
    return max(20, int((context.region.width / scale - 70) / 6.2)) if context.region else 40


def table(layout: bpy.types.UILayout, rows: Sequence[tuple[str, ...]], first: float) -> None:
    """Rows of text, the first column taking `first` of the width."""
    column = layout.box().column(align=True)
    column.scale_y = 0.8
    for row in rows:
        split = column.split(factor=first)
        split.label(text=row[0])
        rest = split.row()
        for cell in row[1:]:
            rest.label(text=cell)


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
