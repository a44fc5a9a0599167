"""The looks that each character had since its file was opened, to go back and forth between them.

They are no part of the file and of no undo step: undo changes the character, which is then found to have one of them.
A look is noted before and after each operator, and when sliders move that had rested for a while.
"""

from __future__ import annotations

import contextlib
import time

import bpy

from ...core.errors import SemantifyError
from ...core.presets.history import History
from ...core.presets.preset import Preset
from ..selection import chosen_characters
from ..state import memory
from . import looks


def note(context: bpy.types.Context) -> None:
    """Note the looks of the characters that are chosen: before and after an operator. Never raises."""
    for obj in chosen_characters(context):
        look = _look(obj.data)
        if look is not None:
            _of(obj.data).note(look)


def moved(mesh: bpy.types.Mesh) -> None:
    """A slider was moved by hand, one of the many times of a drag. Never raises."""
    look = _look(mesh)
    if look is not None:
        _of(mesh).move(look, time.monotonic())


def can_go(mesh: bpy.types.Mesh, step: int) -> bool:
    """Whether there is a look before (−1) or after (1) that of now."""
    look = _look(mesh)
    if look is None:
        return False
    history = _of(mesh)
    if not history.entries:
        # the panel asks before anything is moved: so this is what the first slider that is moved leads away from
        history.note(look)
    return history.beside(look, step) is not None


def go(mesh: bpy.types.Mesh, step: int) -> None:
    """Give a character the look before or after that of now; locked sliders stay. Raises SemantifyError without one."""
    history, look = _of(mesh), _look(mesh)
    wanted = None if look is None else history.beside(look, step)
    if look is None or wanted is None:
        raise SemantifyError(f"{mesh.name!r} had no look {'before' if step < 0 else 'after'} this one in this session")
    history.note(look)
    looks.put(mesh, wanted, with_colours=False)
    history.at += step


def _of(mesh: bpy.types.Mesh) -> History:
    return memory.histories.setdefault(mesh.session_uid, History())


def _look(mesh: bpy.types.Mesh) -> Preset | None:
    """None where the sliders say nothing, as without a mapper."""
    with contextlib.suppress(SemantifyError):
        return looks.taken(mesh, "look", with_colours=False)
    return None
