"""The popovers of pictures: what a word does, and variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy

from ..pictures import preview

if TYPE_CHECKING:
    from ...core.mapper import Mapper

SCALE = 9.0
"""Size of a picture, in the interface's rows."""


def draw_word(layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup, index: int, pictures: Sequence[str]) -> None:
    """Low end, now, high end, where it acts; and what it was measured to do."""
    from ..character import embedding

    word = layer.sliders[index].name
    layout.label(text=word[:1].upper() + word[1:], icon="HIDE_OFF")
    row = layout.row()
    for name, title in zip(pictures, ("−1", "Now", "+1", "Where it acts"), strict=True):
        column = row.column()
        column.template_icon(preview.icon(name), scale=SCALE)
        below = column.row()
        below.alignment = "CENTER"
        below.label(text=title)
    for text in measured(embedding.mapper_of(layer), word):
        layout.label(text=text)


def measured(mapper: Mapper | None, word: str) -> list[str]:
    """What a slider was measured to do, a sentence each."""
    rows = mapper.figures.get("attributes") if mapper is not None else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("word") == word:
            low, high, rho = row.get("at_low"), row.get("at_high"), row.get("rho")
            if isinstance(low, float) and isinstance(high, float) and isinstance(rho, float):
                found.append(f"Measured {row.get('attribute')}: {low:.3g} at −1 to {high:.3g} at +1 (ρ {rho:.2f})")
    return found


def draw_variants(layout: bpy.types.UILayout, operator: Any, pictures: Sequence[str]) -> None:
    """A grid of three by three; each picture has a button that takes it."""
    row = layout.row(align=True)
    row.prop(operator, "spread", slider=True)
    grid = layout.grid_flow(row_major=True, columns=3, even_columns=True)
    for i, name in enumerate(pictures):
        column = grid.column()
        column.template_icon(preview.icon(name), scale=7.5)
        text = "As It Is" if i == len(pictures) // 2 else "Take"
        column.operator_context = "EXEC_DEFAULT"
        button = column.operator(operator.bl_idname, text=text)
        button.seed, button.spread, button.choice = operator.seed, operator.spread, i
    layout.operator_context = "INVOKE_DEFAULT"
    more = layout.operator(operator.bl_idname, text="Nine Others", icon="FILE_REFRESH")
    more.seed, more.spread, more.choice = operator.seed + 1, operator.spread, operator.choice
