"""Which sliders of a mapper a wish moves: measured ones, ones that have only their word, and layers together."""

from dataclasses import replace

import pytest

from semantify_blender.core.describe.describing import describe, describe_layers
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import load_mapper
from semantify_blender.core.mapper import Mapper
from tests.synthetic import synthetic_mapper, synthetic_model

MODEL = synthetic_model()


def mapper(*words: str, **rows: tuple[str, int]) -> Mapper:
    """A mapper of words; rows: word with _ for blanks -> attribute and sign that it was measured by."""
    measured = [
        {"word": word.replace("_", " "), "attribute": attribute, "sign": sign, "rho": 1.0, "covered": 1.0}
        for word, (attribute, sign) in rows.items()
    ]
    made = synthetic_mapper(MODEL, words)
    return replace(made, figures={"attributes": measured}) if measured else made


def moved(of: Mapper, text: str) -> dict[str, float]:
    return {of.descriptors[i]: value for i, value in describe(of, text).sliders.items()}


def test_without_measurements_words_work_alone() -> None:
    plain = mapper("short", "plump", "muscular", "long torso")
    assert moved(plain, "tall, thin and strong") == pytest.approx({"short": -0.7, "plump": -0.7, "muscular": 0.7})
    assert moved(plain, "long legs") == pytest.approx({"long torso": -0.7})
    assert moved(plain, "not short") == pytest.approx({"short": -0.3})


def test_what_was_measured_counts_and_not_the_word() -> None:
    odd = mapper("tall", tall=("fat", -1))
    assert moved(odd, "thin") == pytest.approx({"tall": 0.7})
    assert moved(odd, "a giant") == {}
    # but whoever says the very word means that slider
    assert moved(odd, "tall") == pytest.approx({"tall": 0.7})


def test_a_word_that_nobody_knows_is_known_by_its_own_slider() -> None:
    own = mapper("gruffalo", "tall")
    assert moved(own, "a very gruffalo giant") == pytest.approx({"gruffalo": 0.9, "tall": 0.84})
    assert describe(mapper("tall"), "gruffalo").unknown == ("gruffalo",)


def test_related_words_of_wordnet_move_a_slider_that_the_lexicon_does_not_know() -> None:
    own = mapper("attractive")
    assert moved(own, "unattractive") == pytest.approx({"attractive": -0.7})
    assert moved(own, "attractive") == pytest.approx({"attractive": 0.7})


def test_of_two_sliders_that_do_it_the_one_that_says_so_is_moved() -> None:
    both = mapper("fat", "skinny", fat=("fat", 1), skinny=("fat", -1))
    assert moved(both, "thin") == pytest.approx({"skinny": 0.7})
    assert moved(both, "obese") == pytest.approx({"fat": 0.91})
    assert moved(both, "skinny") == pytest.approx({"skinny": 0.7})


def test_what_a_slider_was_seen_to_do_badly_is_not_believed() -> None:
    bad = mapper("tall")
    bad = replace(bad, figures={"attributes": [{"word": "tall", "attribute": "fat", "sign": 1, "rho": 0.1}]})
    assert moved(bad, "fat") == {}
    assert moved(bad, "a giant") == pytest.approx({"tall": 0.84})


@pytest.mark.parametrize(
    "rows",
    [
        *(None, 3, "tall", {}, [3, None, "x"], [{}], [{"word": 3, "attribute": "fat"}]),
        *([{"word": "tall", "attribute": ["fat"]}], [{"word": "tall", "attribute": "fat", "rho": "high"}]),
        [{"word": "tall", "attribute": "fat", "sign": None}],
    ],
)
def test_figures_that_are_something_else_are_left_out(rows: object) -> None:
    odd = replace(mapper("tall"), figures={"attributes": rows})
    assert moved(odd, "tall") == pytest.approx({"tall": 0.7})


def test_each_layer_takes_what_it_knows() -> None:
    names = {"": "anny-body-neutral", "face": "anny-face-shape", "expression": "anny-face-expression"}
    mappers = {layer: load_mapper(name) for layer, name in names.items()}
    said = describe_layers(mappers, "a tall, smiling man with a long neck, a big belly, a dapper hat and thick lips")
    words = {
        layer: {mappers[layer].descriptors[i]: value for i, value in one.sliders.items()} for layer, one in said.items()
    }
    assert words[""] == pytest.approx({"tall": 0.7, "feminine": -0.7, "fat": 0.42})
    assert words["face"] == pytest.approx({"long neck": 0.7})
    assert words["expression"] == pytest.approx({"smiling": 0.7})
    for one in said.values():
        assert one.unknown == ("dapper",)
        assert one.without == ("hat", "thick lips")


def test_a_face_does_not_stand_in_for_what_the_body_shows() -> None:
    body, face = load_mapper("anny-body-neutral"), load_mapper("anny-face-shape")
    assert moved(face, "skinny") == pytest.approx({"fat": -0.56})
    for text in ("skinny", "fat"):
        assert describe_layers({"": body, "face": face}, text)["face"].sliders == {}
    assert describe_layers({"": body, "face": face}, "a fat face")["face"].sliders == pytest.approx({0: 0.7})


def test_wrong_numbers_of_sliders_are_refused() -> None:
    for now in ([0.0], [float("nan")] * 8, [[0.0] * 3]):
        with pytest.raises(SemantifyError, match="one number for each of the 8 sliders"):
            describe(load_mapper("anny-body-neutral"), "tall", now)
