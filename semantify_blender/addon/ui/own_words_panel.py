"""The panel Own Words: a list of words, and training sliders for them."""

from __future__ import annotations

import bpy

from .. import catalogue, jobs
from ..pictures import environment, full_clip
from ..selection import active_character, is_character
from ..state import memory
from .layouts import SidebarPanel, draw_job, sentence


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
    minutes = tasks.seconds(session.own_samples, int(session.own_size), words, full_clip.name()) / 60
    told = f"{minutes:.0f} minutes" if minutes >= 1.5 else "a minute"
    return f"CLIP {full_clip.name()}; about {told} on two cores, less for other words on the same pictures"


def _draw_unfinished(layout: bpy.types.UILayout) -> None:
    from ..own_words import tasks

    if memory.unfinished is None:
        memory.unfinished = {str(folder): task.name for folder, task in tasks.unfinished().items()}
    for folder, name in memory.unfinished.items() if not jobs.running() else ():
        row = layout.row(align=True)
        row.operator("semantify.train_mapper", text=f"Go On with {name}", icon="PLAY").folder = folder
        row.operator("semantify.forget_training", text="", icon="TRASH").folder = folder
