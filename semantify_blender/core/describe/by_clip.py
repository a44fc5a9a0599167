"""A line of text to sliders by a CLIP's text tower, for texts of any words: what in it is like words that are known.

A mapper's sliders are scores Ω = 100·cos(picture, word). A text is no picture: cosines of texts lie elsewhere (0.7 and
more for any two of them) and spread otherwise, so the cosine of text and word is no score. What can be compared are
*changes*: how the text differs from texts that say nothing of a shape ("a person"), and how each word differs from
them. Words overlap (whoever is muscular is also a little like fit, built and fat), so that every word would be found a
little in every text. Hence the change is taken apart: few words with weights that are not negative, whose changes
together come as near to the text's as may be (a lasso, as SpLiCE does with pictures). A word's own text is that word
with the weight 1, which is what calibrates it. A slider goes as far as the words say of it; the one that goes farthest,
as far as a plain word does, because how strongly a text means something cannot be read off an embedding of unit length.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from ..descriptors import distinct_words, family_of_name, measured_attributes, subject_of_name, vocabulary_for
from ..errors import SemantifyError
from ..mapper import Mapper
from .describing import Description, Found, describe_layers
from .tokens import LONGEST
from .wishes import PLAIN

NEUTRAL = {
    "body": ("a person", "person", "a human body", "somebody"),
    "face": ("a face", "face", "a person's face", "a human head"),
    "animal": ("an animal", "animal", "a picture of an animal", "a beast"),
}
"""Texts that say nothing of a shape, by what a model shows."""
FORMS = {"body": ("{}", "a {} person"), "face": ("{}", "a {} face"), "animal": ("{}", "a {}")}
"""Prompts of the words: a text may be words alone, or a whole phrase."""
SPARSE = 0.1
"""How like the text a word has to be, as a cosine, to be found in what the others leave over."""
LEAST = 0.15
"""Of a slider: less is not moved. And of the text: less than that told by all words together is nothing."""
NEAR = 0.25
"""Of a usual word's difference from texts that say nothing: what differs less from one of them says nothing either."""
FEW = 3
"""Words that are told of those that a text was taken apart into, where they tell of all sliders."""
_ROUNDS = 200


class TextTower(Protocol):
    """What embeds texts: a CLIP in this process or in another one."""

    @property
    def vocabulary(self) -> tuple[str, ...] | None:
        """The only words it knows; None for a CLIP that knows language at large."""

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
        """Words in their prompts, several prompts averaged: (n, D) float32 of unit length."""


@dataclass(frozen=True, eq=False)
class Words:
    """Words that texts are taken apart into. moves: name of a mapper -> (n, d) how far each word moves its sliders.

    subject: "body", "face" or "animal", what a text is about.
    """

    words: tuple[str, ...]
    moves: dict[str, np.ndarray]
    subject: str

    def among(self, vocabulary: tuple[str, ...] | None) -> "Words":
        """Those that a CLIP of a stated vocabulary knows."""
        if vocabulary is None:
            return self
        kept = [k for k, word in enumerate(self.words) if word in vocabulary]
        return Words(
            tuple(self.words[k] for k in kept), {name: m[kept] for name, m in self.moves.items()}, self.subject
        )


@dataclass(frozen=True, eq=False)
class Known:
    """The same with their embeddings: of texts that say nothing, (m, D), and how words differ from their mean.

    changes: (n, D) unit vectors. lengths: (n,).
    """

    words: Words
    changes: np.ndarray
    lengths: np.ndarray
    neutral: np.ndarray

    def says_nothing(self, text: np.ndarray) -> bool:
        """Whether a text, (D,), is as good as one of those that say nothing."""
        return float(np.linalg.norm(self.neutral - text, axis=1).min()) < NEAR * float(np.median(self.lengths))


def words_of(mappers: Mapping[str, Mapper]) -> Words:
    """Words that move sliders of mappers which shape one character: their own, and those of their vocabularies."""
    return _words_of(tuple(mappers.items()))


