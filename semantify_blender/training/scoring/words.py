"""Which words are scored and which become sliders: given one by one, in files, by a vocabulary, or by the model."""

from collections.abc import Sequence

from ...core.descriptors import BODY, BODY_EXTRA, FACE_SHAPE, FACE_SHAPE_EXTRA, vocabulary_for
from ...core.errors import SemantifyError
from ...core.files.word_files import read_word_file
from ...core.model.morphable_model import MorphableModel
from ..telling import Teller
from .clip import Clip
from .scores import clean_words


def default_words(model: MorphableModel, clip: Clip) -> tuple[str, ...]:
    """The words to try when none are given: the family's vocabulary, as far as the CLIP model knows it."""
    words = vocabulary_for(str(model.metadata.get("family", "")))
    if clip.vocabulary is None:
        return words
    wanted = {*words, *{BODY: BODY_EXTRA, FACE_SHAPE: FACE_SHAPE_EXTRA}.get(words, ())}
    known = tuple(word for word in clip.vocabulary if word in wanted)
    if not known:
        raise SemantifyError(
            f"the CLIP model {clip.name!r} knows no word for model {model.name!r}: give another --clip"
        )
    return known


def listed(words: Sequence[str]) -> Sequence[str]:
    """Words as they are given. Raises SemantifyError for one text, whose letters would be taken for words."""
    if isinstance(words, str):
        raise SemantifyError(f"{words!r} is one text: give a list of words, [{words!r}]")
    return words


def words_to_score(words: Sequence[str], vocabulary: str | None, model: MorphableModel, clip: Clip) -> tuple[str, ...]:
    """The given words, each once, else those of a vocabulary, else the model family's.

    words: "@FILE" among them stands for a file's words, one a line. vocabulary: a name of `core.descriptors`.
    Raises SemantifyError for a file or a vocabulary that is none, and where there are no words at all.
    """
    given: list[str] = []
    for word in listed(words):
        given += read_word_file(word[1:]) if word.startswith("@") else [word]
    if words:
        return clean_words(given)
    return vocabulary_for(vocabulary) if vocabulary else default_words(model, clip)


def named_once(words: Sequence[str], teller: Teller) -> tuple[str, ...]:
    """Descriptors, each once, and a note on those that differ from another by capitals or spaces only."""
    kept = clean_words(listed(words))
    if again := len(words) - len(kept):
        teller.note(f"{again} of the {len(words)} descriptors repeat another (capitals and spaces make no difference)")
    return kept
