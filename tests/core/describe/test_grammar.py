"""What goes with what in a line of English, and that no line stops the parser."""

import numpy as np
import pytest

from semantify_blender.core.describe.describing import Description, describe
from semantify_blender.core.describe.grammar import understand
from semantify_blender.core.describe.lexicon import shipped_lexicon
from semantify_blender.core.describe.tokens import bases, key_of, tokens_of
from semantify_blender.core.library import load_mapper

BODY = load_mapper("anny-body-neutral")
FACE = load_mapper("anny-face-shape")
EXPRESSION = load_mapper("anny-face-expression")


def moved(text: str, mapper=BODY, now: dict[str, float] | None = None) -> dict[str, float]:
    values = [(now or {}).get(word, 0.0) for word in mapper.descriptors]
    said: Description = describe(mapper, text, values)
    return {mapper.descriptors[i]: value for i, value in said.sliders.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tall", {"tall": 0.7}),
        ("slightly tall", {"tall": 0.3}),
        ("very tall", {"tall": 0.9}),
        ("extremely tall", {"tall": 1.0}),
        ("tallish", {"tall": 0.45}),
        ("short", {"tall": -0.7}),
        ("not tall", {"tall": -0.3}),
        ("not very tall", {"tall": -0.2}),
        ("not tall at all", {"tall": -0.7}),
        ("isn't tall", {"tall": -0.3}),
        ("without muscles", {"muscular": -0.5}),
        ("no muscles at all", {"muscular": -0.7}),
        ("neither fat nor thin", {"fat": 0.0}),
        ("not fat, not thin", {"fat": 0.0}),
        ("neither fat nor muscular", {"fat": -0.3, "muscular": -0.3}),
        ("not fat or muscular", {"fat": -0.3, "muscular": -0.3}),
        ("average height, fat", {"tall": 0.0, "fat": 0.7}),
        ("as tall as possible", {"tall": 1.0}),
        ("as strong as an ox", {"muscular": 0.7}),
        ("built like a tank", {"muscular": 0.7}),
        ("a little fat", {"fat": 0.3}),
        ("fat, a little", {"fat": 0.3}),
        ("long-legged and broad-shouldered", {"long legs": 0.7, "broad shoulders": 0.7}),
        ("broad shoulders and hips", {"broad shoulders": 0.7, "big hips": 0.7}),
        ("shoulders that are not very broad", {"broad shoulders": -0.2}),
        ("legs very long", {"long legs": 0.9}),
        ("with muscular and very broad shoulders", {"muscular": 0.49, "broad shoulders": 0.9}),
        ("a thin man with a beer belly", {"fat": -0.7, "feminine": -0.7}),
        ("long hair", {}),
        ("tall, with long hair", {"tall": 0.7}),
        ("with long tresses", {}),
        ("masculine woman", {"feminine": 0.0}),
        ("not exactly slim", {"fat": 0.3}),
        ("not dapper, but tall", {"tall": 0.7}),
        ("not a dapper tall thing", {"tall": -0.3}),
        ("not only tall but strong", {"tall": 0.7, "muscular": 0.7}),
        ("narrower hips, shoulders and legs", {"big hips": -0.3, "broad shoulders": -0.3}),
        ("narrow hips, shoulders broad", {"big hips": -0.7, "broad shoulders": 0.7}),
        ("feminine hands", {}),
        ("an old body", {"old": 0.7}),
        ("an 80-year-old", {"old": 0.91}),
        ("20 years old", {"old": -0.47}),
        ("1.80 m tall", {}),
        ("six feet tall and strong", {"muscular": 0.7}),
        ("not not not tall", {"tall": -0.3}),
        ("a plump red-faced man", {"fat": 0.7, "feminine": -0.7}),
        ("well-defined muscles", {"muscular": 0.56}),
    ],
)
def test_absolute(text: str, expected: dict[str, float]) -> None:
    assert moved(text) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("taller", 0.2, 0.5),
        ("a bit taller", 0.2, 0.35),
        ("much taller", 0.2, 0.8),
        ("taller than a house", 0.2, 0.5),
        ("less tall", 0.2, -0.1),
        ("a bit less tall than now", 0.2, 0.05),
        ("shorter", 0.2, -0.1),
        ("more height", 0.2, 0.5),
        ("the tallest", 0.2, 1.0),
        ("the least tall", 0.2, -1.0),
        ("far taller", 0.9, 1.0),
        ("taller", 1.3, 1.3),
        ("shorter", 1.3, 1.0),
        ("tall, but a bit shorter", 0.0, 0.55),
    ],
)
def test_comparatives_count_from_now(text: str, now: float, expected: float) -> None:
    assert moved(text, now={"tall": now}) == pytest.approx({"tall": expected})


def test_what_is_not_to_change_does_not() -> None:
    assert moved("not taller", now={"tall": 0.4}) == {}
    assert moved("fatter, but no taller", now={"tall": 0.4}) == pytest.approx({"fat": 0.3})


