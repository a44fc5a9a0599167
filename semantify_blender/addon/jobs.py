"""Child processes that work while Blender goes on: one at a time, one JSON object a line on their standard output.

A child ends with Blender, however that ends (`processes.child`). Everything else it writes goes to a log file that the
user can open.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import bpy

from .settings import user_folder
from .state import Running, memory

if TYPE_CHECKING:
    from ..processes.requests import Request

Followed = TypeVar("Followed", bound=Running)


def rendering_command(request: Request) -> list[str]:
    """What is asked in a Blender of its own: this program, or this Python where Blender is a module."""
    from ..processes import child

    return child.rendering_command(bpy.app.binary_path or None, request)


class Job:
    """A running child: `poll` it from the main thread, from a timer.

    fraction: 0..1 done. text: what it is doing. notes: sentences it said. events: every other object, in order.
    result: the object of its "result" event. error: one sentence once it has failed.
    """

    def __init__(self, title: str, command: Sequence[str], log: Path | None = None) -> None:
        """Start the child. Raises SemantifyError when it cannot be started."""
        from ..core.errors import SemantifyError
        from ..processes import child

        self.title, self.text, self.fraction = title, "Starting", 0.0
        self.log = user_folder("logs") / f"{title.lower().replace(' ', '-')}.log" if log is None else log
        self.notes: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.result: dict[str, Any] | None = None
        self.error = ""
        self.cancelled = self.done = False
        self._gone = 0.0
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log = open(self.log, "w", encoding="utf-8", errors="replace")  # noqa: SIM115, closed by `_finish`
        try:
            self._child = child.start(
                command, stdout=subprocess.PIPE, stderr=self._log, text=True, encoding="utf-8", errors="replace"
            )
        except OSError as error:
            self._log.close()
            raise SemantifyError(f"{command[0]}: cannot be started ({error})") from error
        self._reader = threading.Thread(target=self._read, args=(self._child.stdout,), daemon=True)
        self._reader.start()

    def poll(self) -> bool:
        """Take in what the child said. Returns False once it has ended."""
        while not self.done:
            try:
                line = self._lines.get_nowait()
            except queue.Empty:
                if not self._over():
                    break
                line = None
            if line is None:
                self._finish()
            else:
                self._take(line)
        return not self.done

    def wait(self, every: float = 0.05) -> None:
        """Block until it has ended."""
        while self.poll():
            time.sleep(every)

    def cancel(self) -> None:
        """End the child now, with all that it started; nothing is left when this returns."""
        if self.done:
            return
        from ..processes import child

        self.cancelled = True
        child.end(self._child)
        self._finish()

    def _over(self) -> bool:
        """Whether the child is gone for a second though its pipe is still open: what it started may hold it."""
        if self._child.poll() is None:
            return False
        self._gone = self._gone or time.monotonic()
        return time.monotonic() - self._gone > 1.0

    def _read(self, pipe: IO[str]) -> None:
        """In a thread: lines to the queue, then None."""
        with contextlib.suppress(ValueError, OSError):
            for line in pipe:
                self._lines.put(line)
        self._lines.put(None)

    def _take(self, line: str) -> None:
        from ..core.files.json_lines import event_of, number_of, text_of

        event = event_of(line)
        if not event:
            # Blender's own chatter
            self._log.write(line)
            return
        match event.get("event"):
            case "progress" | "step":
                done, total = number_of(event, "done"), number_of(event, "total")
                self.fraction = min(max(done / total, 0.0), 1.0) if total > 0 else self.fraction
                self.text = text_of(event, "text") or self.text
            case "note":
                self.notes.append(text_of(event, "message"))
            case "error":
                self.error = text_of(event, "message") or "the child process failed"
            case "result":
                self.result = event
            case _:
                self.events.append(event)

    def _finish(self) -> None:
        """The pipe is closed: collect the child and say what came of it."""
        from ..processes import child

        self.done = True
        status = child.end(self._child)
        self._reader.join(1.0)
        # a pipe that is still being read cannot be closed: something escaped with the other end
        for pipe in (self._child.stdin, *(() if self._reader.is_alive() else (self._child.stdout,))):
            with contextlib.suppress(OSError):
                pipe.close()
        self._log.close()
        if self.cancelled:
            self.text = "Cancelled"
        elif self.error or status or self.result is None:
            self.text = "Failed"
            self.error = self.error or f"{self.title} ended with status {status}; its log is {self.log}"
        else:
            self.text, self.fraction = "Done", 1.0


def running() -> bool:
    """True while a child works."""
    return memory.job is not None and not memory.job.done


def start(title: str, command: Sequence[str]) -> Job:
    """Start the one job. Raises SemantifyError while another one runs."""
    check_free()
    return follow(Job(title, command))


def check_free() -> None:
    """Raise SemantifyError while something runs."""
    from ..core.errors import SemantifyError

    job = memory.job
    if job is not None and not job.done:
        raise SemantifyError(f"{job.title} is still running: wait for it or cancel it")


def follow(job: Followed) -> Followed:
    """Show it in the panel, with Cancel. Returns it."""
    memory.job = job
    return job
