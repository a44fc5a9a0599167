"""Mapper: forward pass, slider convention, following, and its file."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.mapper import Mapper
from tests.synthetic import crowd, synthetic_mapper, synthetic_model


@pytest.fixture
def mapper() -> Mapper:
    return synthetic_mapper(synthetic_model())


def test_forward_pass_by_hand() -> None:
    model = synthetic_model(components=1)
    mapper = dataclasses.replace(
        synthetic_mapper(model, ("a", "b")),
        score_mean=np.array([1, 2], np.float32),
        score_deviation=np.array([2, 4], np.float32),
        layers=(
            (np.array([[1, 0], [0, -1]], np.float32), np.array([0, 0.5], np.float32)),
            (np.array([[3, 5]], np.float32), np.array([0.25], np.float32)),
        ),
        coefficient_mean=np.array([0.1], np.float32),
        coefficient_scale=np.array([2], np.float32),
        bound=None,
    )
    # standardised (1, 0.75); hidden relu(1), relu(−0.75 + 0.5) = (1, 0); output 3 + 0.25; scaled 2·3.25 + 0.1
    assert mapper.coefficients(np.array([3.0, 5.0])) == pytest.approx([6.6])


def test_bound_limits_every_coefficient(mapper: Mapper) -> None:
    wild = mapper.default + 1000 * np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
    assert np.abs(mapper.coefficients(wild)).max() <= mapper.bound
    assert np.abs(dataclasses.replace(mapper, bound=None).coefficients(wild)).max() > mapper.bound


def test_sliders_reach_low_default_and_high(mapper: Mapper) -> None:
    assert np.allclose(mapper.scores_from_sliders(np.full(3, -1)), mapper.low)
    assert np.allclose(mapper.scores_from_sliders(np.zeros(3)), mapper.default)
    assert np.allclose(mapper.scores_from_sliders(np.full(3, 1)), mapper.high)
    sliders = np.random.default_rng(0).uniform(-1, 1, (20, 3))
    assert np.allclose(mapper.sliders_from_scores(mapper.scores_from_sliders(sliders)), sliders, atol=1e-5)
    assert mapper.sliders_from_scores(mapper.high + 10).tolist() == [1, 1, 1]


def test_free_scores_follow_the_held_ones(mapper: Mapper) -> None:
    deviation = np.array([1.0, 1.0, 1.0], np.float32)
    covariance = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], np.float32)
    mapper = dataclasses.replace(
        mapper, score_covariance=covariance, low=mapper.default - 3 * deviation, high=mapper.default + 3 * deviation
    )
    moved = mapper.default + np.array([1, 0, 0], np.float32)
    followed = mapper.natural_scores(moved, np.array([True, False, False])) - mapper.default
    assert followed == pytest.approx([1, 0.8, 0], abs=0.01)
    assert np.allclose(mapper.natural_scores(moved, np.array([True, True, True])), moved)
    assert np.allclose(mapper.natural_scores(moved, np.array([False] * 3)), moved)


def test_followed_scores_stay_in_range(mapper: Mapper) -> None:
    full = np.full((3, 3), 50.0, np.float32)
    mapper = dataclasses.replace(mapper, score_covariance=full + np.eye(3, dtype=np.float32))
    followed = mapper.natural_scores(np.array([mapper.high[0], *mapper.default[1:]]), np.array([True, False, False]))
    assert (followed <= mapper.high + 1e-5).all()


@pytest.mark.parametrize("variance", [0.0, 3e-43, 1e-30])
def test_a_score_that_hardly_varies_moves_no_other_beyond_its_range(mapper: Mapper, variance: float) -> None:
    mapper = dataclasses.replace(mapper, score_covariance=np.diag(np.array([variance, 1, 1], np.float32)))
    followed = mapper.natural_scores(mapper.high, np.array([True, False, False]))
    assert followed == pytest.approx([mapper.high[0], *mapper.high[1:]])


def test_saving_and_loading_keeps_the_mapping(tmp_path: Path, mapper: Mapper) -> None:
    mapper = dataclasses.replace(mapper, figures={"fit": {"mse": 0.5}}, provenance={"seed": 3})
    mapper.save(tmp_path / "m.mapper.npz")
    again = Mapper.load(tmp_path / "m.mapper.npz")
    scores = np.random.default_rng(1).uniform(mapper.low, mapper.high, (10, 3))
    assert np.abs(again.coefficients(scores) - mapper.coefficients(scores)).max() < 1e-5
    assert again.descriptors == mapper.descriptors
    assert again.bound == mapper.bound
    assert (again.inside, again.reach) == (None, 1.0)
    assert again.figures == {"fit": {"mse": 0.5}}
    assert again.provenance == {"seed": 3}


def test_the_wrong_model_is_refused(mapper: Mapper) -> None:
    mapper.check_model(synthetic_model())
    with pytest.raises(SemantifyError, match="trained for model 'synthetic'"):
        mapper.check_model(synthetic_model(seed=5))


def test_held_by_a_population_it_stays_inside_whatever_the_sliders_say(mapper: Mapper) -> None:
    inside = crowd(4).inside
    free = dataclasses.replace(mapper, bound=None, coefficient_scale=np.full(4, 4, np.float32))
    held = dataclasses.replace(free, inside=inside)
    corners = np.array(list(itertools.product((-1.5, 0.0, 1.5), repeat=3)))
    scores = held.scores_from_sliders(corners)
    assert inside.distance(free.coefficients(scores)).max() > 1.5 * inside.radius
    assert inside.distance(held.coefficients(scores)).max() <= inside.radius * (1 + 1e-5)


def test_sliders_reach_farther_where_a_population_holds_the_shapes(tmp_path: Path, mapper: Mapper) -> None:
    held = dataclasses.replace(mapper, inside=crowd(4).inside)
    assert held.reach == 1.5
    beyond = np.array([1.5, -1.5, 0.3])
    scores = held.scores_from_sliders(beyond)
    assert scores[0] == pytest.approx(held.default[0] + 1.5 * (held.high[0] - held.default[0]), abs=1e-5)
    np.testing.assert_allclose(held.sliders_from_scores(scores), beyond, atol=1e-4)
    assert held.sliders_from_scores(held.high + 50).tolist() == [1.5, 1.5, 1.5]
    held.save(tmp_path / "m.mapper.npz")
    again = Mapper.load(tmp_path / "m.mapper.npz")
    assert again.inside.radius == pytest.approx(held.inside.radius)
    np.testing.assert_array_equal(again.coefficients(scores), held.coefficients(scores))


def test_half_a_population_is_refused(tmp_path: Path, mapper: Mapper) -> None:
    path = tmp_path / "m.mapper.npz"
    dataclasses.replace(mapper, inside=crowd(4).inside).save(path)
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files if name != "inside_radius"}
    np.savez(path, **kept)
    with pytest.raises(FileFormatError, match="inside_radius"):
        Mapper.load(path)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"low": np.array([99, 0, 0], np.float32)}, "default"),
        ({"score_deviation": np.zeros(3, np.float32)}, "score_deviation"),
        ({"score_covariance": np.zeros((2, 2), np.float32)}, "score_covariance"),
        ({"layers": ()}, "layer_count"),
        ({"layers": ((np.ones((4, 7), np.float32), np.zeros(4, np.float32)),)}, "layer0/weight"),
        ({"layers": ((np.ones((9, 3), np.float32), np.zeros(9, np.float32)),)}, "layer_count"),
        ({"layers": ((np.full((4, 3), np.nan, np.float32), np.zeros(4, np.float32)),)}, "layer0/weight"),
        ({"bound": -1.0}, "metadata.bound"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, mapper: Mapper, change: dict, field: str) -> None:
    path = tmp_path / "bad.mapper.npz"
    dataclasses.replace(mapper, **change).save(path)
    with pytest.raises(FileFormatError) as caught:
        Mapper.load(path)
    assert caught.value.field == field
    assert str(path) in str(caught.value)
