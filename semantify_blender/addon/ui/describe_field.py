"""The text field above the sliders, and below it what was understood of what was written there."""

import bpy

from ..state import memory
from .layouts import sentence

HINT = "Describe: tall, not fat"
FULL_CLIP = "A full CLIP, set up in the add-on's preferences, takes texts of any words."


def draw_field(context: bpy.types.Context, layout: bpy.types.UILayout, mesh: bpy.types.Mesh, usable: bool) -> None:
    """usable: whether the character's sliders rule its shape now."""
    from ..pictures import full_clip

    session = context.window_manager.semantify
    column = layout.column()
    row = column.row(align=True)
    row.enabled = usable
    row.prop(session, "describe", text="", icon="GREASEPENCIL", placeholder=HINT)
    again = row.row(align=True)
    again.enabled = bool(session.describe.strip())
    button = again.operator("semantify.describe", text="", icon="CHECKMARK")
    button.text = session.describe
    ready = full_clip.ready()
    if ready:
        row = column.row(align=True)
        row.enabled = usable
        row.prop(session, "describe_by", expand=True)
        button.by = session.describe_by
    if memory.not_described:
        sentence(column, context, f"{memory.not_described.rstrip('.')}.", icon="ERROR")
        _draw_meant(context, column, usable)
    else:
        understood, notes = memory.described.get(mesh.session_uid, ("", ""))
        if understood:
            sentence(column, context, _kept_together(understood), icon="CHECKMARK")
        _draw_meant(context, column, usable)
        if notes:
            sentence(column, context, _kept_together(notes), icon="QUESTION")
    if not ready and (memory.not_described or (memory.meant is not None and memory.meant.words)):
        sentence(column, context, FULL_CLIP, icon="INFO")


def _draw_meant(context: bpy.types.Context, layout: bpy.types.UILayout, usable: bool) -> None:
    """What unknown words may mean: a click takes the word."""
    from ...core.describe.suggesting import replaced

    meant = memory.meant
    for word, others in meant.words.items() if meant is not None else ():
        column = layout.column(align=True)
        sentence(column, context, f"Not known: {word}. Perhaps:", icon="QUESTION")
        row = column.row(align=True)
        row.enabled = usable
        for other in others:
            button = row.operator("semantify.describe", text=other)
            button.text, button.again = replaced(meant.text, word, other), True


def _kept_together(text: str) -> str:
    """Lines neither begin with a dot nor with a value: blanks before them that do not break."""
    for mark in ("·", "+", "−"):
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    return text
