"""Height, weight and girths of a fitted shape, and how far each may be off."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..model.gradients import GENDER, HEIGHT, WEIGHT, measurements_of
from ..model.morphable_model import MorphableModel
from .known import Known

FITTED, REFINED, PHOTOGRAPHED = "fitted", "refined", "photographed"
"""Kinds of fits whose errors were measured, as keys of `Fitter.spread`: by the embedding alone, with outlines, and with
outlines of photographs, which count less."""
Spread = Mapping[str, tuple[float, float]]
"""Name -> factor on the deviation that the covariance tells, and what is off at the least, in metres or kg.

A covariance is of coefficients. What of a true body no coefficients can show is the second number, and that errors are
not shared out among directions as the fitter believes is the first.
"""
_POUNDS, _INCHES = 1 / 0.45359237, 1 / 0.0254


@dataclass(frozen=True)
class Size:
    """value: metres or kg. deviation: one standard deviation; None for what was given, or where nobody measured it."""

    value: float
    deviation: float | None = None

    def told(self) -> dict[str, float | None]:
        """As JSON."""
        return {
            "value": round(self.value, 4),
            "deviation": None if self.deviation is None else round(self.deviation, 4),
        }


def sizes_of(
    model: MorphableModel,
    coefficients: np.ndarray,
    covariance: np.ndarray,
    known: Known,
    spread: Spread | None = None,
) -> dict[str, Size]:
    """What a shape (K,) measures, by name: height, weight, chest, waist, hips, as far as the model has them.

    covariance: (K, K). spread: how errors were found to be; without it nothing is said of them.
    """
    found = {}
    for name, measurement in measurements_of(model).items():
        if name == GENDER:
            continue
        value, slope = measurement(coefficients)
        found[name] = Size(value)
        if spread is not None and name in spread and name not in known.sizes:
            found[name] = Size(value, deviation(slope, covariance, *spread[name]))
    return found


def deviation(slope: np.ndarray, covariance: np.ndarray, factor: float, least: float) -> float:
    """One standard deviation of a measurement with derivatives `slope` (K,)."""
    told = max(float(slope @ np.asarray(covariance, np.float64) @ slope), 0.0)
    return float(np.hypot(factor * np.sqrt(told), least))


def size_text(name: str, value: float, deviation: float | None, imperial: bool = False) -> str:
    """For people: "height 1.71 ± 0.09 m", "waist 84 ± 6 cm", "weight 72 kg"; in inches and pounds where they are used.

    value, deviation: metres or kg.
    """
    if name == WEIGHT:
        factor, unit, digits = (_POUNDS, "lb", 0) if imperial else (1.0, "kg", 0)
    elif imperial:
        factor, unit, digits = _INCHES, "in", 1
    else:
        factor, unit, digits = (1.0, "m", 2) if name == HEIGHT else (100.0, "cm", 0)
    off = ""
    if deviation is not None:
        off = f" ± {max(factor * deviation, 10.0**-digits):.{digits}f}"
    return f"{name} {factor * value:.{digits}f}{off} {unit}"
