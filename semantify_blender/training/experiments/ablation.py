"""What each choice of the method is worth (paper section 5.2): one choice varied at a time, the reach error measured.

The error is in mm: sliders optimised to match shapes of the first 10 components that no training sample is.
"""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.mapper import Mapper
from ..evaluation.quality import extremes, fit_figures, reach_figures, sweep_scores
from ..evaluation.sweeps import STEPS, Sweeps, slider_figures
from ..mapper.recipe import DEFAULT, PAPER, Recipe
from ..mapper.surrogate import Surrogate, train_surrogate
from ..mapper.train import split, test_rows
from ..selection.selection import SelectionOptions
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


def run_ablation(
    place: Workplace,
    model: Path,
    grid: Grid,
    choice: SelectionOptions = SelectionOptions(),  # noqa: B008 - frozen
) -> dict[str, Any]:
    """Train and measure every variant with every seed. Mappers are cached, so a stopped run goes on where it was.

    choice: how descriptors are selected, but for their count.

    Returns plain JSON values: settings, records (one per variant and seed).
    """
    whole = place.samples(model, max(grid.samples, *grid.sizes))
    plain = place.samples(model, grid.samples, textured=False).first(grid.samples)
    records = []
    judges: dict[tuple[str, ...], Surrogate] = {}
    for variant in variants(whole, plain, grid, choice):
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
        "selection": asdict(choice),
    }
    return {"settings": settings, "records": records}


def variants(whole: Samples, plain: Samples, grid: Grid, choice: SelectionOptions) -> list[Variant]:
    """Every setting of the grid. The words are those chosen on the base dataset, the same wherever it is possible."""
    base = whole.first(grid.samples)
    words = base.select(grid.descriptors, choice).chosen
    found = []
    for count in grid.counts:
        chosen = base.select(count, choice).chosen
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
    recipe = mapper.provenance["recipe"]
    held_out = split(len(samples), recipe["validation"], recipe["seed"])
    held_out = test_rows(held_out, recipe["test"], recipe["seed"])
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
