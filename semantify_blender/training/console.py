"""Telling the person at the terminal what is going on: progress on stderr, results on stdout."""

import sys
import time
from typing import TextIO

from ..core.pipes import telling


class Console:
    """Steps, one updating progress line and notes, all on stderr; quiet shows nothing."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        """stream: stderr by default."""
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self._terminal = self.stream.isatty()
        self._open = False
        self._last = 0.0

    def step(self, text: str) -> None:
        """A new step begins."""
        self._line(f"» {text}")

    def note(self, text: str) -> None:
        """A remark within a step."""
        self._line(f"  {text}")

    def images(self, done: int, total: int, rate: float) -> None:
        """Progress of pictures: done, in all, per second."""
        left = f", {(total - done) / rate:.0f} s left" if rate > 0 and done < total else ""
        self.progress(done, total, f"{rate:.1f} pictures/s{left}" if rate else "")

    def progress(self, done: int, total: int, text: str = "") -> None:
        """A line that updates on a terminal, and is printed every few seconds elsewhere."""
        now = time.monotonic()
        if self.quiet or (done < total and now - self._last < (0.1 if self._terminal else 5.0)):
            return
        self._last = now
        line = f"  {done}/{total}  {text}"
        if self._terminal:
            self._write(f"\r\x1b[K{line}" + ("\n" if done >= total else ""))
            self._open = done < total
        else:
            self._write(line + "\n")

    def _line(self, text: str) -> None:
        if self.quiet:
            return
        self._write(("\n" if self._open else "") + text + "\n")
        self._open = False

    def _write(self, text: str) -> None:
        with telling():
            self.stream.write(text)
            self.stream.flush()
