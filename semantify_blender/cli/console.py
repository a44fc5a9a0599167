"""Telling the person at the terminal what is going on: progress on stderr, results on stdout."""

import sys
import time
from typing import TextIO

from ..core.pipes import telling
from ..training.telling import Told


class Console:
    """Steps, one updating progress line and notes, all on stderr; quiet shows nothing. It is what `progress=` takes."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        """stream: stderr by default."""
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self._terminal = self.stream.isatty()
        self._open = False
        self._last = 0.0

    def __call__(self, told: Told) -> None:
        """Show one thing."""
        if self.quiet:
            return
        if told.kind == "count":
            self._count(told)
        else:
            self._line(f"» {told.text}" if told.kind == "step" else f"  {told.text}")

    def _count(self, told: Told) -> None:
        """A line that updates on a terminal, and is printed every few seconds elsewhere."""
        now = time.monotonic()
        if told.done < told.total and now - self._last < (0.1 if self._terminal else 5.0):
            return
        self._last = now
        line = f"  {told.done}/{told.total}  {told.text}"
        if self._terminal:
            self._write(f"\r\x1b[K{line}" + ("\n" if told.done >= told.total else ""))
            self._open = told.done < told.total
        else:
            self._write(line + "\n")

    def _line(self, text: str) -> None:
        self._write(("\n" if self._open else "") + text + "\n")
        self._open = False

    def _write(self, text: str) -> None:
        with telling():
            self.stream.write(text)
            self.stream.flush()
