"""Written phrases, and what an English speaker expects of them: they were written before the lexicon was."""

import json

import pytest

from scripts.describe.measure import SETS, measure
from semantify_blender.core.library import available, load_mapper


def phrases(name: str) -> list[dict]:
    return json.loads(SETS[name].read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SETS)
def test_the_sets_speak_of_sliders_that_there_are(name: str) -> None:
    words_of = {name: load_mapper(name).descriptors for name in available("mappers")}
    for phrase in phrases(name):
        words = words_of[phrase["mapper"]]
        asked = phrase["signs"].keys() | phrase.get("may", {}).keys() | phrase.get("now", {}).keys()
        assert asked <= set(words), phrase["text"]


def test_no_phrase_is_in_both_sets() -> None:
    tuned, apart = ({phrase["text"] for phrase in phrases(name)} for name in SETS)
    assert len(tuned) >= 150
    assert len(apart) >= 50
    assert not tuned & apart


def test_signs_are_right_and_nothing_else_moves() -> None:
    found = measure(phrases("phrases"))
    assert found.right >= 0.9 * found.asked, found.misses
    assert found.stray == []
    assert found.unnamed == []
