"""Operators that run a child process: modal in a window, blocking in scripts and in background."""

from __future__ import annotations

from typing import Any

import bpy

from .. import jobs
from .bases import Reporting

EVERY = 0.1
"""Seconds between two looks at the child."""


class Waiting(Reporting):
    """Base: waits, while Blender goes on, for something that has poll, cancel, title, text, fraction, cancelled, error.

    Progress is in the status bar and the panel, Esc cancels, and so do quitting Blender and opening another file.
    """

    _timer: bpy.types.Timer | None = None
    _awaited: Any

    def after(self, context: bpy.types.Context) -> set[str]:
        """What comes when it is done without error; the undo step is made of this. May raise SemantifyError."""
        raise NotImplementedError

    def wait_for(self, context: bpy.types.Context, awaited: Any) -> set[str]:
        """Begin to wait; the operator returns this."""
        self._awaited = awaited
        manager = context.window_manager
        self._timer = manager.event_timer_add(EVERY, window=context.window)
        manager.modal_handler_add(self)
        self._show(context)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if event.type == "TIMER":
            if self._awaited.poll():
                self._show(context)
            else:
                self._clear(context)
                return self.guarded(self.ended, context)
        elif event.type == "ESC" and event.value == "PRESS":
            self._awaited.cancel()
            return {"RUNNING_MODAL"}
        return {"PASS_THROUGH"}

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender quits or opens another file."""
        if self._timer is not None:
            self._awaited.cancel()
            self._clear(context)

    def ended(self, context: bpy.types.Context) -> set[str]:
        """Go on, or say why not."""
        from ...core.errors import SemantifyError

        if self._awaited.cancelled:
            self.report({"INFO"}, f"{self._awaited.title} was cancelled: nothing was changed")
            return {"CANCELLED"}
        if self._awaited.error:
            raise SemantifyError(self._awaited.error)
        return self.after(context)

    def _show(self, context: bpy.types.Context) -> None:
        awaited = self._awaited
        if context.workspace is not None:
            status = f"{awaited.title}: {awaited.text} {awaited.fraction:.0%} (Esc cancels)"
            context.workspace.status_text_set(status)
        redraw(context)

    def _clear(self, context: bpy.types.Context) -> None:
        context.window_manager.event_timer_remove(self._timer)
        self._timer = None
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        redraw(context)


class JobOperator(Waiting):
    """Base: subclasses start a child process and use its result, which is then one undo step."""

    def start(self, context: bpy.types.Context) -> jobs.Job:
        """Start the child. Raises SemantifyError."""
        raise NotImplementedError

    def use(self, context: bpy.types.Context, job: jobs.Job) -> None:
        """Apply the result. Raises SemantifyError when it no longer fits, with nothing changed."""
        raise NotImplementedError

    def run(self, context: bpy.types.Context) -> set[str]:
        """Blocking, for scripts."""
        self._awaited = self.start(context)
        try:
            self._awaited.wait()
        except BaseException:
            self._awaited.cancel()
            raise
        return self.ended(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Modal: Blender goes on while the child works."""
        if bpy.app.background or context.window is None:
            return self.execute(context)
        return self.guarded(lambda context: self.wait_for(context, self.start(context)), context)

    def after(self, context: bpy.types.Context) -> set[str]:
        self.use(context, self._awaited)
        return {"FINISHED"}


def redraw(context: bpy.types.Context) -> None:
    """Have the sidebars drawn again."""
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in {"VIEW_3D", "IMAGE_EDITOR", "PREFERENCES"}:
                area.tag_redraw()
