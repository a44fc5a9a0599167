"""Output that people or programs read: what happens when nobody reads it any more."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

PIPE_CLOSED = 141
"""Exit status when whoever read the output is gone, as the shell has it for SIGPIPE."""


class PipeClosed(BaseException):
    """Whoever read the output is gone. Not an OSError: those are taken for errors of the file that is being written."""


@contextlib.contextmanager
def telling() -> Iterator[None]:
    """Around writing to people or to a parent process: a pipe that nobody reads any more raises PipeClosed."""
    try:
        yield
    except BrokenPipeError as error:
        raise PipeClosed from error


def until_pipe_closes(work: Callable[[], int]) -> int:
    """Do work that prints, and return its exit status; PIPE_CLOSED when nobody reads any more (`… | head`)."""
    try:
        try:
            return work()
        finally:
            # here, not while the interpreter ends, where nothing can catch it
            sys.stdout.flush()
    except (BrokenPipeError, PipeClosed):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.dup2(nowhere, sys.stderr.fileno())
        return PIPE_CLOSED
