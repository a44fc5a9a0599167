"""What a rendering process tells while it works, to whoever listens: a terminal, a program, nobody."""

from typing import Any, Protocol


class Progress(Protocol):
    """Whoever listens."""

    def note(self, text: str) -> None:
        """A sentence worth reading once, such as the device in use."""

    def advance(self, done: int, total: int) -> None:
        """So many of the pictures are done."""

    def event(self, event: str, **values: Any) -> None:
        """What only a program can use, such as the numbers of a fit; values are JSON's."""


class Silent:
    """Nobody listens."""

    def note(self, text: str) -> None:
        """Nothing."""

    def advance(self, done: int, total: int) -> None:
        """Nothing."""

    def event(self, event: str, **values: Any) -> None:
        """Nothing."""
