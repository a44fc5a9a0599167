"""What every operator does with an error the user can put right."""

from __future__ import annotations

from collections.abc import Callable

import bpy


class Reporting:
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
