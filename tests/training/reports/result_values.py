"""Small but whole contents of figures.json and selection.json."""

from typing import Any


def figures() -> dict[str, Any]:
    return {
        "descriptors": ["tall", "fat"], "model": "synthetic", "clip": "small", "samples": 1500,
        "fit": {
            "samples": 300, "r2": [0.9, None, 0.5], "relative_mse": 0.1, "vertex_mm": 4.2, "mean_shape_mm": 20.0,
            "vertex_share_of_mean_shape": 0.2, "cycle_over_plain_mse": 0.9,
        },
        "coverage": {
            "threshold": 0.2, "coverage": 0.8, "overlap": 0.3, "per_descriptor": [0.4, 0.5],
            "iou": [[1.0, 0.2], [0.2, 1.0]], "largest_mm": [81.0, 63.0], "mean_mm": [44.0, 37.0],
        },
        "reach": {
            "shapes": 50, "sliders_mm": 9.0, "best_components_mm": 1.0, "raw_sliders_mm": 8.0, "mean_shape_mm": 20.0,
        },
        "extremes": {"largest_random": 2.2, "largest_sweep": 2.1, "settings": 1000},
        "attributes": [
            {"word": "tall", "attribute": "height", "sign": 1, "rho": 1.0, "covered": 0.9, "at_low": 1.5, "at_high": 2}
        ],
        "verdict": "not all sliders do as they say: fat (ρ 0.20)",
        "ranges": {"low": [18, 19], "default": [20, 20], "high": [22, 21.5]},
        "sliders": {
            "rho": [0.99, 0.98], "reach": [0.9, 0.8], "cross_talk": [[0.0, 0.3], [0.2, 0.0]], "cross_talk_mean": 0.25,
            "cross_talk_max": 0.3, "asked": [[[18, 20], [22, 20]], [[20, 19], [20, 21]]],
            "got": [[[18.2, 20], [21, 20]], [[20, 19.3], [20, 21]]],
        },
    }  # fmt: skip


def selection() -> dict[str, Any]:
    return {
        "chosen": ["tall"], "words": ["tall", "fat"], "threshold": 0.5, "note": "a note",
        "votes": [[0.5, 0.1], [0, 0.2]],
        "correlation": [[1.0, 0.3], [0.3, 1.0]], "variance": [2.0, 1.0], "word_clusters": [0, 1],
        "decisions": [
            {"word": "tall", "taken": True, "reason": "taken", "text": "first", "variance": 2.0, "cluster": 0},
            {"word": "fat", "taken": False, "reason": "correlated", "text": "with tall", "variance": 1.0, "cluster": 1},
        ],
        "clusters": {"count": 2, "sizes": [3, 4], "silhouette": {"2": 0.5}, "examples": [[0, 1], [2]]},
        "explained": [{"word_index": 0, "linear": 0.8}],
    }  # fmt: skip
