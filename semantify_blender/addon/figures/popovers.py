"""The popovers of pictures: what a word does, and variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy

from ..pictures import preview

if TYPE_CHECKING:
    from ...core.mapper import Mapper
    from ...core.model.morphable_model import MorphableModel

SCALE = 9.0
"""Size of a picture, in the interface's rows."""


def draw_word(layout: bpy.types.UILayout, layer: bpy.types.PropertyGroup, index: int, pictures: Sequence[str]) -> None:
    """Low end, now, high end, where it acts; and what it was measured to do."""
    from ..character import embedding, models

    word = layer.sliders[index].name
    layout.label(text=word[:1].upper() + word[1:], icon="HIDE_OFF")
    row = layout.row()
    for name, title in zip(pictures, ("−1", "Now", "+1", "Where it acts"), strict=True):
        column = row.column()
        column.template_icon(preview.icon(name), scale=SCALE)
        below = column.row()
        below.alignment = "CENTER"
        below.label(text=title)
    for text in measured(embedding.mapper_of(layer), models.model_of(layer), word):
        layout.label(text=text)


def measured(mapper: Mapper | None, model: MorphableModel | None, word: str) -> list[str]:
    """What a slider was measured to do, a sentence each."""
    rows = mapper.figures.get("attributes") if mapper is not None else None
    found = []
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("word") == word:
            low, high, rho = row.get("at_low"), row.get("at_high"), row.get("rho")
            if isinstance(low, float) and isinstance(high, float) and isinstance(rho, float):
                name = str(row.get("attribute"))
                ends = (told(value, _is_length(name, model)) for value in (low, high))
                found.append(f"Measured {name}: {' at −1, '.join(ends)} at +1 (ρ {rho:.2f})")
    return found


def told(value: float, length: bool) -> str:
    """A number as people read it. length: whether it is metres."""
    if not length:
        return f"{value:.2f}"
    return f"{value:.2f} m" if abs(value) >= 1 else f"{1000 * value:.0f} mm"


def _is_length(name: str, model: MorphableModel | None) -> bool:
    """Whether an attribute is in metres: the height, a girth, a span."""
    return name == "height" or name.endswith("girth") or (model is not None and f"span/{name}/a" in model.extra)


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
