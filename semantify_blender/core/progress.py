"""How long work tells how far it is: functions that it calls, given by whoever shows it."""

from collections.abc import Callable

PictureProgress = Callable[[int, int, float], None]
"""Called with pictures done, pictures in all, and pictures per second."""
StepProgress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and a few words on them."""
