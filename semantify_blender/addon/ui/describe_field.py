"""The text field above the sliders, and below it what was understood of what was written there."""

import bpy

from ..state import memory
from .layouts import sentence

HINT = "Describe: tall, not fat"


def draw_field(context: bpy.types.Context, layout: bpy.types.UILayout, mesh: bpy.types.Mesh, usable: bool) -> None:
    """usable: whether the character's sliders rule its shape now."""
    session = context.window_manager.semantify
    column = layout.column()
    row = column.row(align=True)
    row.enabled = usable
    row.prop(session, "describe", text="", icon="GREASEPENCIL", placeholder=HINT)
    again = row.row(align=True)
    again.enabled = bool(session.describe.strip())
    again.operator("semantify.describe", text="", icon="CHECKMARK").text = session.describe
    if memory.not_described:
        sentence(column, context, f"{memory.not_described.rstrip('.')}.", icon="ERROR")
        return
    understood, notes = memory.described.get(mesh.session_uid, ("", ""))
    for text, icon in ((understood, "CHECKMARK"), (notes, "QUESTION")):
        if text:
            sentence(column, context, _kept_together(text), icon=icon)


def _kept_together(text: str) -> str:
    """Lines neither begin with a dot nor with a value: blanks before them that do not break."""
    for mark in ("·", "+", "−"):
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    return text
