"""What sliders of a body model would do if a CLIP saw just what words mean: a mapper without pictures, in a minute.

    python scripts/anny/try_sliders.py MODEL.model.npz [--words tall fat …] [--out TRIAL.mapper.npz] [--noise 0.1]

Shapes are drawn from the population; a word scores what it means in measurements, as the small CLIP is told it
(scripts/small_clip/body.py), and some noise. The mapper is trained by the usual recipe, its sliders are swept and
measured again, and the figures of `semantify evaluate` are printed. So a population, a set of words or a recipe can be
tried before anything is rendered; what a real CLIP confuses beyond that comes on top.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.small_clip.body import BODY
from semantify_blender.core.influence import influence
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import default_k, default_sampler, sample_shape
from semantify_blender.training.evaluation.bodies import body_figures
from semantify_blender.training.evaluation.quality import coverage, extremes, fit_figures, reach_figures, sweep_scores
from semantify_blender.training.evaluation.sweeps import (
    STEPS,
    Sweeps,
    attribute_figures,
    measure_shapes,
    slider_figures,
)
from semantify_blender.training.mapper.recipe import recipe_for
from semantify_blender.training.mapper.train import train_mapper
from semantify_blender.training.reports.summary import summary_text

WORDS = ("tall", "fat", "muscular", "feminine", "broad shoulders", "long legs", "big hips", "old")
SCALE = 20.0, 0.2
"""Mean of the scores and their spread, as of the small CLIPs."""


class Meanings:
    """Scores of shapes without a CLIP: what words mean, standardised on the shapes drawn first."""

    def __init__(self, model: MorphableModel, words: tuple[str, ...], coefficients: np.ndarray) -> None:
        """coefficients: (N, K) of the shapes that scores are standardised on."""
        self.model, self.columns = model, [BODY.words.index(word) for word in words]
        measured = measure_shapes(model, coefficients)
        self.reference = {
            name: (float(measured[name].mean()), float(measured[name].std())) for name in BODY.measurements
        }
        raw = BODY.meanings(BODY.standardise(measured, self.reference))[:, self.columns]
        self.centre, self.spread = raw.mean(0), raw.std(0)

    def __call__(self, coefficients: np.ndarray) -> np.ndarray:
        """(N, K) to scores (N, d)."""
        measured = BODY.standardise(measure_shapes(self.model, coefficients), self.reference)
        return SCALE[0] + SCALE[1] * (BODY.meanings(measured)[:, self.columns] - self.centre) / self.spread


def tried(model: MorphableModel, words: tuple[str, ...], samples: int, noise: float, seed: int) -> tuple[Mapper, dict]:
    """The mapper, and figures as `semantify evaluate` has them."""
    sampler, k = default_sampler(model), default_k(model)
    shapes = np.stack([sample_shape(model, sampler, seed, i, k) for i in range(samples)])
    meanings = Meanings(model, words, shapes)
    scores = meanings(shapes) + noise * SCALE[1] * np.random.default_rng(seed).standard_normal((samples, len(words)))
    trained = train_mapper(scores, shapes, words, model, recipe_for(model, seed=seed), {"clip": "none"})
    mapper, unseen = trained.mapper, trained.held_out
    asked = sweep_scores(mapper, STEPS)
    swept = mapper.coefficients(asked)
    got = meanings(swept.reshape(-1, model.component_count)).reshape(asked.shape)
    return mapper, {
        "descriptors": list(words),
        "fit": fit_figures(mapper, model, scores[unseen], shapes[unseen]),
        "coverage": coverage(influence(mapper, model)),
        "reach": reach_figures(mapper, model),
        "extremes": extremes(mapper),
        "attributes": attribute_figures(mapper, model, shapes),
        "body": body_figures(mapper, model),
        "sliders": slider_figures(mapper, Sweeps(asked, got, swept)),
    }


def main() -> None:
    """Draw, measure, train, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("--words", nargs="+", default=WORDS)
    parser.add_argument("--samples", type=int, default=2500)
    parser.add_argument("--noise", type=float, default=0.1, help="of a score, in its standard deviations")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="also write the mapper, to look at it in Blender")
    options = parser.parse_args()
    started = time.perf_counter()
    mapper, figures = tried(
        MorphableModel.load(options.model), tuple(options.words), options.samples, options.noise, options.seed
    )
    print(summary_text(figures))
    print("cross-talk (rows: moved)")
    for word, row in zip(mapper.descriptors, figures["sliders"]["cross_talk"], strict=True):
        print(f"{word:16}", " ".join(f"{value:5.2f}" for value in row))
    print(f"{time.perf_counter() - started:.0f} s")
    if options.out:
        mapper.save(options.out)


if __name__ == "__main__":
    main()
