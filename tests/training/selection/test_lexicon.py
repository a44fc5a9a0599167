import json

import pytest

from semantify_blender.core.descriptors import VOCABULARIES
from semantify_blender.core.errors import FileFormatError
from semantify_blender.training.selection.lexicon import SHIPPED, Lexicon, shipped_lexicon


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("tall", "short", "antonym"),
        ("short", "tall", "antonym"),
        ("fat", "thin", "antonym"),
        ("fat", "skinny", "antonym"),
        ("lean", "thin", "synonym"),
        ("masculine", "feminine", "antonym"),
        ("smile", "smiling", "synonym"),
        ("long legs", "short legs", "antonym"),
        ("broad shoulders", "narrow shoulders", "antonym"),
        ("long legs", "short torso", None),
        ("broad shoulders", "narrow waist", None),
        ("tall", "fat", None),
        ("Tall", "SHORT", "antonym"),
    ],
)
def test_relations_of_body_words(a, b, expected):
    assert shipped_lexicon().relation(a, b) == expected


def test_every_word_of_the_vocabularies_is_known():
    known = shipped_lexicon().synonyms
    assert [word for words in VOCABULARIES.values() for word in words if word.lower().split()[0] not in known] == []


def test_the_licence_lies_beside_the_lexicon():
    assert "Princeton University" in SHIPPED.with_suffix(".LICENSE").read_text(encoding="utf-8")


def test_a_file_that_is_no_lexicon_is_refused(tmp_path):
    path = tmp_path / "lexicon.json"
    path.write_text(json.dumps({"words": {"tall": ["short"]}}))
    with pytest.raises(FileFormatError, match="is no lexicon"):
        Lexicon.load(path)
