"""Progress of a render for people (one line that updates) and for programs (one JSON object a line)."""

import json
import os
import sys
import time
from typing import Any

from ..core.pipes import telling


class _Rate:
    """Pictures per second since the first call, so that what a resumed run skips does not count."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None
        self._last = 0.0

    def measure(self, done: int, total: int, every: float) -> tuple[float, float] | None:
        """(pictures per second, seconds left), or None when the last report is less than `every` seconds old."""
        now = time.monotonic()
        if self._first is None:
            self._first = (now, done)
        elif now - self._last < every and done < total:
            return None
        self._last = now
        since, already = self._first
        rate = (done - already) / (now - since) if now > since else 0.0
        return rate, (total - done) / rate if rate else 0.0


class TextProgress:
    """One updating line on a terminal; elsewhere a plain line every few seconds."""

    def __init__(self, descriptor: int) -> None:
        """descriptor: the file descriptor of the real standard output."""
        self._descriptor, self._rate = descriptor, _Rate()
        self._terminal = os.isatty(descriptor)
        self._line_open = False

    def note(self, text: str) -> None:
        """Print a sentence on a line of its own."""
        self._write(("\n" if self._line_open else "") + text + "\n")
        self._line_open = False

    def advance(self, done: int, total: int) -> None:
        """done/total, images/s, time left."""
        measured = self._rate.measure(done, total, 0.2 if self._terminal else 5.0)
        if measured is None:
            return
        rate, left = measured
        text = f"{done}/{total} pictures"
        if rate:
            text += f", {rate:.1f}/s, {int(left) // 60}:{int(left) % 60:02d} left"
        if self._terminal:
            self._write(f"\r\x1b[K{text}" + ("\n" if done >= total else ""))
            self._line_open = done < total
        else:
            self._write(text + "\n")

    def event(self, event: str, **values: Any) -> None:
        """Of what programs are told, people only want to know which pictures could not be used."""
        if event == "failed":
            self.note(f"left out: {values['message']}")

    def _write(self, text: str) -> None:
        # a path may hold bytes that no encoding explains
        with telling():
            os.write(self._descriptor, text.encode(errors="surrogateescape"))


class JsonProgress:
    """One JSON object a line: {"event": "note" | "progress" | "result" | "error", …}."""

    def __init__(self, descriptor: int) -> None:
        """descriptor: the file descriptor of the real standard output."""
        self._descriptor, self._rate = descriptor, _Rate()

    def event(self, event: str, **values: Any) -> None:
        """Write one object."""
        line = json.dumps({"event": event, **values}, ensure_ascii=False) + "\n"
        with telling():
            os.write(self._descriptor, line.encode(errors="surrogateescape"))

    def note(self, text: str) -> None:
        """{"event": "note", "message": …}."""
        self.event("note", message=text)

    def advance(self, done: int, total: int) -> None:
        """{"event": "progress", "done": …, "total": …, "rate": per second, "left_s": …}."""
        measured = self._rate.measure(done, total, 0.25)
        if measured is not None:
            self.event("progress", done=done, total=total, rate=round(measured[0], 2), left_s=round(measured[1], 1))


def print_error(message: str) -> None:
    """`error: …` on standard error."""
    print(f"error: {message}", file=sys.stderr, flush=True)
