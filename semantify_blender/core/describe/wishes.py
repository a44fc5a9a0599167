"""What a text asks for, before any slider is thought of."""

from dataclasses import dataclass

from .lexicon import Meaning

PLAIN = 0.7
"""How far a plain word goes, of a slider."""
NOT, NOT_VERY, NOT_AT_ALL, ABSENT = -0.3, -0.2, -0.7, -0.5
"""Not fat is a little thin, not very fat less so, not fat at all is plainly thin; what there is none of is missing."""
STEP = 0.3
"""How far a comparative goes from where the slider is."""


@dataclass(frozen=True)
class Wish:
    """One phrase of a text.

    text: as people read it. means: attribute -> weight. amount: how far, of a slider; a step where `change`.
    change: whether it counts from where sliders are now. noun: whether it is only implied. key: of a word that stands
    for itself, to be found among sliders' own words; empty for a part of the body.
    """

    text: str
    means: Meaning
    amount: float
    change: bool = False
    noun: bool = False
    key: str = ""


@dataclass(frozen=True)
class Understood:
    """wishes: in the text's order. unknown: words that nothing is known of, each once."""

    wishes: tuple[Wish, ...]
    unknown: tuple[str, ...]
