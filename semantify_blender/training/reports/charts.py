"""Charts of the experiments as SVG: inside the report, or as files of their own for the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from .svg import GRID, INK, MUTED

COLOURS = ("#2f6fb3", "#c85032", "#3f8f5b", "#8a5fb0", "#b8860b", "#2b8f9b", "#a84a78")
_FONT = 'font-family="system-ui, Segoe UI, Roboto, sans-serif" font-size="12"'
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 330, 230, 44, 30, 44, 26


@dataclass(frozen=True)
class Curve:
    """One curve. band: (low, high) per point, drawn as a veil. dashed lines are grey: others' numbers."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    band: tuple[Sequence[float], Sequence[float]] | None = None
    dashed: bool = False


@dataclass(frozen=True)
class Panel:
    """Curves over common axes. low, high: ends of the vertical axis; None for what the curves need."""

    title: str
    x_label: str
    lines: Sequence[Curve]
    low: float | None = 0.0
    high: float | None = None


@dataclass(frozen=True)
class Spread:
    """A dot with its deviation: name below, value, standard deviation. reference: a grey bar to compare with."""

    name: str
    value: float
    deviation: float = 0.0
    reference: float | None = None


@dataclass(frozen=True)
class DotPanel:
    """Dots side by side over an axis from 0. high: its upper end; None for what the dots need."""

    title: str
    dots: Sequence[Spread]
    high: float | None = None

    @property
    def highest(self) -> float:
        """The largest value that is drawn, deviations and references included."""
        return max(max(dot.value + dot.deviation, dot.reference or 0.0) for dot in self.dots)


def line_panels(panels: Sequence[Panel], columns: int = 3) -> str:
    """Panels side by side with one legend below; a curve has its colour by its name, the same in every panel."""
    names = list(dict.fromkeys(line.name for panel in panels for line in panel.lines if not line.dashed))
    grey = list(dict.fromkeys(line.name for panel in panels for line in panel.lines if line.dashed))
    colour = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)} | dict.fromkeys(grey, MUTED)
    parts = [_line_panel(panel, *_corner(i, columns), colour) for i, panel in enumerate(panels)]
    width, height = _size(len(panels), columns)
    legend, lines = _legend([*names, *grey], colour, set(grey), width, height)
    return _document(width, height + 20 * lines, [*parts, legend])


def dot_panels(panels: Sequence[DotPanel], unit: str, dots: str, references: str, columns: int = 3) -> str:
    """Panels of dots. dots, references: what the two marks are, for the legend."""
    parts = [
        _dot_panel(panel, *_corner(i, columns), 1.08 * (panel.high or panel.highest), unit)
        for i, panel in enumerate(panels)
    ]
    width, height = _size(len(panels), columns)
    colour = {dots: COLOURS[0], references: MUTED}
    legend, lines = _legend(list(colour), colour, set(), width, height)
    return _document(width, height + 20 * lines, [*parts, legend])


def _line_panel(panel: Panel, x0: float, y0: float, colour: dict[str, str]) -> str:
    xs = [value for line in panel.lines for value in line.x]
    ys = [value for line in panel.lines for value in (*line.y, *(v for side in line.band or () for v in side))]
    low = min(ys) if panel.low is None else panel.low
    high = 1.05 * max(ys) if panel.high is None else panel.high
    left, right = min(xs), max(max(xs), min(xs) + 1e-9)

    def at(x: float, y: float) -> str:
        return (
            f"{x0 + _LEFT + (x - left) / (right - left) * (_WIDTH - _LEFT - _GAP):.1f},"
            f"{y0 + _TOP + (high - y) / max(high - low, 1e-12) * (_HEIGHT - _TOP - _BOTTOM):.1f}"
        )

    parts = [_frame(panel.title, panel.x_label, x0, y0)]
    for value in _ticks(low, high):
        parts.append(_level(x0, float(at(left, value).split(",")[1]), f"{value:g}"))
    for value in _ticks(left, right):
        tick_x, tick_y = at(value, low).split(",")
        parts.append(
            f'<text x="{tick_x}" y="{float(tick_y) + 16:.1f}" text-anchor="middle" fill="{MUTED}">{value:g}</text>'
        )
    for line in panel.lines:
        ink = colour[line.name]
        if line.band:
            edge = [at(x, y) for x, y in zip(line.x, line.band[0], strict=True)]
            edge += [at(x, y) for x, y in zip(line.x, line.band[1], strict=True)][::-1]
            parts.append(f'<polygon points="{" ".join(edge)}" fill="{ink}" opacity="0.16"/>')
        points = " ".join(at(x, y) for x, y in zip(line.x, line.y, strict=True))
        dash = ' stroke-dasharray="5 4"' if line.dashed else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.8"{dash}/>')
        if len(line.x) <= 16:
            for x, y in zip(line.x, line.y, strict=True):
                cx, cy = at(x, y).split(",")
                parts.append(f'<circle cx="{cx}" cy="{cy}" r="2.8" fill="{ink}"/>')
    return "".join(parts)


