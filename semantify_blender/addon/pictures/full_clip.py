"""The full CLIP of the preferences: a child process kept warm between fits, started while Blender goes on."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import bpy

from ...core.clip_names import SMALL
from ..settings import setting, user_folder
from ..state import memory
from . import environment

if TYPE_CHECKING:
    from ...processes.clip_worker import Worker

HOW = (
    "only a full CLIP understands texts of any words: set one up in the add-on's preferences, as ViT-B-32:openai, with "
    "a Python that has torch and open_clip"
)
"""What to do where Describe is to use one and there is none."""


class StartCancelledError(Exception):
    """Raised in the starting thread to end it."""


class Start:
    """The worker being started in a thread, to be followed like a job (jobs.py); error stays empty when it is ready."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.title, self.log = worker, f"CLIP {worker.clip}", worker.log
        self.text, self.fraction, self.error = "Starting", 0.0, ""
        self.cancelled = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """True once the worker is ready or never will be."""
        return not self._thread.is_alive()

    def poll(self) -> bool:
        """False once it has ended."""
        return not self.done

    def cancel(self) -> None:
        """End the child; nothing is left when this returns."""
        self.cancelled = True
        self.worker.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            self.worker.start(self._progress)
        except StartCancelledError:
            pass
        except Exception as error:  # a sentence for the user, or a bug that must not be lost in a thread
            self.error = "" if self.cancelled else str(error)

    def _progress(self, done: int, total: int, text: str) -> None:
        if self.cancelled:
            raise StartCancelledError
        self.fraction, self.text = done / total if total else 0.0, text


def name() -> str:
    """The CLIP that the preferences ask for: "small" or a full one's name."""
    return setting("clip") or SMALL


def wanted() -> bool:
    """Whether the preferences ask for a full one."""
    return name() != SMALL


def ready() -> bool:
    """Whether there is a Python for it, too; whether the CLIP can be had there is known once it is started."""
    return wanted() and environment.find_python() is not None


def get() -> Worker:
    """The worker for the CLIP of the preferences, warm or not started yet. Raises SemantifyError without a Python."""
    from ...processes.clip_worker import Worker

    key = (environment.require_python(), name(), bool(bpy.app.online_access))
    if memory.worker is None or key != memory.worker_key:
        memory.close_worker()
        memory.worker = Worker(key[0], key[1], log=user_folder("logs") / "clip.log", online=key[2])
        memory.worker_key = key
    return memory.worker
