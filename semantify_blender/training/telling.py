"""What long work tells while it goes on: steps, remarks and counts, each handed to whoever wants to know.

Functions that people call take `progress=`, any function of one `Told`; `print` is one. Inside, a `Teller` makes them.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """One thing that is told.

    kind: "step" where a step begins, "note" for a remark within it, "count" for so much of it being done.
    text: for people. done, total: of a count, else 0.
    """

    kind: str
    text: str
    done: int = 0
    total: int = 0

    def __str__(self) -> str:
        """One line: `print` will do for a progress callback."""
        return f"{self.done}/{self.total} {self.text}".rstrip() if self.kind == "count" else self.text


Tell = Callable[[Told], None]
"""What `progress=` takes."""


class Teller:
    """Tells steps, notes and counts to a callback, or to nobody."""

    def __init__(self, tell: Tell | None = None) -> None:
        """tell: called with each `Told`, in the thread that does the work."""
        self._tell = tell

    def step(self, text: str) -> None:
        """A new step begins."""
        self._say(Told("step", text))

    def note(self, text: str) -> None:
        """A remark within a step."""
        self._say(Told("note", text))

    def images(self, done: int, total: int, rate: float) -> None:
        """Progress of pictures: done, in all, per second."""
        left = f", {(total - done) / rate:.0f} s left" if rate > 0 and done < total else ""
        self.progress(done, total, f"{rate:.1f} pictures/s{left}" if rate else "")

    def progress(self, done: int, total: int, text: str = "") -> None:
        """So much of a step is done."""
        self._say(Told("count", text, done, total))

    def _say(self, told: Told) -> None:
        if self._tell is not None:
            self._tell(told)
