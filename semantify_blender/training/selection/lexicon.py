"""Synonyms and antonyms of descriptors, from the shipped lexicon derived from WordNet (scripts/build_lexicon.py)."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...core.files.json_text import parse_json
from ...core.files.schema import conform
from ...core.files.word_files import read_text
from ...core.foreign_errors import foreign_errors_told
from ...core.library import DATA

SHIPPED = DATA / "lexicon.json"


@dataclass(frozen=True)
class Lexicon:
    """synonyms, antonyms: first word of a descriptor -> words one step away."""

    synonyms: dict[str, frozenset[str]]
    antonyms: dict[str, frozenset[str]]

    @classmethod
    def load(cls, path: str | Path = SHIPPED) -> "Lexicon":
        """Read a lexicon JSON. Raises FileFormatError when it is not one."""
        way_out = "this is no lexicon, see scripts/build_lexicon.py"
        with foreign_errors_told(path, "file", "is not readable JSON", way_out):
            value = parse_json(read_text(path))
        conform(path, value, {"words": {str: {"synonyms": [str], "antonyms": [str]}}}, way_out=way_out)
        words = value["words"]
        relations = {
            kind: {word: frozenset(entry[kind]) for word, entry in words.items()} for kind in ("synonyms", "antonyms")
        }
        return cls(**relations)

    def relation(self, a: str, b: str) -> str | None:
        """How two descriptors are related: "synonym", "antonym" or None.

        Of a two-word descriptor the first word is looked up and the rest kept (paper section 3.3): "broad shoulders"
        and "narrow shoulders" are antonyms, "broad shoulders" and "narrow waist" unrelated.
        """
        a, b = a.lower(), b.lower()
        for kind, table in (("antonym", self.antonyms), ("synonym", self.synonyms)):
            if _reaches(table, a, b) or _reaches(table, b, a):
                return kind
        return None


def _reaches(table: dict[str, frozenset[str]], start: str, goal: str) -> bool:
    first, _, rest = start.partition(" ")
    related = table.get(first, frozenset())
    return any((f"{word} {rest}" if rest else word) == goal for word in related)


@cache
def shipped_lexicon() -> Lexicon:
    """The lexicon that comes with the project."""
    return Lexicon.load()
