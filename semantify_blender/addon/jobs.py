"""Child processes that work while Blender goes on: one at a time, one JSON object a line on their standard output.

A child gets a pipe as its standard input and ends when that closes, so nothing is left even when Blender is killed.
Everything else it writes goes to a log file that the user can open.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import bpy

from .preferences import user_folder

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
"""The folder to put on a child's path: the package may be called otherwise in here, but not in there."""
GRACE = 2.0
"""Seconds that a child gets to end by itself before it is killed."""
WATCH = (
    "import os, sys, threading; threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start(); "
)
"""Python that ends its process when standard input closes; unbuffered, or Python aborts while it shuts down."""
_IN_BLENDER = (
    WATCH + "sys.path.insert(0, {parent!r}); from semantify_blender.rendering.cli import main, leave; "
    "leave(main({arguments!r}))"
)

current: Any = None
"""The job that runs, or the last one that ran."""


def rendering_command(verb: str, arguments: Sequence[object]) -> list[str]:
    """A rendering verb in a Blender of its own: this program, or this Python where Blender is a module."""
    script = _IN_BLENDER.format(parent=str(PACKAGE_PARENT), arguments=[verb, *map(str, arguments)])
    if bpy.app.binary_path:
        start = [bpy.app.binary_path, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr"]
        return [*start, script]
    return [sys.executable, "-c", script]


class Job:
    """A running child: `poll` it from the main thread, from a timer.

    fraction: 0..1 done. text: what it is doing. notes: sentences it said. events: every other object, in order.
    result: the object of its "result" event. error: one sentence once it has failed.
    """

    def __init__(self, title: str, command: Sequence[str], log: Path | None = None) -> None:
        """Start the child. Raises SemantifyError when it cannot be started."""
        from ..core.errors import SemantifyError
        from ..core.python_check import clean_environment, no_window

        self.title, self.text, self.fraction = title, "Starting", 0.0
        self.log = user_folder("logs") / f"{title.lower().replace(' ', '-')}.log" if log is None else log
        self.notes: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.result: dict[str, Any] | None = None
        self.error = ""
        self.cancelled = self.done = False
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._log = open(self.log, "w", encoding="utf-8", errors="replace")  # noqa: SIM115, closed by `_finish`
        own_group = no_window() if os.name == "nt" else {"start_new_session": True}
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                encoding="utf-8",
                errors="replace",
                env=clean_environment(),
                **own_group,
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
                break
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
        self.cancelled = True
        self._end(signal.SIGTERM)
        try:
            self._child.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._end(getattr(signal, "SIGKILL", signal.SIGTERM))
            self._child.wait()
        self._finish()

    def _read(self, pipe: IO[str]) -> None:
        """In a thread: lines to the queue, then None."""
        with contextlib.suppress(ValueError, OSError):
            for line in pipe:
                self._lines.put(line)
        self._lines.put(None)

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            # Blender's own chatter
            self._log.write(line)
            return
        match event.get("event"):
            case "progress" | "step":
                done, total = float(event.get("done", 0)), float(event.get("total", 0))
                self.fraction = min(max(done / total, 0.0), 1.0) if total > 0 else self.fraction
                self.text = str(event.get("text", "")) or self.text
            case "note":
                self.notes.append(str(event.get("message", "")))
            case "error":
                self.error = str(event.get("message", ""))
            case "result":
                self.result = event
            case _:
                self.events.append(event)

    def _finish(self) -> None:
        """The pipe is closed: collect the child and say what came of it."""
        self.done = True
        status = self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
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

    def _end(self, number: int) -> None:
        """Signal the child and its own children."""
        if os.name == "nt":
            end = ["taskkill", "/F", "/T", "/PID", str(self._child.pid)]
            subprocess.run(end, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, number)


def running() -> bool:
    """True while a child works."""
    return current is not None and not current.done


def start(title: str, command: Sequence[str]) -> Job:
    """Start the one job. Raises SemantifyError while another one runs."""
    check_free()
    return follow(Job(title, command))


def check_free() -> None:
    """Raise SemantifyError while something runs."""
    from ..core.errors import SemantifyError

    if running():
        raise SemantifyError(f"{current.title} is still running: wait for it or cancel it")


def follow(job: Any) -> Any:
    """Show it in the panel, with Cancel. Returns it."""
    global current
    current = job
    return job


def stop() -> None:
    """End the job: Blender quits, the add-on is switched off, another file is opened."""
    if current is not None:
        current.cancel()


def register() -> None:
    """See to it that no child outlives Blender."""
    atexit.register(stop)


def unregister() -> None:
    """End the job and forget it."""
    global current
    stop()
    current = None
    atexit.unregister(stop)
