"""The table of scripts/small_clip/clothes_pairs.py: what clothes change of the fat that is read."""

from typing import Any

from scripts.figures.measured import Measured
from scripts.figures.pages import table

FIGURES = "pairs.json"


def pairs(measured: Measured) -> str | None:
    """By what is worn, cut out and before a busy backdrop."""
    figures = measured.figures("body", "pairs", FIGURES)
    return None if figures is None else pairs_text(figures)


def pairs_text(figures: dict[str, Any]) -> str:
    """A sentence and the table."""
    rows = [
        [
            f"{'cut out' if kind == 'cut out' else 'busy backdrop'}, {name}",
            f"{row['bodies']:.0f}",
            f"{row['change']:+.2f}".replace("-", "−"),
            f"{row['typical change']:.2f}",
            f"{row['mm']:.1f} mm",
            f"{100 * row['waist inside']:.0f} %",
        ]
        for kind, by_name in figures["pairs"].items()
        for name, row in by_name.items()
    ]
    columns = ["", "bodies", "change of *fat*, mean", "its size, median", "vertices off", "waist inside its ±"]
    return f"{figures['bodies']} bodies, height known, not refined:\n\n{table(columns, rows, numbers=True)}"
