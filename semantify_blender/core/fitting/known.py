"""What the user knows about the subject beside its pictures, as conditions on the coefficients."""

from dataclasses import dataclass

import numpy as np

from ..errors import SemantifyError
from ..model.morphable_model import MorphableModel
from .gaussian import Gaussian

HEIGHT_DEVIATION = 0.003
"""Metres: how exactly a height is taken."""
SCORE_DEVIATION = 0.25
"""How exactly a locked slider's score is taken, in standard deviations of what the pictures leave open."""


@dataclass(frozen=True)
class Known:
    """height: metres from the soles to the top of the head, or None."""

    height: float | None = None

    def check(self, model: MorphableModel) -> None:
        """Raise SemantifyError for a height that the model cannot have, or that stands on no floor."""
        if self.height is None:
            return
        if not model.framing.floor:
            raise SemantifyError(f"model {model.name!r} does not stand on a floor: leave the height out")
        if not (np.isfinite(self.height) and 0.3 < self.height < 5.0):
            raise SemantifyError(f"the height is {self.height} m: give metres between 0.3 and 5")


def with_height(found: Gaussian, model: MorphableModel, height: float) -> Gaussian:
    """Condition a shape on its height: the extent along Z, which is linear as long as top and bottom stay the same."""
    z, slopes = model.template[:, 2].astype(np.float64), model.basis[:, :, 2].astype(np.float64)
    at = found
    for _ in range(4):
        now = z + at.mean @ slopes
        top, bottom = int(now.argmax()), int(now.argmin())
        row = slopes[:, top] - slopes[:, bottom]
        at = found.given(row[None], np.array([height - (z[top] - z[bottom])]), np.array([HEIGHT_DEVIATION]))
    return at


def with_scores(found: Gaussian, constant: np.ndarray, slope: np.ndarray, scores: np.ndarray) -> Gaussian:
    """Condition a shape on the scores of locked sliders.

    constant (n,), slope (n, K): the words' scores as a linear function of ξ. scores: (n,) wanted.
    """
    open_ = np.sqrt(np.maximum(np.einsum("nk,kl,nl->n", slope, found.covariance, slope), 1e-12))
    return found.given(slope, scores - constant, SCORE_DEVIATION * open_)
