"""Temporary folders that name their process, so that those of killed runs can be told and removed."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from ...core.files.owners import process_is_alive, this_node

_PREFIX = "semantify-render"


def picture_folder(parent: str | Path | None = None) -> tempfile.TemporaryDirectory:
    """A temporary folder for pictures on their way, by default in memory where there is such a file system.

    Removes those that killed processes left there, where processes can be asked for: neither Windows nor another
    container's are.
    """
    parent, prefix = Path(parent or memory_folder() or tempfile.gettempdir()), f"{_PREFIX}-{this_node()}-"
    for path in parent.glob(f"{prefix}*-*") if os.name != "nt" else ():
        match = re.match(rf"{prefix}(\d+)-", path.name)
        if match and int(match[1]) != os.getpid() and not process_is_alive(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)
    return tempfile.TemporaryDirectory(prefix=f"{prefix}{os.getpid()}-", dir=parent)


def memory_folder() -> str | None:
    """A writable file system in memory, or None."""
    shared = Path("/dev/shm")
    try:
        with tempfile.TemporaryFile(dir=shared):
            return str(shared)
    except OSError:
        return None
