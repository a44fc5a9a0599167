"""Text as items: the longest phrases that the lexicon knows, with all that each may be."""

from dataclasses import dataclass, field, replace

from .lexicon import Lexicon, Part, Word
from .tokens import BREAK, END, bases, singulars, tokens_of


@dataclass(frozen=True)
class Item:
    """A word or phrase of the text; what it is not is None or 0.

    compared: +1 for "taller" and "more", −1 for "less"; topmost alike for "tallest", "most" and "least".
    mild: "tallish".
    negation: 1, or 2 for "not at all". after: "at all", which strengthens a negation before it. pause: a comma or END.
    """

    text: str
    key: str
    word: Word | None = None
    part: Part | None = None
    modifier: list[tuple[str, float]] = field(default_factory=list)
    degree: float | None = None
    step: float | None = None
    compared: float = 0.0
    topmost: float = 0.0
    negation: float = 0.0
    mild: bool = False
    after: bool = False
    ignored: bool = False
    pause: str = ""

    @property
    def describes(self) -> bool:
        """Whether it is an adjective, of a part or of the whole."""
        return bool(self.modifier) or (self.word is not None and not self.word.noun)

    @property
    def names(self) -> bool:
        """Whether it is a noun that means something."""
        return self.word is not None and self.word.noun

    @property
    def scales(self) -> bool:
        """Whether it says how far another word goes."""
        return self.degree is not None or self.step is not None

    @property
    def known(self) -> bool:
        """Whether it is anything at all."""
        return bool(
            self.describes or self.names or self.part or self.scales or self.compared or self.topmost
            or self.negation or self.after or self.ignored or self.pause
        )  # fmt: skip


_UNITS = frozenset(
    ("m", "cm", "metre", "metres", "meter", "meters", "foot", "feet", "ft", "inch", "inches", "in", "kg", "kilo",
     "kilos", "pound", "pounds", "lb", "lbs", "stone")
)  # fmt: skip
_YEARS = frozenset(("year", "years", "yr", "yrs"))
_SIZES = frozenset(("tall", "high", "heavy", "wide", "long", "old", "short", "broad", "big"))
_NUMBERS = frozenset(
    ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
)  # fmt: skip
_MIDDLE_AGE, _HALF_A_LIFE, _GROWN = 40.0, 30.0, 15.0
"""Years: where *old* is at rest, from there to all of it, and below which people are still small."""


class Reader:
    """Reads items by a lexicon and by further words: those of a mapper's sliders, which it need not have."""

    def __init__(self, lexicon: Lexicon, further: dict[str, Word]) -> None:
        self.lexicon, self.further = lexicon, further
        self.longest = max([lexicon.longest, *(key.count(" ") + 1 for key in further)])

    def read(self, text: str) -> list[Item]:
        """The items of a text, in order."""
        tokens, found, i = tokens_of(text), [], 0
        while i < len(tokens):
            if tokens[i] in (BREAK, END):
                found.append(Item(tokens[i], "", pause=tokens[i]))
                i += 1
                continue
            item, length = self._longest(tokens, i)
            if length == 1:
                item, length = self._number(tokens, i) or (item, length)
            found.append(item)
            i += length
        return found

    def item(self, key: str) -> Item:
        """What a known word or phrase may be."""
        lexicon = self.lexicon
        return Item(
            text=key,
            key=key,
            word=self.further.get(key) or lexicon.words.get(key),
            part=lexicon.parts.get(key),
            modifier=lexicon.modifiers.get(key, []),
            degree=lexicon.degrees.get(key),
            step=lexicon.steps.get(key),
            compared=lexicon.comparatives.get(key, 0.0),
            topmost=lexicon.superlatives.get(key, 0.0),
            negation=lexicon.negations.get(key, 0.0),
            after=key in lexicon.strengthened,
            ignored=key in lexicon.ignored,
        )

    @staticmethod
    def _number(tokens: list[str], i: int) -> tuple[Item, int] | None:
        """A number with its unit, of which nothing is known but ages: no slider counts in metres."""
        end = i
        while end < len(tokens) and (tokens[end][0].isdigit() or (end > i and tokens[end] in _UNITS | _YEARS)):
            end += 1
        if end == i and tokens[i] in _NUMBERS and i + 1 < len(tokens) and tokens[i + 1] in _UNITS:
            end = i + 2
        if end == i:
            return None
        if end < len(tokens) and tokens[end] in _SIZES:
            end += 1
        text = " ".join(tokens[i:end])
        if tokens[i].isdecimal() and len(tokens[i]) < 4 and end == i + 3 and tokens[i + 1] in _YEARS:
            years = float(tokens[i])
            means = {"age": max(-1.0, min(1.3, (years - _MIDDLE_AGE) / _HALF_A_LIFE))}
            return Item(text, text, word=Word(means | ({"height": -0.5} if years < _GROWN else {}))), end - i
        return Item(text, text), end - i

    def _longest(self, tokens: list[str], i: int) -> tuple[Item, int]:
        for length in range(min(self.longest, len(tokens) - i), 0, -1):
            key = " ".join(tokens[i : i + length])
            if key in self.lexicon or key in self.further:
                return self.item(key), length
        return self._inflected(tokens[i]), 1

    def _inflected(self, token: str) -> Item:
        """An inflected word: "taller", "tallest", "tallish", "lumberjacks"; or an item that is nothing."""
        for ending in ("est", "er"):
            for base in bases(token, ending):
                found = self.item(base)
                if found.describes:
                    plain = replace(found, text=token, degree=None, step=None, ignored=False)
                    return replace(plain, topmost=1.0) if ending == "est" else replace(plain, compared=1.0)
        for base in bases(token, "ish"):
            found = self.item(base)
            if found.describes:
                return replace(found, text=token, degree=None, step=None, ignored=False, mild=True)
        for base in singulars(token):
            found = self.item(base)
            if found.names or found.part:
                return replace(found, text=token)
        return Item(token, token)
