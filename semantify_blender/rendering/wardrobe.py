"""What each sample of a dataset wears, and how its clothes follow it."""

import numpy as np

from ..core.dataset_spec import POSED, DatasetSpec
from ..core.model.clothes import Clothes
from ..core.model.following import Following
from ..core.model.posing import Rig
from ..core.model.sampling import OUTFIT, generator
from .stage.scene import Stage


class Wardrobe:
    """The clothes of a dataset's samples: what was asked for, else the model's own, or any where people are posed."""

    def __init__(self, stage: Stage, spec: DatasetSpec) -> None:
        self._stage, self._spec = stage, spec
        any_of = Clothes.of(stage.model.metadata).names if spec.look in POSED else ()
        self._outfits = any_of if spec.outfit is None else (spec.outfit,)
        self._rigs: dict[str | None, Rig | None] = {}
        self._following: dict[str | None, Following] = {}
        self._outfit: str | None = None

    def dress(self, sample: int) -> Rig | None:
        """Have the stage wear a sample's clothes. Returns the rig that poses them, None where nothing is posed."""
        if self._outfits:
            self._outfit = self._outfits[int(generator(self._spec.seed, sample, OUTFIT).integers(len(self._outfits)))]
        dressed = self._stage.wear(self._outfit)
        if self._spec.look not in POSED:
            return None
        if self._outfit not in self._rigs:
            self._rigs[self._outfit] = Rig.of(dressed.model)
        return self._rigs[self._outfit]

    def vertices(self, coefficients: np.ndarray, given: np.ndarray | None = None) -> np.ndarray:
        """(Vd, 3) metres of the dressed model. given: the body's vertices where they are not the coefficients' own."""
        dressed = self._stage.dressed
        if given is None:
            return dressed.model.vertices(coefficients)
        if self._outfit not in self._following:
            self._following[self._outfit] = Following.of(self._stage.model, dressed)
        return self._following[self._outfit].vertices(given)
