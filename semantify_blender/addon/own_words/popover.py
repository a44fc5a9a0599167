"""The popover that shows what a training came to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from .. import catalogue
from ..state import memory

SHEET = 14.0
"""Size of the slider sheet, in the interface's rows."""


def draw_result(layout: bpy.types.UILayout, found: dict[str, Any], on_character: bool) -> None:
    """Slider sheet, how faithfully each slider moves its word, and Use."""
    mapper = Path(str(found.get("mapper", "")))
    layout.label(text=catalogue.title(mapper.name.removesuffix(".mapper.npz")), icon="CHECKMARK")
    icon = _sheet(str(found.get("sheet", "")))
    if icon:
        layout.template_icon(icon, scale=SHEET)
    rho = found.get("rho")
    words = found.get("words") or []
    if isinstance(rho, list) and len(rho) == len(words):
        layout.label(text="CLIP follows each slider (ρ, 1 is best):")
        layout.label(text=",  ".join(f"{word} {value:.2f}" for word, value in zip(words, rho, strict=True)))
    if on_character:
        layout.operator_context = "EXEC_DEFAULT"
        layout.operator("semantify.change_mapper", text="Use on This Character").filepath = str(mapper)


def _sheet(path: str) -> int:
    """Icon number of a picture file, read once a session; 0 where there is none."""
    import bpy.utils.previews

    if not path or not Path(path).is_file():
        return 0
    if memory.previews is None:
        memory.previews = bpy.utils.previews.new()
    name = f"{path}:{Path(path).stat().st_mtime_ns}"
    if name not in memory.previews:
        memory.previews.load(name, path, "IMAGE")
    return memory.previews[name].icon_id
