"""Rendering from the training side: Blender in a child process, its progress forwarded line by line."""

import contextlib
import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from ..core.errors import SemantifyError

Progress = Callable[[int, int, float], None]
"""Called with pictures done, pictures in all, and pictures per second."""
Note = Callable[[str], None]

_LAST_SECONDS = 20.0
"""How long a Blender that was interrupted may take to finish its picture and write its files."""
_PACKAGE_PARENT = Path(__file__).resolve().parent.parent.parent
_INSIDE_BLENDER = (
    "import sys; sys.path.insert(0, {parent!r}); from semantify_blender.rendering.cli import main, leave; "
    "leave(main(sys.argv[sys.argv.index('--') + 1:]))"
)


def command_line(verb: str, arguments: Sequence[str], blender: str | None = None) -> list[str]:
    """The child's command: the Blender program named by `blender` or $BLENDER, else the bpy wheel of this Python."""
    program = blender or os.environ.get("BLENDER")
    if program:
        script = _INSIDE_BLENDER.format(parent=str(_PACKAGE_PARENT))
        start = [program, "-b", "--factory-startup", "--python-exit-code", "1", "--python-expr", script, "--"]
    else:
        start = [sys.executable, "-m", "semantify_blender.rendering"]
    return [*start, verb, *map(str, arguments)]


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
    command = command_line(verb, words, blender)
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        raise SemantifyError(f"{command[0]}: cannot be started ({error}); give --blender PROGRAM") from error
    with child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # the terminal told the child too: let it write what it has finished
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(_LAST_SECONDS)
            child.kill()
            raise
        except BaseException:
            child.terminate()
            raise


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
    command = command_line(verb, [*arguments, "--progress", "json"], blender)
    found = [
        str(_PACKAGE_PARENT),
        os.environ.get("PYTHONPATH"),
    ]  # the child may run in another folder than this package
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found))}
    try:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", env=environment
        )
    except OSError as error:
        raise SemantifyError(f"{command[0]}: cannot be started ({error}); give --blender PROGRAM") from error
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
    except BaseException:
        child.terminate()
        child.wait()
        raise
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
