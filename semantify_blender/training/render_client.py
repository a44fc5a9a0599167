"""Rendering from the training side: Blender in a child process, its progress forwarded line by line."""

import contextlib
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

from ..core import child as children
from ..core.errors import SemantifyError

Progress = Callable[[int, int, float], None]
"""Called with pictures done, pictures in all, and pictures per second."""
Note = Callable[[str], None]

_WITH_STDIN = "--end-with-stdin"


def command_line(verb: str, arguments: Sequence[str], blender: str | None = None) -> list[str]:
    """The child's command: the Blender program named by `blender` or $BLENDER, else the bpy wheel of this Python."""
    return children.rendering_command(blender or os.environ.get("BLENDER"), verb, arguments)


def blender_command(verb: str, arguments: Sequence[str]) -> int:
    """`semantify render …`, `keys …`, `fit …`: hand everything to a Blender process and return its exit status.

    verb: of the rendering side's command line.
    """
    words = list(arguments)
    blender = None
    if "--blender" in words:
        at = words.index("--blender")
        if at + 1 == len(words):
            raise SemantifyError("--blender: give the Blender program after it")
        blender = words[at + 1]
        del words[at : at + 2]
    watched = _WITH_STDIN in words
    child = _start(command_line(verb, [word for word in words if word != _WITH_STDIN], blender))
    if watched:
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
    with contextlib.suppress(OSError, ValueError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    if child.stdin is not None:
        child.stdin.close()


def render(
    verb: str,
    arguments: Sequence[str],
    blender: str | None = None,
    progress: Progress | None = None,
    note: Note | None = None,
) -> dict[str, Any]:
    """Run a rendering verb ("dataset", "sheet", "influence") to its end.

    Returns the result it reports. Raises SemantifyError with the child's own sentence when it fails, or when there is
    no Blender. Ctrl-C ends the child too; what it finished is kept.
    """
    child = _start(
        command_line(verb, [*arguments, "--progress", "json"], blender),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with contextlib.closing(child.stdout), contextlib.closing(child.stderr):  # type: ignore[type-var]
        return _follow(child, progress, note)


def _follow(child: subprocess.Popen, progress: Progress | None, note: Note | None) -> dict[str, Any]:
    """Read the child's events until it ends. Its stderr is drained beside, so that a full pipe never blocks it."""
    assert child.stdout is not None
    assert child.stderr is not None
    last_lines: deque[str] = deque(maxlen=20)
    drain = Thread(target=last_lines.extend, args=(child.stderr,), daemon=True)
    drain.start()
    result: dict[str, Any] | None = None
    message = ""
    try:
        for line in child.stdout:
            event = _event(line)
            match event.pop("event", None):
                case "progress" if progress:
                    progress(int(event["done"]), int(event["total"]), float(event.get("rate", 0.0)))
                case "note" if note:
                    note(str(event.get("message", "")))
                case "result":
                    result = event
                case "error":
                    message = str(event.get("message", ""))
        status = child.wait()
    finally:
        # a child that is not through is ended, whatever went wrong here
        children.end(child)
        drain.join()
    if status == 0 and result is not None:
        return result
    raise SemantifyError(message or _explain(status, list(last_lines)))


def _event(line: str) -> dict[str, Any]:
    """One JSON event; Blender's own lines are none and become {}."""
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _explain(status: int, lines: list[str]) -> str:
    text = [line.strip() for line in lines if line.strip()]
    if any("No module named 'bpy'" in line for line in text):
        return (
            "this Python has no Blender: pip install semantify_blender[blender], or give --blender PROGRAM or $BLENDER"
        )
    return f"rendering ended with status {status}{': ' + text[-1].removeprefix('error: ') if text else ''}"
