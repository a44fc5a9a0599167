"""Keeping Blender's own chatter off standard output, which Cycles writes from C for every sample."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def quiet(log: str | Path | None = None) -> Iterator[int]:
    """Send file descriptor 1 to `log` (appended) or to nowhere; gives a descriptor of the real standard output."""
    sys.stdout.flush()
    real = os.dup(1)
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(target, 1)
    os.close(target)
    try:
        yield real
    finally:
        sys.stdout.flush()
        os.dup2(real, 1)
        os.close(real)
