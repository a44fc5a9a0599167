"""What the two exporters have in common: a file browser, a file that is whole or not there, and the scene as it was."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .bases import Reporting, answer

if TYPE_CHECKING:
    from ..character.exporting import Shown


class Exporter(Reporting):
    """Mixin: exports what is selected, and with each character the armature that moves it, by Blender's own exporter.

    Subclasses name the exporter's class, the file's ending and what to switch on in `SETTINGS` and `settings`.
    """

    EXPORTER = ""
    FORMAT = ""
    ENDING = ""

    # hidden, or the redo panel would ask for the file again
    filepath: bpy.props.StringProperty(
        name="File Path", description="Written without asking", subtype="FILE_PATH", options={"HIDDEN", "SKIP_SAVE"}
    )
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN"})
    animation: bpy.props.BoolProperty(
        name="Animation",
        description="Write what armatures, baked shape keys and objects do over time, too",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not hasattr(bpy.types, cls.EXPORTER):
            return answer(cls, f"Switch on the add-on {cls.FORMAT} format in the preferences")
        if context.mode != "OBJECT":
            return answer(cls, "Go back to Object Mode first")
        chosen = context.selected_objects or context.object is not None
        return answer(cls, None if chosen else "Select what is to be exported")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """A file browser that suggests the character's name."""
        if not self.filepath:
            from ..selection import active_character

            obj = active_character(context) or context.selected_objects[0]
            saved = context.blend_data.filepath
            folder = Path(saved).parent if saved else Path.home()
            self.filepath = str(folder / f"{bpy.path.clean_name(obj.name)}{self.ENDING}")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Give the name that is typed the format's ending."""
        path = bpy.path.ensure_ext(self.filepath, self.ENDING)
        changed, self.filepath = path != self.filepath, path
        return changed

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...core.errors import SemantifyError
        from ..character import exporting

        if not self.filepath:
            raise SemantifyError("no file name was given: give filepath")
        path = Path(bpy.path.abspath(bpy.path.ensure_ext(self.filepath, self.ENDING)))
        with exporting.shown(context) as shown:
            self._write(path, shown)
        if shown.resting:
            self.report(
                {"WARNING"},
                f"The sliders' animation of {shown.resting[0]!r} is not in the file, but its present shape: bake first",
            )
        self.report({"INFO"}, f"Exported {len(shown.names)} objects to {path.name}")
        return {"FINISHED"}

    def settings(self, shown: Shown) -> dict[str, object]:
        """What Blender's exporter is told."""
        raise NotImplementedError

    def export(self, path: Path, settings: dict[str, object]) -> None:
        """Call it."""
        raise NotImplementedError

    def _write(self, path: Path, shown: Shown) -> None:
        """Write beside and rename, so that a file that was there is replaced by a whole one. Raises SemantifyError."""
        from ...core.errors import SemantifyError

        aside = path.with_name(f".{path.stem}.{os.getpid()}{self.ENDING}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.touch()
            self.export(aside, self.settings(shown))
            os.replace(aside, path)
        except OSError as error:
            reason = error.strerror or str(error)
            raise SemantifyError(f"cannot write {path} ({reason}): choose another file") from error
        finally:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
