"""What is told of an ablation: a table and a panel of the chart for each choice, and which lead is clear."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from ..evaluation.quality import PAPER_COMPONENTS
from ..reports.charts import DotPanel, Spread, dot_panels
from ..reports.tables import Table

COLUMNS = ("reach, mm", "fit, MSE / variance", "lowest ρ", "range", "cross-talk", "largest abs(ξ)", "raw, mm")
TITLES = {
    "descriptors": "Number of descriptors",
    "samples": "Number of samples",
    "texture": "Texture",
    "views": "Views",
    "recipe": "Training recipe",
}


def tables(result: dict[str, Any]) -> list[Table]:
    """One table per choice, means ± standard deviations over the seeds."""
    settings = result["settings"]
    found = []
    for group, title in TITLES.items():
        rows = []
        for variant, records in _by_variant(result, group).items():
            rows.append(
                (
                    variant,
                    _spread(records, "reach_mm", ".2f"),
                    *(_spread(records, key, ".2f") for key in ("fit_mse", "lowest_rho", "mean_range", "cross_talk")),
                    _spread(records, "largest_coefficient", ".1f"),
                    f"{records[0]['raw_mm']:.2f}",
                )
            )
        if rows:
            found.append(Table(title, (title.lower(), *COLUMNS), tuple(rows), verdict(_by_variant(result, group))))
    if found:
        first = result["records"][0]
        note = (
            f"{settings['model']}, CLIP {settings['clip']}; base: {settings['descriptors']} descriptors chosen by the "
            f"algorithm, {settings['samples']:,} textured samples, two views, our recipe. Reach: mean vertex error "
            f"after optimising the sliders to {settings['targets']} unseen shapes, uniform in ±2 of the first "
            f"{PAPER_COMPONENTS} components; mean ± standard deviation over {len(settings['seeds'])} training seeds. "
            f"The mean shape is {first['mean_shape_mm']:.1f} mm away, the best {PAPER_COMPONENTS}-component fit "
            f"{first['best_components_mm']:.1f} mm. Raw: as many components set perfectly. ρ, range, cross-talk: of "
            "slider sweeps, rated by a score surrogate instead of new renders."
        )
        found[-1] = replace(found[-1], note=f"{found[-1].note} {note}")
    return found


def verdict(by_variant: dict[str, list[dict[str, Any]]]) -> str:
    """Which variant reaches nearest, and whether its lead is clear: t-test at 5 %, paired by seed."""
    means = {name: float(np.mean([r["reach_mm"] for r in records])) for name, records in by_variant.items()}
    best, *others = sorted(means, key=means.__getitem__)
    if not others:
        return ""
    said = []
    for other in others:
        apart = [b["reach_mm"] - a["reach_mm"] for a, b in zip(by_variant[best], by_variant[other], strict=True)]
        error = _deviation(apart) / np.sqrt(len(apart))
        least = student_t.ppf(0.975, len(apart) - 1) * error if len(apart) > 1 else np.inf
        clear = "" if np.mean(apart) > least else ", not clear of the seeds' spread"
        said.append(f"{other} + {np.mean(apart):.2f} mm{clear}")
    return f"Nearest: {best}. {'; '.join(said)}."


def chart(result: dict[str, Any]) -> str:
    """The reach error of every variant, one panel per choice, beside that of as many raw components."""
    panels = []
    for group, title in TITLES.items():
        by_variant = _by_variant(result, group)
        dots = []
        for variant, records in by_variant.items():
            values = [record["reach_mm"] for record in records]
            dots.append(Spread(_wrapped(variant), float(np.mean(values)), _deviation(values), records[0]["raw_mm"]))
        if dots:
            panels.append(DotPanel(title, dots))
    # few descriptors reach so little that on their axis the other choices could not be told apart
    common = max((panel.highest for panel in panels[1:]), default=None)
    panels[1:] = [replace(panel, high=common) for panel in panels[1:]]
    return dot_panels(panels, "mm", "sliders: mean and standard deviation over the seeds", "as many raw components")


def _by_variant(result: dict[str, Any], group: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for record in result["records"]:
        if record["group"] == group:
            found.setdefault(record["variant"], []).append(record)
    return found


def _deviation(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _spread(records: Sequence[dict[str, Any]], key: str, form: str) -> str:
    values = [record[key] for record in records]
    mean = float(np.mean(values))
    text = f"{0.0 if abs(mean) < 0.005 else mean:{form}}"
    return f"{text} ± {_deviation(values):{form}}" if len(values) > 1 else text


def _wrapped(name: str) -> str:
    """A name in two lines, short enough to stand below a dot."""
    return name.replace(", ", ",\n").replace(" only", "\nonly") if len(name) > 6 and " " in name else name
