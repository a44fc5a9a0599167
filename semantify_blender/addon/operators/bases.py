"""What operators have in common: errors that the user can put right, and the character they work on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy

from ..character.editing import editable_character, obstacle

if TYPE_CHECKING:
    # what the mixins here are mixed with: they use its report, layout and properties
    from bpy.types import Operator as Mixed
else:
    Mixed = object


def answer(cls: type[Mixed], problem: str | None) -> bool:
    """What `poll` answers; the problem is shown where the button is greyed out."""
    if problem:
        cls.poll_message_set(problem)
    return not problem


class Reporting(Mixed):
    """Mixin: subclasses write `run`; a SemantifyError becomes one sentence in the status bar and nothing is done."""

    def run(self, context: bpy.types.Context) -> set[str]:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        return self.guarded(self.run, context)

    def guarded(self, step: Callable[[bpy.types.Context], set[str]], context: bpy.types.Context) -> set[str]:
        """The step's result; its SemantifyError is reported and cancels the operator."""
        from ...core.errors import SemantifyError

        try:
            return step(context)
        except SemantifyError as error:
            sentence = str(error)
            self.report({"ERROR"}, sentence[:1].upper() + sentence[1:])
            return {"CANCELLED"}


class SliderOperator(Reporting):
    """Base of operators on the sliders of the active character."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return answer(cls, obstacle(context))

    @staticmethod
    def mesh(context: bpy.types.Context) -> bpy.types.Mesh:
        """The active character's mesh."""
        return editable_character(context).data
