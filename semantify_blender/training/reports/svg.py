"""Small inline-SVG charts for the report; numbers in, markup out, no plotting library."""

from collections.abc import Sequence
from html import escape

import numpy as np
from markupsafe import Markup

INK, MUTED, ACCENT, GRID = "#1f2933", "#7b8794", "#2f6fb3", "#e4e7eb"
_COLD, _WARM = np.array([47, 111, 179]), np.array([200, 80, 50])


def tint(value: float, signed: bool = True) -> str:
    """Background for a value in −1..1 (blue to red), or 0..1 (white to blue)."""
    value = float(np.clip(np.nan_to_num(value), -1, 1))
    end = _WARM if signed and value > 0 else _COLD
    r, g, b = (255 + (end - 255) * abs(value)).astype(int)
    return f"rgb({r},{g},{b})"


def heat_map(
    rows: Sequence[str], columns: Sequence[str], values: np.ndarray, signed: bool = True, digits: int = 2, cell: int = 0
) -> Markup:
    """A matrix with labels. values: (rows, columns), colours over −1..1 (signed) or 0..1. Big ones show no numbers."""
    values = np.asarray(values, float)
    cell = cell or (44 if len(columns) <= 12 else 18)
    numbers = cell >= 34
    left, top = 7.2 * max(map(len, rows), default=1) + 10, 6.6 * max(map(len, columns), default=1) * 0.75 + 14
    width_all, height_all = left + cell * len(columns) + top * 0.7, top + cell * len(rows) + 4
    parts = [f'<svg viewBox="0 0 {width_all:.0f} {height_all:.0f}" width="{width_all:.0f}" class="chart" role="img">']
    for j, name in enumerate(columns):
        x = left + (j + 0.5) * cell
        parts.append(
            f'<text x="{x:.1f}" y="{top - 6:.1f}" transform="rotate(-48 {x:.1f} {top - 6:.1f})">{escape(name)}</text>'
        )
    for i, name in enumerate(rows):
        y = top + i * cell
        parts.append(f'<text x="{left - 7:.1f}" y="{y + cell / 2 + 4:.1f}" text-anchor="end">{escape(name)}</text>')
        for j, column in enumerate(columns):
            value = values[i, j]
            x = left + j * cell
            title = f"<title>{escape(name)} / {escape(column)}: {value:.{digits}f}</title>"
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell - 1}" height="{cell - 1}" rx="2" '
                f'fill="{tint(value, signed)}">{title}</rect>'
            )
            if numbers:
                ink = "#fff" if abs(value) > 0.62 else INK
                parts.append(
                    f'<text x="{x + cell / 2:.1f}" y="{y + cell / 2 + 4:.1f}" text-anchor="middle" fill="{ink}">'
                    f"{value:.{digits}f}</text>"
                )
    return Markup("".join(parts) + "</svg>")


def bars(labels: Sequence[str], values: Sequence[float], unit: str = "", largest: float | None = None) -> Markup:
    """Horizontal bars from 0; negative values are drawn as 0 and told as they are."""
    largest = largest or max([*values, 1e-9])
    left, width, row = 7.2 * max(map(len, labels), default=1) + 12, 320, 24
    parts = [
        f'<svg viewBox="0 0 {left + width + 80:.0f} {row * len(labels)}" width="{left + width + 80:.0f}" class="chart">'
    ]
    for i, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = i * row
        length = width * min(max(value, 0) / largest, 1)
        parts.append(
            f'<text x="{left - 8:.1f}" y="{y + 16}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{left:.1f}" y="{y + 4}" width="{width}" height="{row - 9}" rx="3" fill="{GRID}"/>'
            f'<rect x="{left:.1f}" y="{y + 4}" width="{length:.1f}" height="{row - 9}" rx="3" fill="{ACCENT}"/>'
            f'<text x="{left + width + 8:.1f}" y="{y + 16}">{value:.3g}{unit}</text>'
        )
    return Markup("".join(parts) + "</svg>")


def sweep_chart(position: np.ndarray, asked: np.ndarray, got: np.ndarray, title: str) -> Markup:
    """What one slider asked for (dashed) and what the rendered shapes scored (line with dots). All (steps,)."""
    width, height, left, bottom = 210, 140, 38, 22
    low, high = float(min(asked.min(), got.min())), float(max(asked.max(), got.max()))
    margin = 0.06 * max(high - low, 1e-6)
    low, high = low - margin, high + margin

    def point(x: float, y: float) -> str:
        return (
            f"{left + (x + 1) / 2 * (width - left - 8):.1f},{8 + (high - y) / (high - low) * (height - bottom - 8):.1f}"
        )

    dots = "".join(
        '<circle cx="{}" cy="{}" r="2.2" fill="{}"/>'.format(*point(x, y).split(","), ACCENT)
        for x, y in zip(position, got, strict=True)
    )
    line = " ".join(point(x, y) for x, y in zip(position, got, strict=True))
    wanted = " ".join(point(x, y) for x, y in zip(position, asked, strict=True))
    axis = height - bottom
    return Markup(
        f'<figure class="small"><svg viewBox="0 0 {width} {height}" width="{width}" class="chart">'
        f'<line x1="{left}" y1="{axis}" x2="{width - 8}" y2="{axis}" stroke="{GRID}"/>'
        f'<line x1="{left}" y1="8" x2="{left}" y2="{axis}" stroke="{GRID}"/>'
        f'<text x="{left - 4}" y="16" text-anchor="end">{high - margin:.1f}</text>'
        f'<text x="{left - 4}" y="{axis}" text-anchor="end">{low + margin:.1f}</text>'
        f'<text x="{left}" y="{height - 6}">low</text>'
        f'<text x="{width - 8}" y="{height - 6}" text-anchor="end">high</text>'
        f'<polyline points="{wanted}" fill="none" stroke="{MUTED}" stroke-dasharray="4 3"/>'
        f'<polyline points="{line}" fill="none" stroke="{ACCENT}" stroke-width="1.6"/>{dots}</svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def histogram(values: np.ndarray, title: str, bins: int = 28) -> Markup:
    """Distribution of (N,) values."""
    counts, edges = np.histogram(values, bins)
    width, height = 150, 78
    step = (width - 8) / bins
    rects = "".join(
        f'<rect x="{4 + i * step:.1f}" y="{58 - 52 * c / max(counts.max(), 1):.1f}" width="{step - 0.6:.1f}" '
        f'height="{52 * c / max(counts.max(), 1):.1f}" fill="{ACCENT}"/>'
        for i, c in enumerate(counts)
    )
    return Markup(
        f'<figure class="small"><svg viewBox="0 0 {width} {height}" width="{width}" class="chart">{rects}'
        f'<line x1="4" y1="58.5" x2="{width - 4}" y2="58.5" stroke="{MUTED}"/>'
        f'<text x="4" y="72">{edges[0]:.2f}</text>'
        f'<text x="{width - 4}" y="72" text-anchor="end">{edges[-1]:.2f}</text></svg>'
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )
