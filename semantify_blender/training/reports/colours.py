"""The reports' colours; `data/report.css` has the page's own."""

import numpy as np

INK, MUTED, ACCENT, GRID = "#1f2933", "#7b8794", "#2f6fb3", "#e4e7eb"
SERIES = (ACCENT, "#c85032", "#3f8f5b", "#8a5fb0", "#b8860b", "#2b8f9b", "#a84a78")
"""Of curves, one after the other."""
_COLD, _WARM = (47, 111, 179), (200, 80, 50)


def tint(value: float, signed: bool = True) -> str:
    """Background for a value in −1..1 (blue to red), or 0..1 (white to blue)."""
    value = float(np.clip(np.nan_to_num(value), -1, 1))
    end = _WARM if signed and value > 0 else _COLD
    r, g, b = (int(255 + (part - 255) * abs(value)) for part in end)
    return f"rgb({r},{g},{b})"
