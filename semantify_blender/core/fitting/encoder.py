"""What looks at pictures for a fit: the same in NumPy (`image_encoder`), in torch and in a worker process."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

BARE_WORD = ("{}",)
"""The paper's prompts: the word alone."""


class Encoder(Protocol):
    """Pictures and words to embeddings that can be compared with each other."""

    @property
    def name(self) -> str:
        """For messages."""

    @property
    def size(self) -> int:
        """Side of its pictures, pixels."""

    @property
    def checksum(self) -> str:
        """Hex SHA-256 over the weights. Fitters name their encoder by it."""

    @property
    def clip_checksum(self) -> str:
        """Hex SHA-256 over the weights of the CLIP whose words its embeddings are compared with; a whole CLIP's own.

        Mappers name their CLIP by it.
        """

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        """pixels: (N, S, S, 3) uint8. Returns (N, D) float32 of unit length."""

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = BARE_WORD) -> np.ndarray:
        """Words in their prompts, several prompts averaged: (n, D) float32 of unit length."""
