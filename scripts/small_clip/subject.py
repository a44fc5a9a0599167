"""What one of the small CLIPs is about: its pictures, its vocabulary, and what each word means in measurements."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from semantify_blender.core.library import available
from semantify_blender.core.model.morphable_model import MorphableModel

SIZE = 128
ENGINE_SAMPLES = 4


@dataclass(frozen=True)
class Part:
    """One dataset: which model, how many shapes, how drawn, under which looks, seen from where."""

    name: str
    model: str
    samples: int
    seed: int
    look: str = "random"
    sampler: str = "uniform"
    k: float = 2.0
    components: int | None = None
    views: tuple[str, ...] = ("front", "side")
    unknown: tuple[str, ...] = ()
    """Measurements that cannot be told for these shapes: words that need them are neither taught nor tested on them."""

    def model_path(self, folder: Path) -> Path:
        """The model's file: an embedded one, or one built beside the data."""
        return available("models").get(self.model, folder / f"{self.model}.model.npz")


Measure = Callable[[Part, MorphableModel, np.ndarray], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Subject:
    """A small CLIP's subject.

    signed: word -> weights of standardised measurements. centred: word -> measurements all near their mean (the
    paper's non-directional words). measure: (part, model, coefficients (N, K)) -> name -> (N,).
    prepare: writes the coefficient files of parts whose sampler is "file".
    """

    folder: str
    training: tuple[Part, ...]
    test: tuple[Part, ...]
    signed: dict[str, dict[str, float]]
    templates: tuple[str, ...]
    measure: Measure
    cannot: str
    floor: float
    centred: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prepare: Callable[[Path], None] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary."""
        return (*self.signed, *self.centred)

    @property
    def measurements(self) -> tuple[str, ...]:
        """Names of all measurements that a word needs."""
        used = {name for parts in self.signed.values() for name in parts}
        return tuple(sorted(used.union(*self.centred.values())))

    def standardise(self, measured: dict[str, np.ndarray], reference: dict[str, tuple[float, float]]) -> np.ndarray:
        """(N, M) float32 in the reference population's standard deviations; NaN where unknown."""
        columns = [(measured[name] - reference[name][0]) / reference[name][1] for name in self.measurements]
        return np.stack(columns, 1).astype(np.float32)

    def meanings(self, standardised: np.ndarray) -> np.ndarray:
        """How much each word holds, not centred. standardised: (N, M). Returns (N, W)."""
        column = {name: standardised[:, i] for i, name in enumerate(self.measurements)}
        found = [sum(weight * column[name] for name, weight in parts.items()) for parts in self.signed.values()]
        for names in self.centred.values():
            found.append(-np.sqrt(np.mean([column[name] ** 2 for name in names], axis=0)))
        return np.stack(found, 1)

    def caption(self, holds: np.ndarray, rng: np.random.Generator) -> str:
        """One to four words that hold clearly, in a template. holds: (W,) standardised meanings."""
        true = np.flatnonzero(holds > 0.7)
        if not len(true):
            true = holds.argsort()[-2:]
        chosen = rng.permutation(true)[: rng.integers(1, 5)]
        words = self.words
        return self.templates[rng.integers(len(self.templates))].format(" ".join(words[i] for i in chosen))
