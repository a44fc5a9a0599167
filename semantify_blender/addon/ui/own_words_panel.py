"""The panel Own Words: a list of words, and training sliders for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from .. import catalogue, jobs
from ..pictures import environment, full_clip
from ..selection import active_character, is_character
from ..state import memory
from .layouts import SidebarPanel, draw_job, sentence

SHEET = 14.0
"""Size of the slider sheet, in the interface's rows."""


class SEMANTIFY_PT_own_words(SidebarPanel, bpy.types.Panel):
    """Sliders for other words than the embedded ones."""

    bl_label = "Own Words"
    bl_order = 4
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        layout, session = self.layout, context.window_manager.semantify
        obj = active_character(context)
        model = obj.data.semantify.model_name if is_character(obj) else session.mapper
        layout.label(text=f"For {catalogue.title(model)}", icon="USER")
        row = layout.row(align=True)
        row.prop(session, "own_word", text="", icon="ADD")
        row.operator("semantify.add_word", text="", icon="CHECKMARK")
        for i, item in enumerate(session.own_words):
            row = layout.row(align=True)
            row.label(text=item.name)
            row.operator("semantify.remove_word", text="", icon="X", emboss=False).index = i
        column = layout.column(align=True)
        column.prop(session, "own_name")
        column.prop(session, "own_samples")
        row = layout.row()
        row.prop(session, "own_size", expand=True)
        sentence(layout, context, _cost(session))
        if environment.find_python() is None:
            sentence(layout, context, "Training needs a Python with torch: Set Up makes one", icon="ERROR")
            layout.operator("semantify.set_up_clip", text="Set Up", icon="IMPORT")
        row = layout.row()
        row.scale_y = 1.4
        row.enabled = not jobs.running() and len(session.own_words) > 0
        row.operator("semantify.train_mapper", icon="PLAY")
        draw_job(layout)
        if memory.trained:
            layout.operator("semantify.training_result", icon="IMAGE_DATA")
        _draw_unfinished(layout)


def _cost(session: bpy.types.PropertyGroup) -> str:
    from ..own_words import tasks

    words = max(1, len(session.own_words))
    minutes = tasks.seconds(session.own_samples, int(session.own_size), 2, words) / 60
    told = f"{minutes:.0f} minutes" if minutes >= 1.5 else "a minute"
    return f"CLIP {full_clip.name()}; about {told} on two cores, a minute for other words on the same pictures"


def _draw_unfinished(layout: bpy.types.UILayout) -> None:
    from ..own_words import tasks

    if memory.unfinished is None:
        memory.unfinished = {str(folder): task.name for folder, task in tasks.unfinished().items()}
    for folder, name in memory.unfinished.items() if not jobs.running() else ():
        row = layout.row(align=True)
        row.operator("semantify.train_mapper", text=f"Go On with {name}", icon="PLAY").folder = folder
        row.operator("semantify.forget_training", text="", icon="TRASH").folder = folder


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
