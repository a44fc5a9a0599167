"""Scores Ω = 100·cos(image, text), averaged over views (paper section 3.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.descriptors import distinct_words, same_word
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.bounds import LARGEST_SCORE, SAMPLES, WORDS
from ...core.files.names import check_words
from ...core.files.npz import Field, load_npz, save_npz
from ...core.files.schema import conform
from ...core.files.writing import sha256_of_array
from .clip import Clip
from .embeddings import Embeddings

SCHEMA = "semantify.scores/1"
_FIELDS = {
    "scores": Field("f", ("N", "d"), most=SAMPLES, within=(-LARGEST_SCORE, LARGEST_SCORE)),
    "words": Field("U", ("d",)),
}
_METADATA = {"clip": str, "clip_checksum": str, "templates?": [str], "dataset?": str, "checksum?": str}
BARE_WORD = "{}"
"""The paper's prompt: the word alone."""


@dataclass(frozen=True, eq=False)
class Scores:
    """values: (N, d) float32 score of each sample for each word. dataset: checksum of the one that was scored.

    >>> scores = Scores.load("out/mine/scores.npz")
    >>> scores.of(["tall", "fat"]).shape  # Ω = 100·cos, mean over the views
    (16, 2)
    """

    values: np.ndarray
    words: tuple[str, ...]
    clip: str
    clip_checksum: str
    templates: tuple[str, ...] = (BARE_WORD,)
    dataset: str = ""

    def of(self, words: Sequence[str]) -> np.ndarray:
        """(N, len(words)) columns of some words. Raises SemantifyError naming a word that was not scored."""
        columns = {same_word(word): number for number, word in enumerate(self.words)}
        missing = [word for word in words if same_word(word) not in columns]
        if missing:
            raise SemantifyError(f"{', '.join(map(repr, missing))}: not scored; add to --words of the score step")
        return self.values[:, [columns[same_word(word)] for word in words]]

    def save(self, path: str | Path) -> None:
        """Write `scores.npz`."""
        values = self.values.astype(np.float32)
        metadata = {
            "clip": self.clip,
            "clip_checksum": self.clip_checksum,
            "templates": list(self.templates),
            "dataset": self.dataset,
            "checksum": sha256_of_array(values),
        }
        save_npz(path, SCHEMA, {"scores": values, "words": np.array(self.words)}, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "Scores":
        """Read `scores.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        conform(path, metadata, _METADATA, "metadata", "run semantify score again")
        words = check_words(path, "words", arrays["words"].tolist(), WORDS)
        if metadata.get("checksum") != sha256_of_array(arrays["scores"]):
            raise FileFormatError(path, "scores", "do not match their checksum; run semantify score again")
        return cls(
            arrays["scores"].astype(np.float32),
            words,
            str(metadata.get("clip", "")),
            str(metadata.get("clip_checksum", "")),
            tuple(metadata.get("templates", (BARE_WORD,))),
            str(metadata.get("dataset", "")),
        )


def clean_words(words: Sequence[str]) -> tuple[str, ...]:
    """`distinct_words`. Raises SemantifyError when none is left."""
    kept = distinct_words(words)
    if not kept:
        raise SemantifyError("no words given: list at least one descriptor, for example --words tall fat muscular")
    return kept


def encode_words(clip: Clip, words: Sequence[str], templates: Sequence[str] = (BARE_WORD,)) -> np.ndarray:
    """Text embeddings of words; several templates are averaged and normalised again.

    Returns (d, D) float32. Raises SemantifyError for words the model does not know or a template without "{}".
    """
    clip.check_words(words)
    for template in templates:
        if "{}" not in template:
            raise SemantifyError(f"prompt template {template!r} has no {{}} to put the word in")
    prompts = [template.replace("{}", word) for word in words for template in templates]
    embedded = clip.encode_texts(prompts).reshape(len(words), len(templates), -1).mean(1)
    return embedded / np.linalg.norm(embedded, axis=-1, keepdims=True)


def score_embeddings(embeddings: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Ω of images for words.

    embeddings: (N, views, D) or (N, D), any scale (float16 storage is normalised again). text: (d, D) normalised.
    Returns (N, d) float32 = 100·cos averaged over views.
    """
    images = np.asarray(embeddings, np.float32)
    images = images[:, None] if images.ndim == 2 else images
    images = images / np.linalg.norm(images, axis=-1, keepdims=True)
    # the mean over views commutes with the dot product
    return (100.0 * images.mean(1) @ text.T).astype(np.float32)


def score_words(
    clip: Clip, embeddings: Embeddings, words: Sequence[str], templates: Sequence[str] = (BARE_WORD,)
) -> Scores:
    """Score cached embeddings for words: only text is encoded."""
    words = clean_words(words)
    values = score_embeddings(embeddings.values, encode_words(clip, words, templates))
    return Scores(values, words, clip.name, clip.checksum, tuple(templates), embeddings.dataset)
