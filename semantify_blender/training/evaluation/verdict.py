"""Whether a mapper says anything at all, in a plain sentence."""

from collections.abc import Mapping
from statistics import median
from typing import Any

NOTHING = 1.0
"""Mean squared error of the fit, in the coefficients' variance, from which on the mean shape does as well."""
FOLLOWS = 0.5
"""Spearman's ρ of a slider's position and its picture's score, below which the slider does not do as it says."""
_WAY_OUT = "give other --words, more --samples or another --clip"


def verdict(figures: Mapping[str, Any]) -> str | None:
    """One sentence on a mapper that says nothing, or on sliders that do not do as they say; None for a good one.

    figures: of an evaluation; without what is rendered the fit alone is judged.
    """
    mse = figures["fit"]["relative_mse"]
    rho: list[float] = figures.get("sliders", {}).get("rho", [])
    if mse >= NOTHING and (not rho or median(rho) < FOLLOWS):
        worst = f", ρ {_signed(min(rho))}" if rho else ""
        return f"these scores do not follow the shape: MSE {mse:.2f}{worst}; {_WAY_OUT}"
    pairs = zip(figures["descriptors"], rho, strict=False)
    bad = [f"{word} (ρ {_signed(one)})" for word, one in pairs if one < FOLLOWS]
    if bad:
        return f"not all sliders do as they say: {', '.join(bad)}; leave those words out, or {_WAY_OUT}"
    return None


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
