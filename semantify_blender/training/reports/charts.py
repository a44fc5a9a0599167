"""Charts of the experiments as SVG, by templates: inside the report, or as files of their own for the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from .colours import ACCENT, GRID, INK, MUTED, SERIES
from .page import rendered

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _GAP = 330, 230, 44, 30, 44, 26


@dataclass(frozen=True)
class Curve:
    """One curve. band: (low, high) per point, drawn as a veil. dashed curves are grey: others' numbers."""

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
    curves: Sequence[Curve]
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


@dataclass(frozen=True)
class Axes:
    """Where values lie in the drawing. left, top: of the inside of the panel, in pixels. xs, ys: ends of the axes."""

    left: float
    top: float
    xs: tuple[float, float]
    ys: tuple[float, float]

    @classmethod
    def of_panel(cls, index: int, columns: int, xs: tuple[float, float], ys: tuple[float, float]) -> "Axes":
        """Those of a panel by its number."""
        return cls((index % columns) * _WIDTH + _LEFT, (index // columns) * (_HEIGHT + 8) + _TOP, xs, ys)

    @property
    def right(self) -> float:
        """Pixels."""
        return self.left + _WIDTH - _LEFT - _GAP

    @property
    def bottom(self) -> float:
        """Pixels."""
        return self.top + _HEIGHT - _TOP - _BOTTOM

    @property
    def marks(self) -> list[float]:
        """Values to write along the horizontal axis."""
        return ticks(*self.xs)

    @property
    def levels(self) -> list[float]:
        """Values to write along the vertical axis."""
        return ticks(*self.ys)

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return self.left + (value - self.xs[0]) / max(self.xs[1] - self.xs[0], 1e-9) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        return self.top + (self.ys[1] - value) / max(self.ys[1] - self.ys[0], 1e-12) * (self.bottom - self.top)

    def points(self, x: Sequence[float], y: Sequence[float]) -> list[tuple[float, float]]:
        """Pixels of a curve."""
        return [(self.x(a), self.y(b)) for a, b in zip(x, y, strict=True)]

    def outline(self, x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> list[tuple[float, float]]:
        """Pixels around a band."""
        return [*self.points(x, low), *self.points(x, high)[::-1]]


def line_panels(panels: Sequence[Panel], columns: int = 3) -> Markup:
    """Panels side by side with one legend below; a curve has its colour by its name, the same in every panel."""
    names = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves if not curve.dashed))
    grey = list(dict.fromkeys(curve.name for panel in panels for curve in panel.curves if curve.dashed))
    colours = {name: SERIES[i % len(SERIES)] for i, name in enumerate(names)} | dict.fromkeys(grey, MUTED)
    drawn = [(panel, Axes.of_panel(i, columns, *_ends(panel))) for i, panel in enumerate(panels)]
    return _drawing("line_panels.svg", drawn, columns, colours, set(grey))


def dot_panels(panels: Sequence[DotPanel], unit: str, dots: str, references: str, columns: int = 3) -> Markup:
    """Panels of dots. dots, references: what the two marks are, for the legend."""
    drawn = [
        (panel, Axes.of_panel(i, columns, (0, len(panel.dots)), (0, 1.08 * (panel.high or panel.highest))))
        for i, panel in enumerate(panels)
    ]
    return _drawing("dot_panels.svg", drawn, columns, {dots: ACCENT, references: MUTED}, set(), unit=unit)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values within low..high, at most `most` of them."""
    span = max(high - low, 1e-12)
    base = 10.0 ** np.floor(np.log10(span / most))
    step = next(base * factor for factor in (1, 2, 5, 10, 20) if span / (base * factor) <= most)
    first = int(np.ceil(low / step - 1e-9))
    return [float(np.round(i * step, 10)) for i in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _ends(panel: Panel) -> tuple[tuple[float, float], tuple[float, float]]:
    xs = [value for curve in panel.curves for value in curve.x]
    ys = [value for curve in panel.curves for side in (curve.y, *(curve.band or ())) for value in side]
    low = min(ys) if panel.low is None else panel.low
    return (min(xs), max(xs)), (low, 1.05 * max(ys) if panel.high is None else panel.high)


def _drawing(
    template: str,
    drawn: Sequence[tuple[Panel | DotPanel, Axes]],
    columns: int,
    colours: dict[str, str],
    dashed: set[str],
    **values: Any,
) -> Markup:
    """All panels and below them the legend, broken into as many lines as the width needs."""
    width, height = min(len(drawn), columns) * _WIDTH, -(-len(drawn) // columns) * (_HEIGHT + 8)
    legend: list[dict[str, Any]] = []
    x, line = float(_LEFT), 0
    for name, colour in colours.items():
        length = 34 + 6.6 * len(name)
        if x + length > width and x > _LEFT:
            x, line = float(_LEFT), line + 1
        y = height + 10 + 20 * line
        legend.append({"name": name, "x": x, "y": y, "colour": colour, "dashed": name in dashed})
        x += length + 10
    return rendered(
        template,
        panels=[{"panel": panel, "axes": axes} for panel, axes in drawn],
        legend=legend,
        colours=colours,
        width=width,
        height=height + 20 * (line + 1),
        ink=INK,
        muted=MUTED,
        grid=GRID,
        accent=ACCENT,
        **values,
    )
