"""Telling the person at the terminal what is going on: progress on stderr, results on stdout."""

import shutil
import sys
import time
from typing import TextIO

from tqdm import tqdm

from ..core.pipes import telling
from ..training.telling import Told

BAR = "  {n_fmt}/{total_fmt} |{bar:24}| {desc}"
EVERY = 5.0
"""Seconds between two lines of progress where no terminal is."""


class Console:
    """Steps, progress and notes, all on stderr; quiet shows nothing. It is what `progress=` takes.

    Counts are a bar on a terminal, and elsewhere a line every few seconds.
    """

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        """stream: stderr by default."""
        self.stream = stream or sys.stderr
        self.quiet = quiet
        self._terminal = self.stream.isatty()
        self._bar: tqdm | None = None
        self._last = 0.0

    def __call__(self, told: Told) -> None:
        """Show one thing."""
        if self.quiet:
            return
        with telling():
            if told.kind != "count":
                self._end_bar()
                self._write(f"» {told.text}" if told.kind == "step" else f"  {told.text}")
            elif self._terminal:
                self._draw(told)
            elif told.done >= told.total or time.monotonic() - self._last >= EVERY:
                self._last = time.monotonic()
                self._write(f"  {told.done}/{told.total}  {told.text}")

    def _draw(self, told: Told) -> None:
        if self._bar is None or self._bar.total != told.total:
            self._end_bar()
            # tqdm draws nothing on a terminal that says it has no columns
            columns = shutil.get_terminal_size().columns
            self._bar = tqdm(total=told.total, bar_format=BAR, file=self.stream, miniters=1, ncols=columns)
        self._bar.set_description_str(told.text, refresh=False)
        self._bar.update(told.done - self._bar.n)
        if told.done >= told.total:
            self._end_bar()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.refresh()
            self._bar.close()
            self._bar = None

    def _write(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()
