"""The table of poses, from benchmarks/pose.py --json."""

from typing import Any

from scripts.figures.measured import Measured
from scripts.figures.pages import table

ROWS = {
    "yaw": ("yaw", "°", 1),
    "pitch": ("pitch", "°", 1),
    "roll": ("roll", "°", 1),
    "bones in space": ("bones", "°", 0),
    "joints in the picture, of the figure's height": ("joints %", " %", 1),
    "the finder's own error of them": ("finder's joints %", " %", 1),
}
"""Row -> name in the figures, unit, places."""


def pose(measured: Measured) -> str | None:
    """Medians, 95th percentiles, largest errors."""
    figures = measured.figures("body", "pose.json")
    return None if figures is None else pose_text(figures)


def pose_text(figures: dict[str, Any]) -> str:
    """The table and a sentence."""
    errors = figures["errors"]["all"]
    rows = [
        [name, *(f"{value:.{places}f}{unit}" for value in errors[key])] for name, (key, unit, places) in ROWS.items()
    ]
    told = f"{figures['found']} of {figures['of']} were found; a pose takes {figures['milliseconds']:.0f} ms."
    if "within a deviation" in figures:
        yaw, pitch = (100 * share for share in figures["within a deviation"])
        told += (
            f" Within the deviation that the solver names lie {yaw:.0f} % of the yaws, {pitch:.0f} % of the pitches."
        )
    return f"{table(['', 'median', '95 %', 'most'], rows, numbers=True)}\n\n{told}"