@lru_cache(8)
def _words_of(mappers: tuple[tuple[str, Mapper], ...]) -> Words:
    named = dict(mappers)
    asked: list[str] = [word for mapper in named.values() for word in mapper.descriptors]
    for mapper in named.values():
        family = family_of_name(mapper.model_name)
        asked += [*vocabulary_for(family), *measured_attributes(family)] if family else []
    kept, rows = [], []
    for word in distinct_words(asked):
        said = describe_layers(named, word)
        if any(value for one in said.values() for value in one.sliders.values()):
            kept.append(word)
            rows.append(said)
    moves = {name: np.zeros((len(kept), len(mapper.descriptors))) for name, mapper in named.items()}
    for k, said in enumerate(rows):
        for name, one in said.items():
            for i, value in one.sliders.items():
                moves[name][k, i] = value
    subject = subject_of_name(mappers[0][1].model_name) if mappers else "body"
    return Words(tuple(kept), moves, subject)


def known_to(tower: TextTower, words: Words) -> Known:
    """Words with their embeddings: as long as mappers and CLIP are the same ones, no text but the user's is new.

    Raises SemantifyError where the CLIP tells none of them from saying nothing.
    """
    words = words.among(tower.vocabulary)
    neutral = _unit(tower.text_embeddings(NEUTRAL[words.subject]))
    changes = _unit(tower.text_embeddings(words.words, FORMS[words.subject])) - neutral.mean(0)
    lengths = np.linalg.norm(changes, axis=1)
    if not len(lengths) or not np.isfinite(lengths).all() or lengths.min() < 1e-4:
        raise SemantifyError("this CLIP cannot tell these words apart: describe by words, or set another full CLIP")
    return Known(words, changes / lengths[:, None], lengths, neutral)


def describe_by_clip(
    mappers: Mapping[str, Mapper], text: str, tower: TextTower, known: Known
) -> dict[str, Description]:
    """Slider values of each mapper for a text of any words, by what a CLIP finds in it.

    mappers: by name, which shape one character together. known: `known_to` of `words_of` these mappers.
    In each description `found` has the words that the text was taken apart into, most of it first, with sliders that
    went their way, and `share` how much of the text all words tell, 0..1. Sliders that would move by less than `LEAST`
    are not in it.
    Negations, degrees and comparisons are for the grammar of words, not for a CLIP.
    """
    words = known.words
    embedded = _unit(tower.text_embeddings([" ".join(text[:LONGEST].split())]))[0]
    change = embedded - known.neutral.mean(0)
    length = float(np.linalg.norm(change))
    nothing = {name: Description({}, (), (), (), share=0.0) for name in mappers}
    if not np.isfinite(length) or known.says_nothing(embedded):
        return nothing
    parts = taken_apart(known.changes, change / length)
    share = 1.0 - float(np.sum((change / length - parts @ known.changes) ** 2))
    weights = parts * length / known.lengths
    moved = {name: weights @ moves for name, moves in words.moves.items()}
    most = max((float(np.abs(values).max()) for values in moved.values() if len(values)), default=0.0)
    if share < LEAST or most < 1e-6:
        return nothing
    found = {}
    for name, mapper in mappers.items():
        values = moved[name] * PLAIN / most
        sliders = {i: round(float(value), 2) for i, value in enumerate(values) if abs(value) >= LEAST}
        phrases = [
            Found(
                words.words[k],
                {mapper.descriptors[i]: value for i, value in sliders.items() if words.moves[name][k, i] * value > 0},
            )
            for k in np.argsort(-weights, kind="stable")
            if weights[k] > 0
        ]
        found[name] = Description(sliders, _told(phrases), (), (), share=share)
    return found


def _told(phrases: list[Found]) -> tuple[Found, ...]:
    """The first few that moved something, and those after them without which a slider would move untold."""
    told: list[Found] = []
    shown: set[str] = set()
    for one in phrases:
        if one.moved.keys() - shown or (one.moved and len(told) < FEW):
            told.append(one)
            shown |= one.moved.keys()
    return tuple(told)


def taken_apart(words: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Weights (n,), not negative and few, with which words come near to a text: min ½|text − w·words|² + SPARSE·Σw.

    words: (n, D) unit vectors; text: (D,) of unit length. By coordinate descent.
    """
    among, goal = words @ words.T, words @ text - SPARSE
    weights = np.zeros(len(words))
    for _ in range(_ROUNDS):
        before = weights.copy()
        for k in range(len(words)):
            weights[k] = max(0.0, goal[k] - among[k] @ weights + weights[k])
        if np.abs(weights - before).max(initial=0.0) < 1e-4:
            break
    return weights


def _unit(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, np.float64)
    return values / np.maximum(np.linalg.norm(values, axis=-1, keepdims=True), 1e-12)
