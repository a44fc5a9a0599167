"""Temporary folders and files that name their process, so that those of killed runs can be told and removed."""

import os
import re
import shutil
import tempfile
from pathlib import Path

_PREFIX = "semantify-render-"


def process_is_alive(process: int) -> bool:
    """Whether another process with this number runs on this machine."""
    if process == os.getpid():
        return False  # our own number on something we did not make: it was somebody's before us
    if os.name == "nt":
        return False  # there os.kill(pid, 0) would end the process, and an open file cannot be deleted anyway
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def picture_folder(parent: str | Path | None = None) -> tempfile.TemporaryDirectory:
    """A temporary folder for pictures on their way, by default in memory where there is such a file system.

    Removes those that killed processes left there.
    """
    parent = Path(parent or memory_folder() or tempfile.gettempdir())
    for path in parent.glob(f"{_PREFIX}*-*"):
        match = re.match(rf"{_PREFIX}(\d+)-", path.name)
        if match and int(match[1]) != os.getpid() and not process_is_alive(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent)


def memory_folder() -> str | None:
    """A writable file system in memory, or None."""
    shared = Path("/dev/shm")
    try:
        with tempfile.TemporaryFile(dir=shared):
            return str(shared)
    except OSError:
        return None
