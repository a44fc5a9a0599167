"""What each sample of a dataset wears."""

from dataclasses import replace

import numpy as np

from ..core.dataset_spec import POSED, DatasetSpec
from ..core.looks.layers import BARE, Layers, random_layers, skirt_share
from ..core.looks.look import Look
from ..core.looks.over import HANGING
from ..core.model.clothes import Clothes
from ..core.model.gradients import GENDER, Quadratic
from ..core.model.morphable_model import MorphableModel
from ..core.model.sampling import LAYERS, OUTFIT, generator, view_generator
from .stage.scene import Stage
from .worn import Worn

LAYERED = "wild"
"""The look whose figures wear more than an outfit."""
_BARE_SHARE = 0.1
"""Share of its figures without clothes."""


class Wardrobe:
    """The clothes of a dataset's samples: what was asked for, else the model's own, or any where people are posed."""

    def __init__(self, stage: Stage, spec: DatasetSpec) -> None:
        self._stage, self._spec = stage, spec
        self._outfits = Clothes.of(stage.model.metadata).names if spec.look in POSED else ()
        if spec.outfit is not None:
            self._outfits = (spec.outfit,)
        self._gender = _gender(stage.model)
        self._worn: dict[str | None, Worn] = {}
        self._woman: float | None = None

    def dress(self, sample: int, coefficients: np.ndarray) -> Worn:
        """Have the stage wear a sample's clothes."""
        self._woman = None if self._gender is None else self._gender(coefficients)[0]
        outfit = self._chosen(generator(self._spec.seed, sample, OUTFIT)) if self._outfits else None
        dressed = self._stage.wear(outfit)
        if outfit not in self._worn:
            self._worn[outfit] = Worn(self._stage, dressed)
        return self._worn[outfit]

    def layers(self, sample: int, view: int, look: Look) -> Layers:
        """What the sample that was dressed last wears over its outfit in one of its pictures, of this look."""
        if self._spec.look != LAYERED:
            return BARE
        found = random_layers(view_generator(self._spec.seed, sample, LAYERS, view), self._woman)
        bald = look.palette.get("hair") == look.palette["skin"]
        return replace(found, hair=0.0, hanging=0.0, beard=0.0) if bald else found

    def _chosen(self, rng: np.random.Generator) -> str:
        """Any outfit; in pictures to learn from few are bare, and skirts and dresses are mostly for women."""
        if self._spec.look != LAYERED:
            return self._outfits[int(rng.integers(len(self._outfits)))]
        outfits, parts = Clothes.of(self._stage.model.metadata).outfits or {}, self._stage.model.parts
        regions = {name: {parts[part].region for part in outfits.get(name, ())} for name in self._outfits}
        bare = [name for name in self._outfits if not regions[name]]
        hanging = [name for name in self._outfits if regions[name] & set(HANGING)]
        others = [name for name in self._outfits if name not in bare + hanging]
        turns, number = rng.random(2), rng.random()
        choice = hanging if turns[0] < skirt_share(self._woman) else others
        choice = bare if turns[1] < _BARE_SHARE else choice
        choice = choice or list(self._outfits)
        return choice[int(number * len(choice))]


def _gender(model: MorphableModel) -> Quadratic | None:
    weights = model.extra.get(f"trait/{GENDER}")
    return None if weights is None else Quadratic(weights.astype(np.float64))
