"""A model's scored shapes, as the paper's experiments need them: fewer of them, or seen from one side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...core.errors import SemantifyError
from ...core.model.morphable_model import MorphableModel
from ..scoring.scores import score_embeddings
from ..selection.clusters import pictures_clustered
from ..selection.selection import Selection, SelectionOptions
from ..selection.selector import select_descriptors


@dataclass(frozen=True, eq=False)
class Samples:
    """Random shapes of one model with what CLIP says of their pictures.

    embeddings: (N, views, D) float16. text: (d, D) float32 of `words`. scores: (N, d) float32, 100·cos, mean of views.
    coefficients: (N, K) float32, standard deviations. views: names. origin: fingerprint of the dataset, and CLIP.
    """

    model: MorphableModel
    words: tuple[str, ...]
    views: tuple[str, ...]
    embeddings: np.ndarray
    text: np.ndarray
    scores: np.ndarray
    coefficients: np.ndarray
    origin: dict[str, Any]

    def __len__(self) -> int:
        """N, the number of shapes."""
        return len(self.scores)

    def first(self, count: int) -> "Samples":
        """The first `count` shapes: sample i depends only on (seed, i), so these are what a smaller dataset holds.

        Raises SemantifyError when there are fewer.
        """
        if count > len(self):
            raise SemantifyError(f"{count} samples are wanted but the dataset of {self.model.name} has {len(self)}")
        cut = {name: getattr(self, name)[:count] for name in ("embeddings", "scores", "coefficients")}
        return replace(self, **cut)

    def seen_from(self, view: str) -> "Samples":
        """The same shapes scored from one view alone. Raises SemantifyError when it was not rendered."""
        if view not in self.views:
            raise SemantifyError(
                f"no view {view!r} in the dataset of {self.model.name}: it has {', '.join(self.views)}"
            )
        at = self.views.index(view)
        embeddings = self.embeddings[:, at : at + 1]
        return replace(self, views=(view,), embeddings=embeddings, scores=score_embeddings(embeddings, self.text))

    def of(self, words: Sequence[str]) -> np.ndarray:
        """(N, len(words)) scores of some words."""
        return self.scores[:, [self.words.index(word) for word in words]]

    def select(self, count: int | None, choice: SelectionOptions = SelectionOptions()) -> Selection:  # noqa: B008 - frozen
        """Choose descriptors (paper section 3.3): `count` of them, or as many as the algorithm likes.

        choice: how, but for its count. Raises SemantifyError when no word is left.
        """
        options = replace(choice, count=count)
        pictures = pictures_clustered(self.embeddings, self.views, options.cluster_views)
        selection = select_descriptors(self.scores, self.words, pictures, self.coefficients, options)
        selection.check_chosen(str(self.origin["clip"]), self.model.name)
        return selection
