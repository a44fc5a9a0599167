"""What a page says of a mapper's words: their ranges, and what they were measured to do."""

import math
from typing import Any

from ..mapper import Mapper
from ..model.morphable_model import MorphableModel


def word_rows(
    mapper: Mapper, model: MorphableModel | None, figures: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """A row of the header for each word. figures: of `semantify evaluate`, more than the mapper's file has of them."""
    figures = mapper.figures if figures is None else figures
    sliders = _dictionary(figures.get("sliders"))
    rho, reach, talk = (_list(sliders.get(name)) for name in ("rho", "reach", "cross_talk"))
    rows = []
    for number, word in enumerate(mapper.descriptors):
        rows.append(
            {
                "word": word,
                "low": short(mapper.low[number]),
                "rest": short(mapper.default[number]),
                "high": short(mapper.high[number]),
                "rho": _entry(rho, number),
                "reach": _entry(reach, number),
                "crossTalk": _cross_talk(talk, number),
                "measured": _measured(figures, model, word),
            }
        )
    return rows


def model_figures(mapper: Mapper, figures: dict[str, Any] | None = None) -> dict[str, float | None]:
    """The figures of all words together. figures: as for `word_rows`."""
    figures = mapper.figures if figures is None else figures
    sliders, fit = _dictionary(figures.get("sliders")), _dictionary(figures.get("fit"))
    coverage = figures.get("coverage")
    whole = _dictionary(coverage) or {"coverage": coverage, "overlap": figures.get("overlap")}
    return {
        "crossTalkMean": number(sliders.get("cross_talk_mean")),
        "crossTalkLargest": number(sliders.get("cross_talk_max")),
        "coverage": number(whole.get("coverage")),
        "overlap": number(whole.get("overlap")),
        "error": number(fit.get("vertex_mm")),
    }


def trained_line(mapper: Mapper) -> str:
    """One line on where a mapper comes from."""
    facts = mapper.provenance
    samples, clip, date = (facts.get(name) for name in ("samples", "clip", "date"))
    found = [f"{samples:,} shapes" if isinstance(samples, int) else "", f"CLIP {clip}" if clip else "", str(date or "")]
    return " · ".join(part for part in found if part)


def short(value: object) -> float:
    """A number with as many digits as single precision has: what a page needs of it."""
    return float(f"{float(value):.7g}")  # type: ignore[arg-type]


def number(value: object) -> float | None:
    """A finite number of a file, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(f"{value:.5g}")


def _measured(figures: dict[str, Any], model: MorphableModel | None, word: str) -> dict[str, Any] | None:
    for row in _list(figures.get("attributes")):
        if isinstance(row, dict) and row.get("word") == word:
            low, high = number(row.get("at_low")), number(row.get("at_high"))
            if low is None or high is None:
                return None
            name = str(row.get("attribute"))
            ends = {"low": low, "high": high, "unit": "m" if is_length(name, model) else ""}
            return {"what": name, **ends, "rho": number(row.get("rho")), "covered": number(row.get("covered"))}
    return None


def is_length(name: str, model: MorphableModel | None) -> bool:
    """Whether an attribute is in metres: the height, a girth, a span."""
    return name == "height" or name.endswith("girth") or (model is not None and f"span/{name}/a" in model.extra)


def _cross_talk(matrix: list[Any], row: int) -> float | None:
    """The share of its own range that the other word moves most."""
    values = _list(matrix[row]) if row < len(matrix) else []
    others = [number(value) for column, value in enumerate(values) if column != row]
    return max((value for value in others if value is not None), default=None)


def _entry(values: list[Any], place: int) -> float | None:
    return number(values[place]) if place < len(values) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
