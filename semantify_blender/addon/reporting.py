"""What every operator does with an error the user can put right."""

import bpy


class Reporting:
    """Mixin: subclasses write `run`; a SemantifyError becomes one sentence in the status bar and nothing is done."""

    def run(self, context: bpy.types.Context) -> set[str]:
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ..core.errors import SemantifyError

        try:
            return self.run(context)
        except SemantifyError as error:
            sentence = str(error)
            self.report({"ERROR"}, sentence[:1].upper() + sentence[1:])
            return {"CANCELLED"}
