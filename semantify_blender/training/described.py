"""`describe` of Python: by the lexicon alone, or by a CLIP that is loaded here."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..core.describe import describing
from ..core.describe.by_clip import Known, describe_by_clip, known_to, words_of
from ..core.describe.describing import Description
from ..core.describe.tokens import BREAK, END, tokens_of
from ..core.descriptors import subject_of_name
from ..core.errors import SemantifyError
from ..core.mapper import Mapper

if TYPE_CHECKING:
    from .scoring.clip import Clip

LINKS = frozenset(["a", "an", "and", "body", "face", "of", "person", "the", "with"])
"""Words that texts of the small CLIPs may have beside their vocabulary: their captions had them."""


class Texts:
    """The text tower of a CLIP, as `core.describe.by_clip` asks it."""

    def __init__(self, clip: "Clip") -> None:
        self.clip, self.vocabulary = clip, clip.vocabulary

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
        """Words in their prompts, several prompts averaged: (n, D) float32 of unit length."""
        prompts = [template.replace("{}", word) for word in words for template in templates]
        found = self.clip.encode_texts(prompts).reshape(len(words), len(templates), -1).mean(1)
        return found / np.maximum(np.linalg.norm(found, axis=-1, keepdims=True), 1e-12)

    def check(self, text: str) -> None:
        """Raise SemantifyError naming the words that a CLIP of a stated vocabulary does not know."""
        if self.vocabulary is not None:
            known = {token for word in self.vocabulary for token in tokens_of(word)} | LINKS | {BREAK, END}
            unknown = [token for token in dict.fromkeys(tokens_of(text)) if token not in known]
            if unknown:
                raise SemantifyError(
                    f"the CLIP model {self.clip.name!r} does not know {', '.join(map(repr, unknown))}: it knows only "
                    f"{', '.join(self.vocabulary)}; for other words give a full CLIP, for example ViT-B-32:openai"
                )


def describe(mapper: Mapper, text: str, now: Sequence[float] | None = None, clip: str | None = None) -> Description:
    """Slider values for one line of English, as "a short, muscular woman with long legs, not fat".

    now: (d,) slider values, from which "taller" and "a bit less fat" count; all 0 by default. Nothing is guessed: words
    that the lexicon does not know are named, with what they may mean, and sliders that the text does not speak of are
    not in the result. clip: as --clip takes it, to have a CLIP say what the text is like, which knows other words than
    the lexicon, but neither negations nor comparisons; `found` then has the words that it is like.
    Raises SemantifyError when `now` is not one number a slider, and for a CLIP that cannot be had.

    >>> import semantify_blender as sb
    >>> mapper = sb.load_mapper("anny-body-neutral")
    >>> said = sb.describe(mapper, "a very tall lumberjack, not fat, with green eyes, burley")
    >>> said.sliders[0], said.unknown, said.suggested
    (0.9, ('green', 'burley'), {'burley': ('burly',)})
    >>> sb.describe(mapper, "a skinny person", clip="small").sliders
    {1: -0.7}
    """
    if clip is None:
        return describing.describe(mapper, text, now)
    tower = _tower(clip, subject_of_name(mapper.model_name))
    tower.check(text)
    return describe_by_clip({"": mapper}, text, tower, _known(tower, mapper))[""]


@lru_cache(4)
def _known(tower: Texts, mapper: Mapper) -> Known:
    return known_to(tower, words_of({"": mapper}))


@lru_cache(2)
def _tower(clip: str, subject: str) -> Texts:
    from .scoring.clip import load_clip

    return Texts(load_clip(clip, subject=subject))
