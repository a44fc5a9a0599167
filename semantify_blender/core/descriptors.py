"""Descriptor vocabularies per model family, and which measurement each word names.

The body words are those of BodyTalk (Streuber et al. 2016), as the paper uses them; the others are the authors' lists.
"""

import unicodedata
from collections.abc import Iterable

from .errors import SemantifyError

BODY = (
    "short", "tall", "long legs", "short legs", "big", "small", "fat", "thin", "skinny", "broad shoulders", "built",
    "curvy", "fit", "heavyset", "lean", "long torso", "short torso", "long", "muscular", "masculine", "feminine",
    "pear shaped", "petite", "proportioned", "average", "rectangular", "round apple", "hourglass", "stocky", "sturdy",
    "narrow waist", "attractive", "sexy",
)  # fmt: skip

FACE_SHAPE = (
    "fat", "thin", "long neck", "big forehead", "nose sticking-out", "ears sticking-out", "small chin", "long head",
    "chubby cheeks", "big head",
)  # fmt: skip

FACE_EXPRESSION = (
    "happy", "sad", "angry", "surprised", "disgusted", "fearful", "neutral", "smiling", "serious", "pensive",
    "confused", "bored", "sleepy", "tired", "excited", "relaxed", "calm", "nervous", "worried", "scared", "open mouth",
    "raise eyebrows", "open eyes", "smile",
)  # fmt: skip

ANIMAL = ("hippo", "donkey", "horse", "cow", "lion", "cat", "dog")

BODY_EXTRA = (
    "big hips", "narrow hips", "big belly", "flat belly", "big chest", "narrow shoulders", "wide waist", "slim",
    "obese", "slender", "chubby", "strong", "athletic", "heavy", "plump", "wide hips", "manly", "womanly",
    "old", "young",
)  # fmt: skip
"""Further body words that other lists use; known to the lexicon, not part of the paper's vocabulary."""

FACE_SHAPE_EXTRA = ("short neck", "big chin", "small head")
"""Further face shape words that the embedded small CLIP knows."""

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "body": BODY,
    "face-shape": FACE_SHAPE,
    "face-expression": FACE_EXPRESSION,
    "animal": ANIMAL,
}

# "fat" is a trait of the source model: fat and no muscle, which the body mass index cannot tell apart
_BODY_ATTRIBUTE = {
    "tall": ("height", 1),
    "short": ("height", -1),
    "long": ("height", 1),
    "petite": ("height", -1),
    "big": ("bmi", 1),
    "small": ("height", -1),
    "fat": ("fat", 1),
    "obese": ("fat", 1),
    "heavyset": ("fat", 1),
    "heavy": ("bmi", 1),
    "chubby": ("fat", 1),
    "plump": ("fat", 1),
    "stocky": ("bmi", 1),
    "sturdy": ("bmi", 1),
    "thin": ("fat", -1),
    "skinny": ("fat", -1),
    "slim": ("fat", -1),
    "slender": ("fat", -1),
    "lean": ("fat", -1),
    "muscular": ("muscle", 1),
    "built": ("muscle", 1),
    "fit": ("muscle", 1),
    "strong": ("muscle", 1),
    "athletic": ("muscle", 1),
    "masculine": ("gender", -1),
    "manly": ("gender", -1),
    "feminine": ("gender", 1),
    "womanly": ("gender", 1),
    "broad shoulders": ("shoulder ratio", 1),
    "narrow shoulders": ("shoulder ratio", -1),
    "long legs": ("leg ratio", 1),
    "short legs": ("leg ratio", -1),
    "long torso": ("torso ratio", 1),
    "short torso": ("torso ratio", -1),
    "narrow waist": ("waist ratio", -1),
    "wide waist": ("waist ratio", 1),
    "big hips": ("hip ratio", 1),
    "wide hips": ("hip ratio", 1),
    "narrow hips": ("hip ratio", -1),
    "big chest": ("chest ratio", 1),
    "big belly": ("belly to chest", 1),
    "flat belly": ("belly to chest", -1),
    "round apple": ("waist ratio", 1),
    "hourglass": ("waist to hip", -1),
    "curvy": ("waist to hip", -1),
    "rectangular": ("waist to hip", 1),
    "pear shaped": ("shoulder to hip", -1),
    "old": ("age", 1),
    "young": ("age", -1),
}
_FACE_SHAPE_ATTRIBUTE = {
    "fat": ("jaw width", 1),
    "thin": ("jaw width", -1),
    "long neck": ("neck length", 1),
    "short neck": ("neck length", -1),
    "big forehead": ("forehead height", 1),
    "nose sticking-out": ("nose protrusion", 1),
    "ears sticking-out": ("ear span", 1),
    "small chin": ("chin length", -1),
    "big chin": ("chin length", 1),
    "long head": ("head length", 1),
    "chubby cheeks": ("cheek width", 1),
    "big head": ("head width", 1),
    "small head": ("head width", -1),
}
_FACE_EXPRESSION_ATTRIBUTE = {
    "smiling": ("corner lift", 1),
    "smile": ("corner lift", 1),
    "happy": ("corner lift", 1),
    "sad": ("inner brow height", 1),
    "angry": ("inner brow height", -1),
    "surprised": ("brow height", 1),
    "raise eyebrows": ("brow height", 1),
    "open mouth": ("mouth opening", 1),
    "excited": ("mouth opening", 1),
    "open eyes": ("eye opening", 1),
    "fearful": ("eye opening", 1),
    "scared": ("eye opening", 1),
    "sleepy": ("eye opening", -1),
    "tired": ("eye opening", -1),
}
MEASURED_ATTRIBUTE: dict[str, dict[str, tuple[str, int]]] = {
    "body": _BODY_ATTRIBUTE,
    "face-shape": _FACE_SHAPE_ATTRIBUTE,
    "face-expression": _FACE_EXPRESSION_ATTRIBUTE,
    "animal": {word: (word, 1) for word in ANIMAL},
}
"""Vocabulary -> word -> (name in `core.model.measurements.measure`, +1 where more of the word is more, else −1)."""

