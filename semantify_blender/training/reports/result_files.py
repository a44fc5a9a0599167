"""`figures.json` and `selection.json`: what the steps hand to the report, checked down to every number."""

from pathlib import Path
from typing import Any

from ...core.errors import FileFormatError
from ...core.files.json_text import read_json
from ...core.files.names import check_words
from ...core.files.schema import Maybe, check_matrix, conform

_MOST_WORDS = 5000
_FIGURES = {
    "descriptors": [str], "model": str, "clip": str, "samples": int,
    "fit": {
        "samples": int, "r2": [Maybe(float)], "relative_mse": float, "vertex_mm": float, "mean_shape_mm": float,
        "vertex_share_of_mean_shape": float, "cycle_over_plain_mse?": float,
    },
    "coverage": {
        "threshold": float, "coverage": float, "overlap": float, "per_descriptor": [float], "iou": [[float]],
        "largest_mm?": [float], "mean_mm?": [float],
    },
    "reach": {
        "shapes": int, "sliders_mm": float, "best_components_mm": float, "raw_sliders_mm": float,
        "mean_shape_mm": float,
    },
    "extremes": {
        "largest_random": float, "largest_sweep": float, "settings": int,
        "inside?": {
            "radius": float, "corners": int, "largest_corner": float, "largest_far_corner": float,
            "largest_random": float,
        },
    },
    "attributes": [
        {"word": str, "attribute": str, "rho": float, "covered": float, "at_low": float, "at_high": float}
    ],
    "body?": {
        "muscle_motion?": float, "fat_bmi?": {"low": float, "rest": float, "high": float},
        "arms?": {str: {"rest": float, "lean_and_muscular": float}},
    },
    "ranges": {"low": [float], "default": [float], "high": [float]},
    "verdict?": Maybe(str),
    "sliders?": {
        "rho": [float], "reach": [float], "cross_talk": [[float]], "cross_talk_mean": float, "cross_talk_max": float,
        "asked": [[[float]]], "got": [[[float]]],
    },
}  # fmt: skip
_SELECTION = {
    "chosen": [str], "words": [str], "threshold": float, "note": str, "correlation": [[float]], "votes": [[float]],
    "word_clusters": [int],
    "decisions": [
        {"word": str, "taken": bool, "reason": str, "text": str, "variance": float, "cluster": int}
    ],
    "clusters": {"count": int, "sizes": [int], "silhouette": {str: float}, "examples": [[int]]},
    "explained": [{"word_index": int, "linear": float}],
}  # fmt: skip
_EVALUATE, _SELECT = "run semantify evaluate again", "make it with semantify select"


def load_figures(path: str | Path) -> dict[str, Any]:
    """The figures of an evaluation. Raises FileFormatError, naming the field, when anything is not what it must be."""
    figures = read_json(path, _EVALUATE)
    conform(path, figures, _FIGURES, way_out=_EVALUATE)
    d = len(check_words(path, "descriptors", figures["descriptors"], _MOST_WORDS))
    for name, values in figures["ranges"].items():
        check_matrix(path, values, (d,), f"ranges.{name[:60]}", _EVALUATE)
    check_matrix(path, figures["coverage"]["per_descriptor"], (d,), "coverage.per_descriptor", _EVALUATE)
    for name in ("largest_mm", "mean_mm"):
        if name in figures["coverage"]:
            check_matrix(path, figures["coverage"][name], (d,), f"coverage.{name}", _EVALUATE)
    check_matrix(path, figures["coverage"]["iou"], (d, d), "coverage.iou", _EVALUATE)
    if "sliders" in figures:
        sliders = figures["sliders"]
        steps = len(sliders["asked"][0]) if sliders["asked"] else 0
        if steps < 2:
            raise FileFormatError(path, "sliders.asked", f"expected sweeps of at least 2 steps; {_EVALUATE}")
        shapes = {"rho": (d,), "reach": (d,), "cross_talk": (d, d), "asked": (d, steps, d), "got": (d, steps, d)}
        for name, shape in shapes.items():
            check_matrix(path, sliders[name], shape, f"sliders.{name}", _EVALUATE)
    return figures


def load_selection(path: str | Path) -> dict[str, Any]:
    """A selection of descriptors. Raises FileFormatError, naming the field, when anything is not what it must be."""
    selection = read_json(path, _SELECT)
    conform(path, selection, _SELECTION, way_out=_SELECT)
    words = check_words(path, "words", selection["words"], _MOST_WORDS)
    _check_chosen(path, selection["chosen"])
    clusters, count = selection["clusters"], selection["clusters"]["count"]
    if not 1 <= count <= 1000:
        raise FileFormatError(path, "clusters.count", f"is {count}; {_SELECT}")
    check_matrix(path, selection["correlation"], (len(words), len(words)), "correlation", _SELECT)
    check_matrix(path, selection["votes"], (count, len(words)), "votes", _SELECT)
    check_matrix(path, selection["word_clusters"], (len(words),), "word_clusters", _SELECT)
    check_matrix(path, clusters["sizes"], (count,), "clusters.sizes", _SELECT)
    check_matrix(path, clusters["examples"], (count,), "clusters.examples", _SELECT)
    if not all(0 <= entry["word_index"] < len(words) for entry in selection["explained"]):
        raise FileFormatError(path, "explained", f"names a word that is not there; {_SELECT}")
    return selection


def chosen_words(path: str | Path) -> tuple[str, ...]:
    """The descriptors of a `selection.json`, whatever else is in it. Raises FileFormatError when there are none."""
    selection = read_json(path, _SELECT)
    conform(path, selection, {"chosen": [str]}, way_out=f"this is no selection, {_SELECT}")
    return _check_chosen(path, selection["chosen"])


def _check_chosen(path: str | Path, words: list[str]) -> tuple[str, ...]:
    if not words:
        raise FileFormatError(path, "chosen", f"has no words; {_SELECT}")
    return check_words(path, "chosen", words, _MOST_WORDS)
