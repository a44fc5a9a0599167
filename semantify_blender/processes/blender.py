"""Blender in a child process: a verb passed on as it is, or a request whose progress is told line by line."""

import contextlib
import importlib.util
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

from ..core.errors import SemantifyError
from ..core.files.json_lines import event_of, number_of, text_of
from ..core.progress import PictureProgress
from . import child as children
from .requests import Request
from .seats import ANYWHERE, Seat

Note = Callable[[str], None]
Listen = Callable[[str, dict[str, Any]], None]
"""Called with an event's name and its other values."""
_USERS_ERROR = 2
_NO_BLENDER = (
    "this Python has no Blender: pip install semantify_blender[blender], or give --blender PROGRAM or $BLENDER"
)


def program(blender: str | None = None) -> str | None:
    """The Blender program named by `blender` or $BLENDER; None for the bpy wheel of this Python."""
    return blender or os.environ.get("BLENDER")


class ChildCrashError(SemantifyError):
    """A rendering process that ended without saying why: it crashed, or was killed."""


def named_program(blender: str | None = None) -> str | None:
    """As `program`. Raises SemantifyError where there is neither a program nor a wheel."""
    named = program(blender)
    if named is None and importlib.util.find_spec("bpy") is None:
        raise SemantifyError(_NO_BLENDER)
    return named


def pass_on(verb: str, words: Sequence[str], blender: str | None = None, end_with_stdin: bool = False) -> int:
    """Do a verb of `cli.rendering` in a Blender process that shares this one's terminal. Returns its exit status.

    words: its arguments. blender: the program; else $BLENDER, else the bpy wheel of this Python. end_with_stdin: end it
    when this process's standard input ends. Raises SemantifyError when it cannot be started.
    """
    named = named_program(blender)
    child = _start(children.verb_command(named, verb, words))
    if end_with_stdin:
        Thread(target=_pass_on_the_end, args=(child,), daemon=True).start()
    try:
        return child.wait()
    except KeyboardInterrupt:
        # let it write what it has finished
        return children.end(child, children.GRACE)
    finally:
        children.end(child)


def _start(command: Sequence[str], **options: Any) -> subprocess.Popen:
    try:
        return children.start(command, **options)
    except OSError as error:
        raise SemantifyError(f"{command[0]}: cannot be started ({error}); give --blender PROGRAM") from error


def _pass_on_the_end(child: subprocess.Popen) -> None:
    """Close the child's standard input when our own ends."""
    children.until_stdin_ends()
    if child.stdin is not None:
        child.stdin.close()


def render(
    request: Request,
    blender: str | None = None,
    progress: PictureProgress | None = None,
    note: Note | None = None,
    seat: Seat = ANYWHERE,
    listen: Listen | None = None,
    started: Callable[[subprocess.Popen], None] | None = None,
) -> dict[str, Any]:
    """Do what is asked in a rendering process, and wait for its end.

    blender: the program; else $BLENDER, else the bpy wheel of this Python. seat: the processor that it has.
    listen: told of events that are neither progress nor notes. started: given the process, for whoever may end it.
    Returns the result it reports. Raises SemantifyError with the child's own sentence when it fails, or when there is
    no Blender; ChildCrashError when it has none. Ctrl-C ends the child too; what it finished is kept.
    """
    child = _start(
        children.rendering_command(program(blender), request, seat),
        seat=seat,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if started is not None:
        started(child)
    with contextlib.closing(child.stdout), contextlib.closing(child.stderr):  # type: ignore[type-var]
        return _follow(child, progress, note, listen)


def _follow(
    child: subprocess.Popen, progress: PictureProgress | None, note: Note | None, listen: Listen | None
) -> dict[str, Any]:
    """Read the child's events until it ends. Its stderr is drained beside, so that a full pipe never blocks it."""
    assert child.stdout is not None
    assert child.stderr is not None
    last_lines: deque[str] = deque(maxlen=20)
    drain = Thread(target=last_lines.extend, args=(child.stderr,), daemon=True)
    drain.start()
    Thread(target=_end_the_rest, args=(child,), daemon=True).start()
    result: dict[str, Any] | None = None
    message = ""
    try:
        for line in child.stdout:
            event = event_of(line)
            match event.pop("event", None):
                case "progress" if progress:
                    done, total = (int(number_of(event, name)) for name in ("done", "total"))
                    progress(done, total, number_of(event, "rate"))
                case "note" if note:
                    note(text_of(event, "message"))
                case "result":
                    result = event
                case "error":
                    message = text_of(event, "message")
                case str(name) if listen:
                    listen(name, event)
        status = child.wait()
    finally:
        # a child that is not through is ended, whatever went wrong here
        children.end(child)
        drain.join()
    if status == 0 and result is not None:
        return result
    raise SemantifyError(message) if message else _explained(status, list(last_lines))


def _end_the_rest(child: subprocess.Popen) -> None:
    """Once a child has ended, end what it started: that may hold its pipes open, and we would read on for ever."""
    child.wait()
    time.sleep(1.0)
    children.send(child, getattr(signal, "SIGKILL", signal.SIGTERM))


def _explained(status: int, lines: list[str]) -> SemantifyError:
    text = [line.strip() for line in lines if line.strip()]
    if any("No module named 'bpy'" in line for line in text):
        return SemantifyError(_NO_BLENDER)
    sentence = f"rendering ended with status {status}{': ' + text[-1].removeprefix('error: ') if text else ''}"
    told = status == _USERS_ERROR and text and text[-1].startswith("error: ")
    return SemantifyError(sentence) if told else ChildCrashError(sentence)
