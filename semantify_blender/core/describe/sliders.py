"""Which sliders of a mapper do what was wished for: by what they were measured to do, else by their own words."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from ..files.json_text import read_json
from ..library import DATA
from ..mapper import Mapper
from .grammar import understand
from .lexicon import Meaning, Word, shipped_lexicon
from .tokens import key_of
from .wishes import Wish

RELATIONS = DATA / "lexicon.json"
"""Synonyms and antonyms of descriptors, by WordNet (scripts/build_lexicon.py)."""
LEAST_FIDELITY = 0.5
"""Rank correlation from which on a slider is believed to do what it was measured for."""
MAIN = 0.6
"""Of the weights of a slider's own word, relative to the largest: those that it is taken for."""
BACKWARDS = 0.8
"""How much less a slider is liked that has to be turned down where another can be turned up."""
FEELINGS = frozenset(
    ("joy", "sadness", "anger", "surprise", "fear", "disgust", "sleepiness", "excitement", "worry", "boredom")
)
"""Attributes that nothing measures: a slider has them by its word."""


@dataclass(frozen=True)
class Says:
    """What a slider does. means: attribute -> sign. measured: share of its range that was seen to be covered."""

    key: str
    means: Meaning
    measured: float = 1.0


@dataclass
class _Asked:
    """What wishes ask of one slider: how far, and how directly, (level, whether nothing stands in)."""

    values: list[tuple[tuple[int, bool], float]] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Moved:
    """sliders: number -> value. by: for each wish, the numbers of the sliders that it moved, if any."""

    sliders: dict[int, float]
    by: list[tuple[int, ...]]


def own_words(descriptors: Sequence[str]) -> dict[str, Word]:
    """Words of sliders that the lexicon does not know, and what is related to them, as words of their own kind."""
    found: dict[str, Word] = {}
    relations: dict = {}
    lexicon = shipped_lexicon()
    for descriptor in descriptors:
        key = key_of(descriptor)
        said = understand(descriptor, {})
        if not key or (said.wishes and not said.unknown and any(wish.means for wish in said.wishes)):
            continue
        found[key] = Word({f"word {key}": 1.0})
        relations = relations or read_json(RELATIONS, "it is made by scripts/build_lexicon.py")["words"]
        entry = relations.get(key, {})
        for kind, weight in (("synonyms", 1.0), ("antonyms", -1.0)):
            for other in map(key_of, entry.get(kind, ())):
                if other and other not in lexicon:
                    found.setdefault(other, Word({f"word {key}": weight}))
    return found


def says(mapper: Mapper, further: dict[str, Word]) -> list[Says]:
    """What each slider of a mapper does. further: `own_words`."""
    measured = _measured(mapper)
    found = []
    for word in mapper.descriptors:
        means = _main(word, further)
        covered = 1.0
        if word in measured:
            attribute, sign, covered = measured[word]
            # a feeling is nothing that is measured: the word stands for it
            means = {name: weight for name, weight in means.items() if _felt(name)} | {attribute: sign}
        found.append(Says(key_of(word), means, covered))
    return found


def _measured(mapper: Mapper) -> dict[str, tuple[str, float, float]]:
    """Word -> attribute, sign and share of its range that was covered, where the figures say so plainly."""
    rows = mapper.figures.get("attributes")
    found = {}
    for row in rows if isinstance(rows, list) else ():
        if not isinstance(row, dict):
            continue
        word, attribute = row.get("word"), row.get("attribute")
        sign, fidelity, covered = (row.get(name, 1.0) for name in ("sign", "rho", "covered"))
        numbers = all(isinstance(value, int | float) for value in (sign, fidelity, covered))
        if isinstance(word, str) and isinstance(attribute, str) and numbers and sign and fidelity >= LEAST_FIDELITY:
            found[word] = (attribute, float(np.sign(sign)), min(1.0, abs(float(covered))))
    return found


def _main(word: str, further: dict[str, Word]) -> Meaning:
    """The attributes that a slider's own word is mostly about."""
    means: Meaning = {}
    for wish in understand(word, further).wishes:
        for name, weight in wish.means.items():
            means[name] = means.get(name, 0.0) + (weight if wish.amount > 0 else -weight)
    most = max(map(abs, means.values()), default=0.0)
    return {name: float(np.sign(weight)) for name, weight in means.items() if most and abs(weight) >= MAIN * most}


