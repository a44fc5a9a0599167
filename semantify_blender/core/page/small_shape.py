"""A model's shapes as a page holds them: whole numbers with a stated step, and the coefficients that they go with."""

from dataclasses import dataclass

import numpy as np

from ..mapper import Mapper
from ..model.clothes import Clothes
from ..model.morphable_model import MorphableModel
from .arrays import Block
from .directions import Directions, directions, slider_settings
from .neighbours import coarse_to_fine
from .prediction import residuals
from .rice import packed_residuals

GARMENT = 4
"""Steps of the body that are one step of a garment: nobody sees a millimetre of cloth."""
SHARE, SHARE_OF_SMALL = 1.5e-5, 4e-5
"""Of the model's longest side: a step of what is added, 0.027 mm of a person."""
ENOUGH = 1e-5
"""Metres: a head needs no finer step, unless that were more than SHARE_OF_SMALL of it."""
_MOST_STEPS = 1 << 18
"""Whatever a model does, its residuals stay numbers that Rice codes are made for."""
_FINEST = 5e-5
"""Metres, or a 65,535th of the longest side: a step of the template."""


@dataclass(frozen=True, eq=False)
class SmallShape:
    """Vertices of the body, then of every part, in metres: template + y · fields, y = projection · (ξ − mean).

    origin: (3,) metres. step: metres. places: (N, 3) whole numbers. found: the directions. field_step: metres.
    fields: (R, N, 3) whole numbers. packed: the fields' residuals as bits.
    """

    origin: np.ndarray
    step: float
    places: np.ndarray
    found: Directions
    field_step: float
    fields: np.ndarray
    packed: bytes

    @classmethod
    def of(cls, mapper: Mapper, model: MorphableModel, offset: np.ndarray | None = None) -> "SmallShape":
        """Make a model small for what a mapper gives. offset: (K,) coefficients that may be added to it."""
        parts = list(model.parts.values())
        template = np.concatenate([model.template, *(part.template for part in parts)])
        basis = np.concatenate([model.basis, *(part.basis for part in parts)], 1)
        coefficients = mapper.coefficients(mapper.scores_from_sliders(slider_settings(mapper)))
        if offset is not None:
            coefficients = np.concatenate([coefficients, coefficients + offset])
        found = directions(coefficients, basis)
        middle = template + np.einsum("k,kvc->vc", found.mean, basis)
        origin = middle.min(0).astype(np.float64)
        longest = max(float(np.ptp(middle, axis=0).max()), 1e-6)
        step = max(longest / 65535, _FINEST * min(1.0, longest))
        places = np.round((middle - origin) / step).astype(np.int64)
        fields = np.einsum("rk,kvc->rcv", found.mixing, basis.astype(np.float64), optimize=True)
        field_step = max(
            SHARE * longest, min(ENOUGH, SHARE_OF_SMALL * longest), float(np.abs(fields).max()) / _MOST_STEPS
        )
        fields /= field_step
        coarse = np.repeat([1, *coarseness(model)], [model.vertex_count, *(part.vertex_count for part in parts)])
        numbers, left = residuals(fields.reshape(-1, len(places)), coarse_to_fine(places), coarse)
        shaped = numbers.reshape(len(fields), 3, -1).transpose(0, 2, 1)
        return cls(origin, step, places, found, field_step, shaped, packed_residuals(left.ravel()))

    def vertices(self, coefficients: np.ndarray) -> np.ndarray:
        """What a page shows for coefficients (n, K). Returns (n, N, 3) float64 metres."""
        y = (np.asarray(coefficients, np.float64) - self.found.mean) @ self.found.projection.T.astype(np.float64)
        added = (y @ self.fields.reshape(len(self.fields), -1)).reshape(len(y), *self.places.shape)
        return self.origin + self.step * self.places + self.field_step * added

    def write(self, block: Block) -> None:
        """Put its arrays into a block."""
        block.rows("template", np.ascontiguousarray(self.places.T).astype(np.uint16))
        block.bits("basis", self.packed, self.fields.size, "rice")
        block.plain("projection", self.found.projection)
        block.plain("projectionMean", self.found.mean)


def coarseness(model: MorphableModel) -> list[int]:
    """Steps of the body that are a step of each part: garments are coarser, teeth and lashes are not."""
    outfits = Clothes.of(model.metadata).outfits or {}
    garments = {part for worn in outfits.values() for part in worn}
    return [GARMENT if name in garments else 1 for name in model.parts]
