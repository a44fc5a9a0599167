"""How a mapper is trained: every number that matters, in one place, saved with the mapper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from ...core.errors import SemantifyError
from ...core.model.morphable_model import MorphableModel


@dataclass(frozen=True)
class Recipe:
    """The project's default recipe. What the paper does differently is `PAPER` below.

    hidden: widths of the hidden layers (paper 500, 800; their code 800, 500). standardise: scores and coefficients to
    mean 0, deviation 1 inside the mapper (real CLIP's scores spread by about 1 around 20: raw inputs learn nothing).
    epochs, batch, learning_rate, weight_decay (0 is Adam), cosine: the optimisation. validation: share held out.
    test: share of those that choose nothing, neither epoch nor surrogate: what is said of the fit is measured on them.
    input_noise: standard deviation of noise on the standardised scores. keep_best: keep the best epoch.
    patience: stop after so many epochs without a better one; None to run them all.
    bound: coefficients are soft-limited to ±bound standard deviations; None for no limit. A model's population has its
    own bound. inside: shapes stay inside that population, whatever the sliders say.
    cycle: weight of the cycle-consistency term, 0 switches it off. hold: weight, inside that term, of the sliders that
    were not moved relative to those that were. hinge_at, hinge: |ξ| above hinge_at costs hinge · excess²;
    in a model with a population, a Mahalanobis distance above that of usual members.
    quiet, still: the same for models with ranges (a mesh's own shape keys), whose likely shapes move few keys: cost of
    every key's distance from rest in widths of its range, in any shape and in the one where all sliders are at 0.
    cycle_batch: slider settings drawn per step. low, high, rest: percentiles of the scores that become a slider's ends
    and default. ends: of single words, (word, low, high) in place of low and high.
    low_score, high_score, rest_score: the same as scores, not percentiles, as the authors' code has it; None for none.
    score_ends: of single words, (word, low, high, rest or None) in place of those three.

    Raises SemantifyError for values that no training can use.

    >>> Recipe(epochs=30, cycle=0.0).hidden
    (500, 800)
    """

    hidden: tuple[int, ...] = (500, 800)
    standardise: bool = True
    epochs: int = 60
    batch: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 0.03
    cosine: bool = True
    validation: float = 0.2
    test: float = 0.5
    input_noise: float = 0.1
    keep_best: bool = True
    patience: int | None = 15
    bound: float | None = 2.8
    inside: bool = True
    cycle: float = 2.0
    hold: float = 0.3
    hinge_at: float = 2.0
    hinge: float = 0.1
    quiet: float = 0.05
    still: float = 0.1
    cycle_batch: int = 128
    low: float = 2.0
    high: float = 98.0
    rest: float = 50.0
    ends: tuple[tuple[str, float, float], ...] = ()
    low_score: float | None = None
    high_score: float | None = None
    rest_score: float | None = None
    score_ends: tuple[tuple[str, float, float, float | None], ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise SemantifyError for values no training can use."""
        checks = {
            "hidden": bool(self.hidden) and all(width >= 1 for width in self.hidden),
            "epochs": self.epochs >= 1,
            "batch": self.batch >= 1 and self.cycle_batch >= 1,
            "learning_rate": self.learning_rate > 0,
            "validation": 0 < self.validation < 1,
            "test": 0 <= self.test < 1,
            "bound": self.bound is None or self.bound > 0,
            "low, rest, high": 0 <= self.low < self.rest < self.high <= 100,
            "ends": all(0 <= low < self.rest < high <= 100 for _, low, high in self.ends)
            and len({word for word, *_ in self.ends}) == len(self.ends),
            "low_score, rest_score, high_score": _rising(self.low_score, self.rest_score, self.high_score),
            "score_ends": all(_rising(low, rest, high) for _, low, high, rest in self.score_ends)
            and len({word for word, *_ in self.score_ends}) == len(self.score_ends),
            "cycle, hold, hinge, quiet, still, weight_decay, input_noise": min(
                self.cycle, self.hold, self.hinge, self.quiet, self.still, self.weight_decay, self.input_noise
            )
            >= 0,
        }
        for name, good in checks.items():
            if not good:
                raise SemantifyError(f"training recipe: {name} is out of range")

    def check_ends(self, words: Sequence[str]) -> None:
        """Raise SemantifyError for ends of a word that is not among these: the sliders, or what they are chosen of."""
        for word, *_ in (*self.ends, *self.score_ends):
            if word not in words:
                raise SemantifyError(f"ends of {word!r}, which is no slider: choose among {', '.join(words)}")

    def percentiles(self, words: Sequence[str]) -> np.ndarray:
        """(3, d) float64: of each word, those of its scores that are low end, rest and high end of its slider.

        Raises SemantifyError as `check_ends` does.
        """
        self.check_ends(words)
        own = {word: (low, high) for word, low, high in self.ends}
        lows, highs = zip(*(own.get(word, (self.low, self.high)) for word in words), strict=True)
        return np.array([lows, [self.rest] * len(words), highs])

    def slider_ends(self, words: Sequence[str], scores: np.ndarray) -> np.ndarray:
        """(3, d) float32: low end, rest and high end of each word's slider, in score units.

        scores: (N, d) of the training samples. Raises SemantifyError for a word whose score is always the same, and
        for ends that do not rise from low over rest to high.
        """
        each = zip(scores.T, self.percentiles(words).T, strict=True)
        ends = np.stack([np.percentile(*one) for one in each], 1).astype(np.float32)
        flat = [word for word, low, high in zip(words, ends[0], ends[2], strict=True) if low >= high]
        if flat:
            raise SemantifyError(
                f"{', '.join(map(repr, flat))}: the score is the same for all shapes; choose other words"
            )
        own = {word: (low, rest, high) for word, low, high, rest in self.score_ends}
        by_percentile = {word for word, *_ in self.ends}
        for i, word in enumerate(words):
            common = (self.low_score, self.rest_score, self.high_score)
            if word in by_percentile:
                common = (None, None, None)
            for row, (value, usual) in enumerate(zip(own.get(word, common), common, strict=True)):
                given = usual if value is None else value
                if given is not None:
                    ends[row, i] = given
            low, rest, high = ends[:, i].tolist()
            if not low < rest < high:
                raise SemantifyError(
                    f"the slider of {word!r} would go from {low:.4g} over {rest:.4g} to {high:.4g}: its scores lie "
                    f"between {scores[:, i].min():.4g} and {scores[:, i].max():.4g}, give --low-score, --rest-score "
                    "and --high-score that rise"
                )
        return ends

    def gives_rest(self, words: Sequence[str]) -> np.ndarray:
        """(d,) bool: words whose rest is a score that somebody gave."""
        own = {word for word, *_, rest in self.score_ends if rest is not None}
        by_percentile = {word for word, *_ in self.ends}
        return np.array([word in own or (self.rest_score is not None and word not in by_percentile) for word in words])

    def without_cycle(self) -> "Recipe":
        """The same recipe without the cycle-consistency term, to compare fits."""
        return replace(self, cycle=0.0)


def _rising(*values: float | None) -> bool:
    """Whether those that are given are finite and rise."""
    given = [value for value in values if value is not None]
    return bool(np.isfinite(given).all()) and all(a < b for a, b in pairwise(given))


DEFAULT = Recipe()
PAPER = Recipe(
    standardise=False,
    test=0.0,
    epochs=50,
    batch=1500,
    learning_rate=1e-4,
    weight_decay=0.0,
    cosine=False,
    input_noise=0.0,
    keep_best=False,
    patience=None,
    bound=None,
    inside=False,
    cycle=0.0,
    hinge=0.0,
    quiet=0.0,
    still=0.0,
)
"""Paper section 3.4 with the batch size and learning rate of the authors' code."""
AUTHORS = replace(PAPER, hidden=(800, 500), low_score=15.0, high_score=30.0, rest_score=20.0)
"""The same as the authors' published code has it: hidden layers the other way round, ends that fit OpenAI's CLIP."""
RECIPES = {"default": DEFAULT, "paper": PAPER, "authors": AUTHORS}
WITHOUT_CYCLE = tuple(name for name, recipe in RECIPES.items() if not recipe.cycle)
"""Names of the recipes that have no cycle term."""


def recipe_named(name: str, **changes: Any) -> Recipe:
    """A recipe by name with some values changed (None means unchanged). Raises SemantifyError for an unknown name."""
    if name not in RECIPES:
        raise SemantifyError(f"unknown recipe {name!r}: choose one of {', '.join(RECIPES)}")
    return replace(RECIPES[name], **{key: value for key, value in changes.items() if value is not None})


def _held_by_population(model: MorphableModel) -> str:
    return "" if model.population is None else "has a population, which tells how far shapes go"


def recipe_for(model: MorphableModel, name: str = "default", rest: float | None = None, **changes: Any) -> Recipe:
    """`recipe_named` for training on a model's samples. rest: what staying near rest weighs, for models with ranges.

    Raises SemantifyError for a change that means nothing to this kind of model.
    """
    ranges = model.ranges is not None
    for option, value, reason in (
        ("rest", rest, "" if ranges else "has no ranges"),
        ("bound", changes.get("bound"), "has a range for each, which hold" if ranges else _held_by_population(model)),
    ):
        if value is not None and reason:
            raise SemantifyError(f"--{option} cannot be used here: {model.name!r} {reason}; leave it out")
    return recipe_named(name, quiet=rest, **changes)
