"""What a word that is not known may be meant to be: by its spelling, its stem, and WordNet. Nobody is taken at it.

A suggestion moves nothing by itself: whoever wrote the word says by a click that it was meant.
"""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache

from ..files.json_text import read_json
from ..library import DATA
from .lexicon import NO_SHAPE, shipped_lexicon
from .tokens import key_of

RELATED = DATA / "describe_related.json"
"""Words of WordNet that the lexicon does not know, and those of it that they are related to."""
MOST = 3
"""Suggestions for a word."""
ALIKE, FIRST_ALIKE = 0.86, 0.78
"""Least ratio of `difflib` at which a word may be misspelt, and where the first letter is right."""
SHORTEST = 3
"""Letters from which on spelling is looked at: shorter words are like too many others."""
_ENDINGS: dict[str, tuple[str, ...]] = {
    "iness": ("y",), "ness": ("",), "ingly": ("ing",), "edly": ("ed",), "ily": ("y",), "ally": ("", "al"), "ly": ("",),
    "ity": ("", "e"), "like": ("",), "ing": ("", "e", "ed"), "ed": ("", "e"), "ful": ("",), "y": ("", "e"),
}  # fmt: skip
"""What may be taken off a word, and what is put in its place."""


def suggestions(words: Iterable[str], further: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    """Unknown word -> what it may mean, the likeliest first; words for which there is nothing are left out.

    further: words that are known beside the lexicon's, as those of sliders. Numbers and phrases have no suggestions.
    """
    also = tuple(dict.fromkeys(key for key in map(key_of, further) if key))
    found = {word: _of(word, also) for word in words if word.isalpha()}
    return {word: others for word, others in found.items() if others}


def replaced(text: str, word: str, other: str) -> str:
    """A text with another word in the place of one, which must stand alone."""
    return re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", lambda _: other, text, flags=re.IGNORECASE)


def _of(word: str, further: tuple[str, ...]) -> tuple[str, ...]:
    known = {*_speaking(), *further}
    stems = [key for key in _by_stem(word) if key in known]
    spelt = _by_spelling(word, known)
    # a slip of the finger first; then what the word is made of; then what is like it in meaning
    close = [key for key, ratio in spelt if ratio >= ALIKE]
    less = [key for key, ratio in spelt if ratio < ALIKE]
    meant = [key for key in _related().get(word, ()) if key in known]
    return tuple(dict.fromkeys([*close, *stems, *meant, *less]))[:MOST]


def _by_stem(word: str) -> list[str]:
    found = []
    for ending, puts in _ENDINGS.items():
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= SHORTEST:
            found += [stem + put for put in puts]
            if stem[-1] == stem[-2]:  # "flabbed" of "flabb"
                found.append(stem[:-1])
    return found


def _by_spelling(word: str, known: set[str]) -> list[tuple[str, float]]:
    """Words that are spelt alike, the most alike first."""
    if len(word) < SHORTEST:
        return []
    matcher, found = SequenceMatcher(autojunk=False), []
    matcher.set_seq2(word)
    for key in known:
        if abs(len(key) - len(word)) > 2 or len(key) < SHORTEST:
            continue
        least = FIRST_ALIKE if key[0] == word[0] else ALIKE
        matcher.set_seq1(key)
        if matcher.real_quick_ratio() >= least and matcher.quick_ratio() >= least:
            ratio = matcher.ratio()
            if ratio >= least:
                found.append((key, ratio))
    return sorted(found, key=lambda one: (-one[1], one[0]))


@cache
def _speaking() -> frozenset[str]:
    """What of the lexicon says something: words, parts, adjectives of parts, degrees; but nothing that no model has."""
    lexicon = shipped_lexicon()
    words = {key for key, word in lexicon.words.items() if NO_SHAPE not in word.means}
    parts = {key for key, part in lexicon.parts.items() if not part.shapeless}
    return frozenset(words | parts | lexicon.modifiers.keys() | lexicon.degrees.keys())


@cache
def _related() -> dict[str, tuple[str, ...]]:
    words = read_json(RELATED, "it is made by scripts/build_describe_lexicon.py")["words"]
    return {word: tuple(map(key_of, others.split(","))) for word, others in words.items()}