def _felt(attribute: str) -> bool:
    """Whether an attribute is of words alone, as feelings are: something else has to stand in for it."""
    return attribute in FEELINGS or attribute.startswith("word ")


def move(sliders: list[Says], wishes: Sequence[Wish], now: np.ndarray, elsewhere: Set[str] = frozenset()) -> Moved:
    """Slider values that wishes ask for.

    sliders: what each does, by `says`. now: (d,) values, from which comparatives count. elsewhere: attributes that
    other sliders of the same character show, so that none here stands in for them. Returns only the sliders that are
    spoken of, of two decimals, in −1..1; one that is beyond already is not brought back by being asked for more.
    """
    asked: dict[int, _Asked] = {}
    by = []
    for wish in wishes:
        touched = _ask(wish, sliders, elsewhere, asked)
        by.append(tuple(dict.fromkeys(touched)))
    found = {}
    for i, one in sorted(asked.items()):
        base = _strongest(one.values) if one.values else float(now[i])
        most = max(1.0, abs(base))
        found[i] = round(min(most, max(-most, base + _together(one.changes))), 2) + 0.0  # no −0
    return Moved(found, by)


def _ask(wish: Wish, sliders: list[Says], elsewhere: Set[str], asked: dict[int, _Asked]) -> list[int]:
    """Note what a wish asks of which sliders; returns their numbers."""
    if wish.change and not wish.amount:  # "not taller": as it is
        return []
    touched = []

    def ask(i: int, value: float, level: int, direct: bool) -> None:
        touched.append(i)
        one = asked.setdefault(i, _Asked())
        if wish.change:
            one.changes.append(value)
        else:
            one.values.append(((level, direct), max(-1.0, min(1.0, value))))

    most = max(map(abs, wish.means.values()), default=0.0)
    # a face's "fat" is about its jaw: where a body shows how fat somebody is, "fat" says nothing of the face
    own = wish.means.keys()
    same = [
        i
        for i, one in enumerate(sliders)
        if wish.key and one.key == wish.key and (own & one.means or not own & elsewhere)
    ]
    for i in same:
        ask(i, wish.amount if most else 0.0, 3, True)
    for attribute, weight in {} if same else wish.means.items():
        # an adjective means most what it says most; a noun only implies
        level = 1 if wish.noun else 3 if abs(weight) >= 0.99 * most else 2
        share = min(1.0, max(-1.0, weight)) if wish.change else weight
        for i, value, direct in _targets(attribute, share * wish.amount, sliders, elsewhere):
            ask(i, value, level, direct)
    return touched


def _targets(attribute: str, value: float, sliders: list[Says], elsewhere: Set[str]) -> list[tuple[int, float, bool]]:
    """(slider, value, whether it does just that) for an attribute; by what stands in where no slider does that."""
    just = _able(attribute, value, sliders)
    if just or attribute in elsewhere:
        return [(i, amount, True) for i, amount in just]
    instead = shipped_lexicon().instead.get(attribute, {}).items()
    return [(i, amount, False) for other, share in instead for i, amount in _able(other, value * share, sliders)]


def _able(attribute: str, value: float, sliders: list[Says]) -> list[tuple[int, float]]:
    """The slider that shows an attribute best, if one does, and how far it has to go."""
    able = [(i, slider.means[attribute]) for i, slider in enumerate(sliders) if attribute in slider.means]
    if able:
        i, sign = max(able, key=lambda one: sliders[one[0]].measured * (1.0 if value * one[1] > 0 else BACKWARDS))
        return [(i, value * sign)]
    return []


def _strongest(values: list[tuple[tuple[int, bool], float]]) -> float:
    """Of all that a slider is set to: what is said most directly; what is said both ways cancels."""
    top = max(rank for rank, _ in values)
    return _together([value for rank, value in values if rank == top])


def _together(values: list[float]) -> float:
    return max([0.0, *values]) + min([0.0, *values])
