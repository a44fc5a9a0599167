"""A text tower for tests: each word a direction of its own, beside one that all texts have, as a CLIP's do."""

import zlib
from collections.abc import Sequence

import numpy as np

from semantify_blender.core.describe.tokens import tokens_of

DIMENSION = 256
LIKE = {"burly": ("muscular", "fat"), "colossal": ("tall",)}
"""Words that are like others."""


class BagOfWords:
    """vocabulary: as of a CLIP. asked: how many texts were embedded."""

    vocabulary: tuple[str, ...] | None = None

    def __init__(self) -> None:
        self.asked = 0

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
        """(n, D) float32 of unit length."""
        self.asked += len(words)
        found = np.array([sum(_text(form.format(word)) for form in templates) for word in words])
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def _text(text: str) -> np.ndarray:
    tokens = [part for token in tokens_of(text) for part in LIKE.get(token, (token,))]
    # any two texts are much alike, whatever they say
    return 3.0 * _direction("text") + sum(_direction(token) for token in tokens if token not in ("a", "an"))


def _direction(word: str) -> np.ndarray:
    values = np.random.default_rng(zlib.crc32(word.encode())).normal(size=DIMENSION)
    return values / np.linalg.norm(values)