_FAMILY_VOCABULARY = {
    "anny-body": "body", "smpl": "body", "smplx": "body", "smpl-x": "body", "body": "body",
    "flame": "face-shape", "flame-shape": "face-shape", "flame-expression": "face-expression",
    "anny-face-shape": "face-shape", "anny-face-expression": "face-expression", "smal": "animal", "quadruped": "animal",
}  # fmt: skip


def spelled(word: str) -> str:
    """A word without blanks around it, single-spaced, its accents composed."""
    return " ".join(unicodedata.normalize("NFC", word).split())


def same_word(word: str) -> str:
    """What two words share that are one: they may differ by capitals and by spaces."""
    return spelled(word).casefold()


def distinct_words(words: Iterable[str]) -> tuple[str, ...]:
    """Words as `spelled`, each once and in order: of those that are one, the first. Blank ones are dropped."""
    found: dict[str, str] = {}
    for word in map(spelled, words):
        if word:
            found.setdefault(word.casefold(), word)
    return tuple(found.values())


def vocabulary_for(family: str) -> tuple[str, ...]:
    """Words for a model family or a vocabulary's own name. Raises SemantifyError naming what there is."""
    return VOCABULARIES[vocabulary_name(family)]


def vocabulary_name(family: str) -> str:
    """Key of VOCABULARIES for a model family, or the name itself. Raises SemantifyError naming what there is."""
    name = _FAMILY_VOCABULARY.get(family.lower(), family.lower())
    if name not in VOCABULARIES:
        raise SemantifyError(
            f"no vocabulary for {family!r}: give words, or one of the vocabularies {', '.join(VOCABULARIES)}"
        )
    return name


def subject_of(family: str) -> str:
    """What a family or vocabulary shows: "body", "face" or "animal"; "body" where that is not known."""
    name = _FAMILY_VOCABULARY.get(family.lower(), family.lower())
    return {"face-shape": "face", "face-expression": "face", "animal": "animal"}.get(name, "body")


def subject_of_name(name: str) -> str:
    """The same of a model's or a mapper's name, which begins with its family: "smal-lion" is an animal."""
    return subject_of(family_of_name(name))


def family_of_name(name: str) -> str:
    """The family that a model's or a mapper's name begins with; "" where that has no vocabulary."""
    while name and not knows_family(name):
        name = name.rpartition("-")[0]
    return name


def knows_family(family: str) -> bool:
    """Whether a family has a vocabulary of its own."""
    return family.lower() in _FAMILY_VOCABULARY


def measured_attributes(family: str) -> dict[str, tuple[str, int]]:
    """Word -> (measurement, sign) for a model family; empty where the family has no vocabulary of its own."""
    return MEASURED_ATTRIBUTE.get(_FAMILY_VOCABULARY.get(family.lower(), family.lower()), {})
