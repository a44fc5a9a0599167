import pytest

from semantify_blender.core.descriptors import (
    BODY,
    BODY_EXTRA,
    FACE_EXPRESSION,
    MEASURED_ATTRIBUTE,
    VOCABULARIES,
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


def test_measured_words_are_body_words_with_a_direction():
    assert set(MEASURED_ATTRIBUTE) <= {*BODY, *BODY_EXTRA}
    assert {sign for _, sign in MEASURED_ATTRIBUTE.values()} == {1, -1}
    assert MEASURED_ATTRIBUTE["short"] == ("height", -MEASURED_ATTRIBUTE["tall"][1])