def _dot_panel(panel: DotPanel, x0: float, y0: float, high: float, unit: str) -> str:
    inner = _WIDTH - _LEFT - _GAP
    bottom = y0 + _HEIGHT - _BOTTOM

    def height(value: float) -> float:
        return bottom - value / high * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_frame(panel.title, "", x0, y0)]
    parts += [_level(x0, height(value), f"{value:g}") for value in _ticks(0, high)]
    for i, dot in enumerate(panel.dots):
        x = x0 + _LEFT + (i + 0.5) * inner / len(panel.dots)
        y = height(dot.value)
        if dot.reference is not None:
            level = height(dot.reference)
            parts.append(
                f'<line x1="{x - 11:.1f}" x2="{x + 11:.1f}" y1="{level:.1f}" y2="{level:.1f}" stroke="{MUTED}" '
                'stroke-width="2.4"/>'
            )
        if dot.deviation:
            top, foot = height(dot.value + dot.deviation), height(max(dot.value - dot.deviation, 0))
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{foot:.1f}" stroke="{COLOURS[0]}" '
                'stroke-width="1.6"/>'
            )
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[0]}"/>'
            f'<text x="{x + 7:.1f}" y="{y - 5:.1f}" fill="{INK}">{dot.value:.1f}</text>'
        )
        for row, word in enumerate(dot.name.split("\n")):
            parts.append(
                f'<text x="{x:.1f}" y="{bottom + 16 + 13 * row:.1f}" text-anchor="middle" fill="{INK}">'
                f"{escape(word)}</text>"
            )
    parts.append(f'<text x="{x0 + _LEFT - 6:.1f}" y="{y0 + _TOP - 8:.1f}" text-anchor="end">{escape(unit)}</text>')
    return "".join(parts)


def _frame(title: str, x_label: str, x0: float, y0: float) -> str:
    middle = x0 + _LEFT + (_WIDTH - _LEFT - _GAP) / 2
    return (
        f'<text x="{x0 + _LEFT:.1f}" y="{y0 + 15:.1f}" font-weight="600" fill="{INK}">{escape(title)}</text>'
        f'<text x="{middle:.1f}" y="{y0 + _HEIGHT - 10:.1f}" text-anchor="middle" fill="{MUTED}">'
        f"{escape(x_label)}</text>"
    )


def _level(x0: float, y: float, text: str) -> str:
    return (
        f'<line x1="{x0 + _LEFT}" x2="{x0 + _WIDTH - _GAP}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>'
        f'<text x="{x0 + _LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{MUTED}">{text}</text>'
    )


def _ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within low..high, at most `most` of them."""
    span = max(high - low, 1e-12)
    base = 10.0 ** np.floor(np.log10(span / most))
    step = next(base * factor for factor in (1, 2, 5, 10, 20) if span / (base * factor) <= most)
    first = int(np.ceil(low / step - 1e-9))
    return [float(np.round(i * step, 10)) for i in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _corner(index: int, columns: int) -> tuple[float, float]:
    return (index % columns) * _WIDTH, (index // columns) * (_HEIGHT + 8)


def _size(count: int, columns: int) -> tuple[float, float]:
    return min(count, columns) * _WIDTH, -(-count // columns) * (_HEIGHT + 8)


def _legend(names: Sequence[str], colour: dict[str, str], grey: set[str], width: float, top: float) -> tuple[str, int]:
    """The legend, broken into as many lines as the width needs. Returns the markup and the number of lines."""
    parts, x, line = [], float(_LEFT), 0
    for name in names:
        length = 34 + 6.6 * len(name)
        if x + length > width and x > _LEFT:
            x, line = float(_LEFT), line + 1
        y = top + 10 + 20 * line
        dash = ' stroke-dasharray="5 4"' if name in grey else ""
        parts.append(
            f'<line x1="{x:.1f}" x2="{x + 20:.1f}" y1="{y - 4:.1f}" y2="{y - 4:.1f}" stroke="{colour[name]}" '
            f'stroke-width="2.4"{dash}/><text x="{x + 26:.1f}" y="{y:.1f}" fill="{INK}">{escape(name)}</text>'
        )
        x += length + 10
    return "".join(parts), line + 1


def _document(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" class="chart" {_FONT} role="img"><rect width="100%" height="100%" fill="#ffffff"/>'
        f"{''.join(parts)}</svg>\n"
    )
