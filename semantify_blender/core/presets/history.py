"""The looks that one character had, in order, and the way back and forth between them."""

from dataclasses import dataclass, field

from .preset import Preset

MOST = 100
"""Looks of a character: the oldest are forgotten."""
REST = 1.0
"""Seconds without a change after which the drag of a slider has ended."""


@dataclass
class History:
    """entries: oldest first. at: which of them the character has, −1 without any.

    moving: when sliders were moved last, in seconds, and the look that they came to, as long as that is none of the
    entries.
    """

    entries: list[Preset] = field(default_factory=list)
    at: int = -1
    moving: tuple[float, Preset] | None = None

    def note(self, look: Preset) -> None:
        """The character has this look now.

        One of its neighbours is come to, as by undo and redo; another one takes the place of all that came after.
        """
        self.moving = None
        place = self._place(look)
        if place is not None:
            self.at = place
            return
        self.entries = [*self.entries[: self.at + 1], look][-MOST:]
        self.at = len(self.entries) - 1

    def move(self, look: Preset, now: float) -> None:
        """Sliders came to a look at a time in seconds: if they had rested, what they rested at is noted."""
        if self.moving is not None and now - self.moving[0] > REST:
            self.note(self.moving[1])
        self.moving = now, look

    def beside(self, look: Preset, step: int) -> Preset | None:
        """The look before (step −1) or after (1) that of now; None where there is none."""
        if not self.entries:
            return None
        place = self._place(look)
        if place is None:
            # it is not noted yet, and comes after the others
            return self.entries[self.at] if step < 0 else None
        wanted = place + step
        return self.entries[wanted] if 0 <= wanted < len(self.entries) else None

    def _place(self, look: Preset) -> int | None:
        """Which of the entries a look is: the one that the character has, or a neighbour that undo or redo came to."""
        for near in (self.at, self.at - 1, self.at + 1):
            if 0 <= near < len(self.entries) and self.entries[near] == look:
                return near
        return None