@pytest.mark.parametrize(
    ("text", "mapper", "expected"),
    [
        ("a big nose and small ears", FACE, {"nose sticking-out": 0.7, "ears sticking-out": -0.7}),
        ("ears that stick out", FACE, {"ears sticking-out": 0.7}),
        ("no chin", FACE, {"small chin": 0.5}),
        ("a bigger nose, less chin", FACE, {"nose sticking-out": 0.3, "small chin": 0.3}),
        ("fat", FACE, {"fat": 0.7}),
        ("a big belly", FACE, {}),
        ("eyes wide open, smiling a little", EXPRESSION, {"sleepy": -0.9, "smiling": 0.3}),
        ("sad", EXPRESSION, {"sad": 0.7}),
        ("smile less", EXPRESSION, {"smiling": -0.3}),
        ("open the mouth wide, close the eyes", EXPRESSION, {"open mouth": 0.9, "sleepy": 0.7}),
        ("a large Roman nose", FACE, {"nose sticking-out": 0.7}),
        (
            "a smaller nose, ears and chin",
            FACE,
            {"nose sticking-out": -0.3, "ears sticking-out": -0.3, "small chin": 0.3},
        ),
        ("neither happy nor sad", EXPRESSION, {"smiling": 0.0, "sad": 0.0}),
    ],
)
def test_faces(text: str, mapper, expected: dict[str, float]) -> None:
    assert moved(text, mapper) == pytest.approx(expected)


def test_words_that_are_not_known_are_named_once_and_those_without_a_slider_told() -> None:
    said = describe(BODY, "A dapper, tall man; dapper too, with a long beard and Green eyes")
    assert said.unknown == ("dapper", "green")
    assert said.without == ("long beard",)
    assert said.summary == "tall +0.7 · man: feminine −0.7"
    assert [one.text for one in said.found] == ["tall", "man"]


def test_a_phrase_is_shown_with_what_it_did() -> None:
    said = describe(BODY, "not very fat, much taller")
    assert {one.text: one.moved for one in said.found} == {"not very fat": {"fat": -0.2}, "much taller": {"tall": 0.6}}
    assert said.summary == "fat −0.2 · tall +0.6"
    assert describe(BODY, "not fatter, tall").summary == "not fatter: as it is · tall +0.7"


LISTED = (
    "tall",
    "very fat",
    "not muscular",
    "old",
    "broad shoulders",
    "long-legged",
    "narrow-hipped",
    "a bit feminine",
)


def test_the_order_of_a_list_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    expected = moved(", ".join(LISTED))
    assert len(expected) == len(LISTED)
    for _ in range(50):
        order = [LISTED[i] for i in rng.permutation(len(LISTED))]
        for joint in (", ", " and ", "; "):
            assert moved(joint.join(order)) == pytest.approx(expected), order


def adjectives() -> list[str]:
    """All that say something about a whole body."""
    lexicon = shipped_lexicon()
    return [key for key, word in lexicon.words.items() if not word.noun and key not in lexicon.parts]


def test_negating_twice_is_not_negating() -> None:
    for word in adjectives():
        assert moved(f"not not {word}") == moved(word), word


def test_negation_turns_what_a_word_says_most() -> None:
    for word in ("fat", "thin", "muscular", "feminine", "old", "tall", "broad shoulders", "long legs"):
        plain, denied = moved(word), moved(f"not {word}")
        assert plain.keys() == denied.keys()
        assert all(plain[key] * denied[key] < 0 for key in plain), word


def test_every_word_is_understood_alone() -> None:
    lexicon = shipped_lexicon()
    for word in (*lexicon.words, *lexicon.parts, *lexicon.modifiers):
        assert understand(word).unknown == (), word


def test_no_text_stops_the_parser() -> None:
    rng = np.random.default_rng(11)
    lexicon = shipped_lexicon()
    words = [
        *lexicon.words, *lexicon.parts, *lexicon.modifiers, *lexicon.degrees, *lexicon.steps, *lexicon.negations,
        *lexicon.comparatives, *lexicon.superlatives, *lexicon.strengthened, *lexicon.ignored,
        *(",", ".", "and", "or", "nor", "neither", "than", "as", "not", "no", "xyzzy", "blé", "'", "-", "9"),
    ]  # fmt: skip
    for _ in range(1500):
        text = " ".join(words[i] for i in rng.integers(0, len(words), rng.integers(0, 14)))
        values = moved(text).values()
        assert all(-1.0 <= value <= 1.0 for value in values), text
    for _ in range(800):
        text = "".join(map(chr, rng.integers(1, 0x3000, rng.integers(0, 60))))
        assert moved(text) == {} or isinstance(text, str)


def test_long_texts_take_no_time() -> None:
    assert moved("not " * 100_000) == {}
    assert len(moved("tall and fat, " * 100_000)) == 2
    assert tokens_of("x" * 10**6) == ["x" * 2000]


def test_tokens() -> None:
    assert tokens_of("She ISN’T long-legged; (tall)/thin & Ann's") == [
        "she", "is", "not", "long", "legged", ".", ",", "tall", ",", "or", "thin", "and", "ann",
    ]  # fmt: skip
    assert key_of("  Nose  Sticking-Out ") == "nose sticking out"
    assert "skinny" in bases("skinniest", "est")
    assert "fat" in bases("fatter", "er")
    assert "large" in bases("larger", "er")
    assert bases("her", "er") == []
