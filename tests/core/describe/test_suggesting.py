"""What unknown words may mean: slips of the finger, stems and WordNet; and never a guess."""

import json

import pytest

from semantify_blender.core.describe.describing import describe
from semantify_blender.core.describe.grammar import understand
from semantify_blender.core.describe.lexicon import shipped_lexicon
from semantify_blender.core.describe.suggesting import MOST, RELATED, replaced, suggestions
from semantify_blender.core.library import load_mapper
from semantify_blender.core.mapper import Mapper

BODY: Mapper = load_mapper("anny-body-neutral")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        *(("burley", "burly"), ("muscluar", "muscular"), ("verry", "very"), ("tal", "tall"), ("hieght", "height")),
        *(
            ("grumpyness", "grumpiness"),
            ("buirdly", "burly"),
            ("dapper", "jaunty"),
            ("boney", "bony"),
            ("hyaena", "hyena"),
        ),
    ],
)
def test_a_word_is_suggested_by_spelling_stem_or_meaning(word: str, meant: str) -> None:
    assert understand(word).unknown == (word,)
    assert meant in suggestions([word])[word]
    assert len(suggestions([word])[word]) <= MOST


@pytest.mark.parametrize("word", ["xyzzy", "elegant", "handsome", "london", "180 cm", "qi", "bge"])
def test_words_like_no_other_have_none(word: str) -> None:
    assert suggestions([word]) == {}


def test_all_that_is_suggested_is_known_and_moves_something() -> None:
    value = json.loads(RELATED.read_text(encoding="utf-8"))["words"]
    assert 1000 < len(value) < 3000
    lexicon = shipped_lexicon()
    for word, others in value.items():
        assert word not in lexicon.words
        for other in others.split(", "):
            wishes = understand(other).wishes
            assert any(wish.means for wish in wishes), (word, other)
    assert RELATED.stat().st_size < 60_000


def test_words_of_sliders_are_suggested_too() -> None:
    assert suggestions(["grufallo"], ["gruffalo"]) == {"grufallo": ("gruffalo",)}


def test_a_description_has_them_and_does_not_take_them() -> None:
    said = describe(BODY, "tall, burley and xyzzy")
    assert said.unknown == ("burley", "xyzzy")
    assert said.suggested == {"burley": ("burly",)}
    assert set(said.sliders) == {0}
    assert describe(BODY, "tall").suggested == {}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Tall, Burley!", "Tall, burly!"),
        ("burley-looking, burleyish", "burly-looking, burleyish"),
        ("burley's", "burly's"),
        ("nothing", "nothing"),
    ],
)
def test_a_word_is_replaced_where_it_stands_alone(text: str, wanted: str) -> None:
    assert replaced(text, "burley", "burly") == wanted
