import pytest

from semantify_blender.core.descriptors import (
    BODY,
    BODY_EXTRA,
    FACE_EXPRESSION,
    FACE_SHAPE_EXTRA,
    MEASURED_ATTRIBUTE,
    VOCABULARIES,
    measured_attributes,
    subject_of,
    vocabulary_for,
)
from semantify_blender.core.errors import SemantifyError


def test_the_papers_vocabularies_are_complete_and_without_doubles():
    assert {name: len(words) for name, words in VOCABULARIES.items()} == {
        "body": 33,
        "face-shape": 10,
        "face-expression": 24,
        "animal": 7,
    }
    for words in VOCABULARIES.values():
        assert len(set(words)) == len(words)


def test_families_find_their_words():
    assert vocabulary_for("smpl") == vocabulary_for("anny-body") == BODY
    assert vocabulary_for("FLAME-expression") == FACE_EXPRESSION
    with pytest.raises(SemantifyError, match="'teapot'"):
        vocabulary_for("teapot")


def test_measured_words_are_words_of_their_vocabulary_with_a_direction():
    extra = {"body": BODY_EXTRA, "face-shape": FACE_SHAPE_EXTRA}
    for name, attributes in MEASURED_ATTRIBUTE.items():
        assert set(attributes) <= {*VOCABULARIES[name], *extra.get(name, ())}
        assert {sign for _, sign in attributes.values()} <= {1, -1}
    body = MEASURED_ATTRIBUTE["body"]
    assert body["short"] == ("height", -body["tall"][1])


def test_the_same_word_measures_what_its_family_means():
    assert measured_attributes("smplx")["fat"] == ("fat", 1)
    assert measured_attributes("flame")["fat"] == ("jaw width", 1)
    assert measured_attributes("teapot") == {}


def test_subjects_choose_the_small_clip():
    assert [subject_of(family) for family in ("smpl", "anny-face-expression", "FLAME", "smal", "shape-keys")] == [
        "body",
        "face",
        "face",
        "animal",
        "body",
    ]
    assert subject_of("face-expression") == "face"
