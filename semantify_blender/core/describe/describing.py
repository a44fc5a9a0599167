"""`describe`: one line of English to sliders, for one mapper or for several that shape one character."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import SemantifyError
from ..mapper import Mapper
from .grammar import understand
from .sliders import move, own_words, says
from .suggesting import suggestions
from .tokens import key_of

STEM = 4
"""Letters by which "smile" is known to be told by "smiling"."""


@dataclass(frozen=True)
class Found:
    """One phrase of the text, and the words of the sliders that it moved, with the value that each has at last."""

    text: str
    moved: dict[str, float]


@dataclass(frozen=True)
class Description:
    """What a text says of a mapper's sliders.

    sliders: number -> value in −1..1, of those that are spoken of. found: phrase by phrase; "not taller" moves none.
    without: phrases that are
    understood and that no slider shows. unknown: words that nothing is known of. suggested: for some of them, what they
    may mean. share: by a CLIP, how much of the text the words found tell, 0..1.
    """

    sliders: dict[int, float]
    found: tuple[Found, ...]
    without: tuple[str, ...]
    unknown: tuple[str, ...]
    suggested: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    share: float | None = None

    @property
    def summary(self) -> str:
        """What was understood, in a line: "tall −0.7 · lumberjack: muscular +0.63, feminine −0.49"."""
        return summary_of([self])


def summary_of(descriptions: Iterable[Description]) -> str:
    """The same of several that came of one text: each phrase once, and none where the slider's word tells it."""
    moved: dict[str, dict[str, float]] = {}
    for one in (one for description in descriptions for one in description.found):
        moved.setdefault(one.text, {}).update(one.moved)
    parts: dict[str, None] = {}
    for text, words in moved.items():
        values = ", ".join(f"{word} {signed(value)}" for word, value in words.items()) or "as it is"
        parts[values if words and all(_alike(text, word) for word in words) else f"{text}: {values}"] = None
    return " · ".join(parts)


def _alike(text: str, word: str) -> bool:
    """Whether a phrase and a slider's word have a word in common, by its beginning."""
    beginnings = {part[:STEM] for part in key_of(word).split()}
    return any(part[:STEM] in beginnings for part in key_of(text).split())


def signed(value: float) -> str:
    """A value with its sign and as few decimals as it has, two at most: "+0.7", "−0.25", "0"."""
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return text if text == "0" else ("+" if value > 0 else "−") + text


def describe(mapper: Mapper, text: str, now: Sequence[float] | None = None) -> Description:
    """Slider values for one line of English, as "a short, muscular woman with long legs, not fat".

    now: (d,) slider values, from which "taller" and "a bit less fat" count; all 0 by default. Nothing is guessed: words
    that the lexicon does not know are named, and sliders that the text does not speak of are not in the result.
    Raises SemantifyError when `now` is not one number a slider.

    >>> import semantify_blender as sb
    >>> said = sb.describe(sb.load_mapper("anny-body-neutral"), "a very tall lumberjack, not fat, with green eyes")
    >>> said.sliders[0], said.unknown
    (0.9, ('green',))
    """
    values = None if now is None else {"": now}
    return describe_layers({"": mapper}, text, values)[""]


def describe_layers(
    mappers: Mapping[str, Mapper], text: str, now: Mapping[str, Sequence[float]] | None = None
) -> dict[str, Description]:
    """The same for mappers that shape one character together: each word goes to all of them that know it.

    mappers: by name, as "", "face", "expression". now: name -> (d,) slider values. Returns a description for each; a
    phrase is in `without` where none of them shows it.
    """
    further = own_words([word for mapper in mappers.values() for word in mapper.descriptors])
    said = understand(text, further)
    does = {name: says(mapper, further) for name, mapper in mappers.items()}
    moved = {}
    for name, mapper in mappers.items():
        elsewhere = {attribute for other in does if other != name for one in does[other] for attribute in one.means}
        values = np.zeros(len(mapper.descriptors)) if now is None else np.asarray(now[name], float).reshape(-1)
        if len(values) != len(mapper.descriptors) or not np.isfinite(values).all():
            raise SemantifyError(f"expected one number for each of the {len(mapper.descriptors)} sliders, got {now!r}")
        moved[name] = move(does[name], said.wishes, values, elsewhere)
    idle = tuple(
        dict.fromkeys(
            wish.text
            for i, wish in enumerate(said.wishes)
            if not wish.means or not (any(one.by[i] for one in moved.values()) or (wish.change and not wish.amount))
        )
    )
    words_of_all = [word for mapper in mappers.values() for word in mapper.descriptors]
    suggested = suggestions(said.unknown, words_of_all) if said.unknown else {}
    found = {}
    for name, one in moved.items():
        words = mappers[name].descriptors
        phrases = tuple(
            Found(wish.text, {words[i]: one.sliders[i] for i in one.by[k]})
            for k, wish in enumerate(said.wishes)
            if one.by[k] or (wish.means and wish.change and not wish.amount)
        )
        found[name] = Description(one.sliders, phrases, idle, said.unknown, suggested)
    return found
