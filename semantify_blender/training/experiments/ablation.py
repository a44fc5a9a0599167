"""What each choice of the method is worth (paper section 5.2): one choice varied at a time, the reach error measured.

The error is in mm: sliders optimised to match shapes of the first 10 components that no training sample is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t as student_t

from ...core.mapper import Mapper
from ..evaluation.quality import PAPER_COMPONENTS, extremes, fit_figures, reach_figures, sweep_scores
from ..evaluation.sweeps import STEPS, Sweeps, slider_figures
from ..mapper.recipe import DEFAULT, PAPER, Recipe
from ..mapper.surrogate import Surrogate, train_surrogate
from ..mapper.train import split
from ..reports.charts import DotPanel, Spread, dot_panels
from ..reports.tables import Table
from .samples import Samples
from .workplace import Workplace

TARGET_SEED = 1_000_003
"""Of the shapes to reach: no dataset is drawn with it."""


LONGER = 500
"""Epochs of a variant of the paper's recipe: with 3,000 samples its 50 epochs are 100 steps, which may be too few."""


@dataclass(frozen=True)
class Grid:
    """What to vary. counts: numbers of descriptors; sizes: numbers of samples; seeds: of training, for the spread.

    descriptors, samples: of the base setting, from which one thing at a time is varied. targets: shapes to reach.
    """

    counts: tuple[int, ...] = (2, 4, 6, 8, 10, 15)
    sizes: tuple[int, ...] = (300, 1000, 3000, 10000)
    seeds: tuple[int, ...] = (0, 1, 2)
    descriptors: int = 6
    samples: int = 3000
    targets: int = 100


@dataclass(frozen=True, eq=False)
class Variant:
    """One setting: which panel it belongs to, its name there, what to train on, with which words and recipe."""

    group: str
    name: str
    samples: Samples
    words: tuple[str, ...]
    recipe: Recipe


def run_ablation(place: Workplace, model: Path, grid: Grid, selection_seed: int = 0) -> dict[str, Any]:
    """Train and measure every variant with every seed. Mappers are cached, so a stopped run goes on where it was.

    Returns plain JSON values: settings, records (one per variant and seed).
    """
    whole = place.samples(model, max(grid.samples, *grid.sizes))
    plain = place.samples(model, grid.samples, textured=False).first(grid.samples)
    records = []
    judges: dict[tuple[str, ...], Surrogate] = {}
    for variant in variants(whole, plain, grid, selection_seed):
        key = (variant.samples.origin["dataset"], *variant.samples.views, *variant.words)
        for seed in grid.seeds:
            place.teller.step(f"{variant.group}: {variant.name}, seed {seed}")
            mapper = place.train(variant.samples, variant.words, replace(variant.recipe, seed=seed))
            if key not in judges:
                judges[key] = judge_of(variant, whole)
            records.append(
                {
                    "group": variant.group,
                    "variant": variant.name,
                    "seed": seed,
                    "descriptors": list(variant.words),
                    "samples": len(variant.samples),
                    **measure(mapper, variant.samples, judges[key], grid.targets),
                }
            )
    settings = {
        "model": whole.model.name,
        "clip": whole.origin["clip"],
        "counts": list(grid.counts),
        "sizes": list(grid.sizes),
        "seeds": list(grid.seeds),
        "descriptors": grid.descriptors,
        "samples": grid.samples,
        "targets": grid.targets,
    }
    return {"settings": settings, "records": records}


def variants(whole: Samples, plain: Samples, grid: Grid, seed: int) -> list[Variant]:
    """Every setting of the grid. The words are those chosen on the base dataset, the same wherever it is possible."""
    base = whole.first(grid.samples)
    words = base.select(grid.descriptors, seed).chosen
    found = []
    for count in grid.counts:
        chosen = base.select(count, seed).chosen
        if len(chosen) == count:
            found.append(Variant("descriptors", str(count), base, chosen, DEFAULT))
    found += [Variant("samples", f"{size:,}", whole.first(size), words, DEFAULT) for size in grid.sizes]
    found += [
        Variant("texture", "textured", base, words, DEFAULT),
        Variant("texture", "plain grey", plain, words, DEFAULT),
        Variant("views", " + ".join(base.views), base, words, DEFAULT),
        *(Variant("views", f"{view} only", base.seen_from(view), words, DEFAULT) for view in base.views),
        Variant("recipe", "paper", base, words, PAPER),
        Variant("recipe", f"paper, {LONGER} epochs", base, words, replace(PAPER, epochs=LONGER)),
        Variant("recipe", "ours, no cycle", base, words, DEFAULT.without_cycle()),
        Variant("recipe", "ours", base, words, DEFAULT),
    ]
    return found


def measure(mapper: Mapper, samples: Samples, judge: Surrogate, targets: int) -> dict[str, Any]:
    """Reach in mm, and what reach does not see: the fit, and what a slider really does, rated by a score surrogate.

    judge: ξ → Ω of the same pictures' scores, trained apart from the mapper's own.
    """
    model = samples.model
    reach = reach_figures(mapper, model, count=targets, seed=TARGET_SEED)
    held_out = split(len(samples), 0.2, int(mapper.provenance["seed"]))
    scores = samples.of(mapper.descriptors)
    fit = fit_figures(mapper, model, scores[held_out], samples.coefficients[held_out])
    asked = sweep_scores(mapper, STEPS)
    coefficients = mapper.coefficients(asked)
    got = judge.scores(coefficients.reshape(-1, coefficients.shape[-1])).reshape(asked.shape)
    sliders = slider_figures(mapper, Sweeps(asked, got, coefficients))
    return {
        "reach_mm": reach["sliders_mm"],
        "raw_mm": reach["raw_sliders_mm"],
        "best_components_mm": reach["best_components_mm"],
        "mean_shape_mm": reach["mean_shape_mm"],
        "fit_mse": fit["relative_mse"],
        "lowest_rho": min(sliders["rho"]),
        "mean_range": float(np.mean(sliders["reach"])),
        "cross_talk": sliders["cross_talk_mean"],
        "largest_coefficient": extremes(mapper)["largest_random"],
    }


def judge_of(variant: Variant, whole: Samples) -> Surrogate:
    """A surrogate of all scored samples of the variant's kind, with a seed no mapper's surrogate has."""
    same = variant.samples.origin == whole.origin
    data = variant.samples
    if same:
        data = whole if variant.samples.views == whole.views else whole.seen_from(variant.samples.views[0])
    data = data.first(min(len(data), 3000))
    held_out = split(len(data), 0.1, 97)
    return train_surrogate(data.coefficients, data.of(variant.words), held_out, seed=97)


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
