"""What English words say about shapes: `data/describe.json`, made by scripts/build_describe_lexicon.py."""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from ..files.json_text import read_json
from ..files.schema import conform
from ..library import DATA

SHIPPED = DATA / "describe.json"
SIZE, STANDS, LACKING, REST = "size", "stands", "lacking", "rest"
"""The dimension that every part has; what a part says alone; what it has less of; and "average", of no dimension."""
NO_SHAPE = "no shape"
"""The attribute of what people speak of and no model has, as beards and coats."""
OF_THE_WHOLE = frozenset(("height", "bmi", "fat", "muscle", "gender", "age"))
"""Attributes that no part of a body has."""
Meaning = dict[str, float]
"""Attribute -> weight: 1 is all that the word says of it, 0 sets it to rest."""
_GROUPS = [{"kind": str, "means": {str: float}, "words": [str]}]
_SCHEMA = {
    "written": _GROUPS, "completed": _GROUPS, "parts": [{"words": [str], "whole": bool, "says": {str: {str: float}}}],
    "modifiers": {str: [[object]]}, "instead": {str: {str: float}}, "degrees": {str: float}, "ignored": [str],
    "comparatives": {str: float}, "superlatives": {str: float}, "steps": {str: float}, "negations": {str: float},
    "strengthened": {str: float},
}  # fmt: skip


@dataclass(frozen=True)
class Word:
    """noun: whether it only implies what it means, so that adjectives win over it."""

    means: Meaning
    noun: bool = False


@dataclass(frozen=True)
class Part:
    """A part of the body. says: dimension -> meaning, for adjectives beside it, and STANDS and LACKING.

    whole: whether words about the whole figure may stand beside it: "an old face", but not "old hands".
    """

    says: dict[str, Meaning]
    whole: bool = False

    @property
    def shapeless(self) -> bool:
        """Whether no model shows it."""
        return NO_SHAPE in self.says.get(SIZE, {})

    @property
    def lacking(self) -> Meaning:
        """What there is less of without it."""
        return self.says.get(LACKING) or self.says.get(SIZE) or next(iter(self.says.values()))

    def asked(self, dimensions: list[tuple[str, float]]) -> Meaning | None:
        """What an adjective says here, by the first of its dimensions that the part has; None where it has none."""
        for name, weight in dimensions:
            if name == REST:
                return dict.fromkeys(self.lacking, 0.0)
            if name in self.says:
                return {attribute: weight * share for attribute, share in self.says[name].items()}
        return None


@dataclass(frozen=True)
class Lexicon:
    """Tables by key (`tokens.key_of`): lower case, hyphens as blanks.

    words: adjectives and nouns. parts: of the body. modifiers: adjective -> (dimension, weight), likeliest first.
    instead: what stands in for an attribute that no slider shows. degrees: how far of a slider. steps: how far a
    comparative goes. comparatives, superlatives: +1 or −1. negations: 1, or 2 for strong ones. ignored: say nothing.
    """

    words: dict[str, Word]
    parts: dict[str, Part]
    modifiers: dict[str, list[tuple[str, float]]]
    instead: dict[str, Meaning]
    degrees: dict[str, float]
    steps: dict[str, float]
    comparatives: dict[str, float]
    superlatives: dict[str, float]
    negations: dict[str, float]
    strengthened: dict[str, float]
    ignored: frozenset[str]

    @classmethod
    def load(cls, path: str | Path = SHIPPED) -> "Lexicon":
        """Read a lexicon. Raises FileFormatError when it is none."""
        way_out = "this is no lexicon, see scripts/build_describe_lexicon.py"
        value = read_json(path, way_out)
        conform(path, value, _SCHEMA, way_out=way_out)
        return cls(
            words={
                word: Word(group["means"], group["kind"] == "n")
                for name in ("completed", "written")
                for group in value[name]
                for word in group["words"]
            },
            parts={
                word: part
                for entry in value["parts"]
                for part in [Part(entry["says"], entry["whole"])]
                for word in entry["words"]
            },
            modifiers={word: _dimensions(pairs) for word, pairs in value["modifiers"].items()},
            ignored=frozenset(value["ignored"]),
            **{
                name: value[name]
                for name in (
                    *("instead", "degrees", "steps", "comparatives"),
                    *("superlatives", "negations", "strengthened"),
                )
            },
        )

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        tables = (
            *(self.words, self.parts, self.modifiers, self.degrees, self.steps, self.comparatives),
            *(self.superlatives, self.negations, self.strengthened, self.ignored),
        )
        return frozenset().union(*tables)

    @cached_property
    def longest(self) -> int:
        """Words of the longest phrase."""
        return max(key.count(" ") + 1 for key in self._keys)

    def shown(self, means: Meaning) -> Meaning:
        """A meaning with all that stands in for parts of it."""
        found: Meaning = {}
        for attribute, weight in means.items():
            for name, share in {attribute: 1.0, **self.instead.get(attribute, {})}.items():
                found[name] = found.get(name, 0.0) + weight * share
        return found


def _dimensions(pairs: list[list[Any]]) -> list[tuple[str, float]]:
    return [(str(name), float(weight)) for name, weight in pairs]


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon that comes with the project."""
    return Lexicon.load()
