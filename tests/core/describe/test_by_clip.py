"""Texts by a CLIP: words' own texts calibrate it, unknown words are what they are like, what is no shape is nothing."""

import numpy as np
import pytest

from semantify_blender.core.describe.by_clip import describe_by_clip, known_to, taken_apart, words_of
from semantify_blender.core.describe.describing import Description, summary_of
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import load_mapper
from tests.core.describe.towers import BagOfWords

BODY = load_mapper("anny-body-neutral")


def said(text: str, tower: BagOfWords | None = None) -> Description:
    tower = tower or BagOfWords()
    mappers = {"": BODY}
    return describe_by_clip(mappers, text, tower, known_to(tower, words_of(mappers)))[""]


def moved(text: str) -> dict[str, float]:
    return {BODY.descriptors[i]: value for i, value in said(text).sliders.items()}


@pytest.mark.parametrize("word", BODY.descriptors)
def test_a_sliders_own_word_moves_it_as_far_as_the_word_does_and_no_other(word: str) -> None:
    assert moved(word) == pytest.approx({word: 0.7})
    assert moved(f"a {word} person") == pytest.approx({word: 0.7})


def test_opposites_move_it_the_other_way_and_lists_move_several() -> None:
    assert moved("short") == pytest.approx({"tall": -0.7})
    found = moved("tall, thin, old")
    assert {word: np.sign(value) for word, value in found.items()} == {"tall": 1, "fat": -1, "old": 1}


def test_words_that_the_lexicon_does_not_know_are_what_they_are_like() -> None:
    assert moved("colossal") == pytest.approx({"tall": 0.7})
    found = moved("burly")
    assert set(found) == {"muscular", "fat"}
    assert min(found.values()) > 0.5


def test_what_was_found_is_told_with_how_much_of_the_text_it_is() -> None:
    one = said("colossal")
    assert [found.text for found in one.found] == ["tall"]
    assert (one.share or 0) > 0.7
    assert summary_of([one]) == "tall +0.7"
    half = said("colossal in a purple car")
    assert half.sliders == one.sliders
    assert 0.15 < (half.share or 0) < 0.4


@pytest.mark.parametrize("text", ["a person", "somebody", "purple cars on winding roads of London at dusk in winter"])
def test_a_text_about_something_else_moves_nothing(text: str) -> None:
    one = said(text)
    assert (one.sliders, one.found) == ({}, ())
    assert one.share is not None
    assert one.share < 0.15


def test_of_a_character_with_a_face_each_word_moves_the_layer_that_shows_it() -> None:
    mappers = {"": BODY, "expression": load_mapper("anny-face-expression")}
    tower = BagOfWords()
    found = describe_by_clip(mappers, "tall, smiling", tower, known_to(tower, words_of(mappers)))
    assert found[""].sliders == {0: pytest.approx(0.7, abs=0.2)}
    assert found["expression"].sliders == {0: pytest.approx(0.7, abs=0.2)}


def test_words_are_embedded_once() -> None:
    tower, mappers = BagOfWords(), {"": BODY}
    known = known_to(tower, words_of(mappers))
    before = tower.asked
    describe_by_clip(mappers, "tall", tower, known)
    assert tower.asked == before + 1
    assert words_of(mappers) is known.words


def test_a_clip_of_a_vocabulary_is_asked_its_own_words_only() -> None:
    tower = BagOfWords()
    tower.vocabulary = ("tall", "short", "fat")
    assert set(known_to(tower, words_of({"": BODY})).words.words) == {"tall", "short", "fat"}


def test_a_clip_that_says_the_same_of_all_texts_is_refused() -> None:
    class Constant(BagOfWords):
        def text_embeddings(self, words, templates=("{}",)):
            return np.ones((len(words), 4), np.float32) / 2

    with pytest.raises(SemantifyError, match="cannot tell these words apart"):
        known_to(Constant(), words_of({"": BODY}))


def test_a_text_is_taken_apart_into_few_words_that_are_not_negative() -> None:
    rng = np.random.default_rng(0)
    words = rng.normal(size=(12, 64))
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    text = 2 * words[3] + words[7]
    weights = taken_apart(words, text / np.linalg.norm(text))
    assert (weights >= 0).all()
    assert set(np.flatnonzero(weights > 0.2)) == {3, 7}
    assert (weights > 0).sum() <= 5
    assert weights[3] > weights[7]
    assert not taken_apart(words, -words[3]).max() > 0.5
