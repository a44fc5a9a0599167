"""Coefficients with ranges in models, samplers, limits and mappers; which shape keys they are; where a model stands."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.framing import Framing
from semantify_blender.core.model.key_set import KeySet, array_checksum
from semantify_blender.core.model.limits import rest_of, settled, smooth_limit
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import SAMPLERS, default_sampler, sample_coefficients
from semantify_blender.core.model.sparse import MOST, check_twins, mirrored_name
from tests.synthetic import crowd, synthetic_mapper, synthetic_model

RANGES = np.array([[0, 1]] * 8 + [[-0.5, 2.0], [0.25, 0.75]], np.float32)
TWINS = np.array([1, 0, 3, 2, 4, 5, 6, 7, 8, 9])
KEYS = KeySet(("smile_L", "smile_R", "jawOpen", "brow"), ("a" * 16, "b" * 16, "c" * 16, "d" * 16), "e" * 16)


@pytest.fixture
def model() -> MorphableModel:
    ranges = np.array([[0, 1], [0, 1], [-1, 1], [0, 0.5]], np.float32)
    synthetic = synthetic_model()
    return dataclasses.replace(synthetic, ranges=ranges, metadata={"family": "shape-keys", **KEYS.metadata()})


@pytest.fixture
def mapper(model: MorphableModel) -> Mapper:
    return dataclasses.replace(synthetic_mapper(model), bound=None, limits=model.ranges, keys=KEYS)


def draw(sampler: str, count: int = 300, components: int | None = None) -> np.ndarray:
    people = crowd(10)
    return np.stack([
        sample_coefficients(sampler, 5, i, 10, 2.0, components, RANGES, TWINS, population=people) for i in range(count)
    ])  # fmt: skip


# models


def test_model_with_ranges_is_saved_and_loaded(tmp_path: Path, model: MorphableModel) -> None:
    model.save(tmp_path / "m.model.npz")
    again = MorphableModel.load(tmp_path / "m.model.npz")
    assert np.array_equal(again.ranges, model.ranges)
    assert KeySet.of(again.metadata) == KEYS
    assert again.checksum == model.checksum


def test_ranges_are_part_of_the_checksum_and_models_without_keep_theirs(model: MorphableModel) -> None:
    wider = dataclasses.replace(model, ranges=model.ranges * 2)
    assert len({model.checksum, wider.checksum, synthetic_model().checksum}) == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ranges": np.array([[0, 1], [0, 1], [1, 1], [0, 1]], np.float32)}, "ranges"),
        ({"ranges": np.zeros((3, 2), np.float32)}, "ranges"),
        ({"ranges": np.array([[0, np.inf]] * 4, np.float32)}, "ranges"),
        ({"metadata": {"shape_keys": ["a", "b"]}}, "metadata.key_checksums"),
        ({"metadata": {**KEYS.metadata(), "shape_keys": ["a", "a", "b", "c"]}}, "metadata.shape_keys"),
        ({"metadata": {**KEYS.metadata(), "shape_keys": "abc"}}, "metadata.shape_keys"),
        ({"metadata": {**KEYS.metadata(), "key_checksums": ["a"] * 3}}, "metadata.key_checksums"),
        ({"metadata": {**KEYS.metadata(), "basis_checksum": 3}}, "metadata.basis_checksum"),
        ({"metadata": KeySet(("a",), ("b",), "c").metadata()}, "metadata.shape_keys"),
    ],
)
def test_a_bad_field_of_a_model_is_named(tmp_path: Path, model: MorphableModel, change: dict, field: str) -> None:
    path = tmp_path / "bad.model.npz"
    dataclasses.replace(model, **change).save(path)
    with pytest.raises(FileFormatError) as caught:
        MorphableModel.load(path)
    assert caught.value.field == field


# sampling


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samples_stay_inside_the_ranges(sampler: str) -> None:
    values = draw(sampler)
    assert (values >= RANGES[:, 0]).all()
    assert (values <= RANGES[:, 1]).all()
    assert (values.max(0) - values.min(0) > 0.5 * np.ptp(RANGES, axis=1)).all()
    few = draw(sampler, 20, components=3)
    assert (few[:, 3:] == rest_of(RANGES)[3:]).all()


def test_uniform_without_ranges_draws_as_it_always_has() -> None:
    expected = np.random.default_rng([3, 7, 0]).uniform(-2.0, 2.0, 10).astype(np.float32)
    np.testing.assert_array_equal(sample_coefficients("uniform", 3, 7, 10, 2.0), expected)


def test_sparse_moves_few_keys_and_twins_mostly_together() -> None:
    values = draw("sparse", 1500)
    moved = values != rest_of(RANGES)
    groups = moved[:, [0, 2, *range(4, 10)]].copy()
    groups[:, :2] |= moved[:, [1, 3]]
    assert groups.sum(1).min() >= 1
    assert groups.sum(1).max() == MOST
    assert groups.mean() == pytest.approx(3.5 / 8, abs=0.03)
    pair = moved[:, 0] | moved[:, 1]
    both = moved[:, 0] & moved[:, 1]
    assert both.sum() / pair.sum() == pytest.approx(0.85, abs=0.04)
    np.testing.assert_array_equal(values[both, 0], values[both, 1])
    alone = pair & ~both
    assert 0.3 < (moved[alone, 0]).mean() < 0.7


def test_sparse_without_ranges_or_twins() -> None:
    values = np.stack([sample_coefficients("sparse", 0, i, 10, 2.0) for i in range(200)])
    assert np.abs(values).max() <= 2
    assert values.min() < -1.5
    assert ((values != 0).sum(1) <= MOST).all()
    assert sample_coefficients("sparse", 0, 0, 1, 2.0).shape == (1,)


def test_sparse_depends_on_seed_and_number_only() -> None:
    forwards = draw("sparse", 12)
    backwards = np.stack([sample_coefficients("sparse", 5, i, 10, 2.0, None, RANGES, TWINS) for i in range(11, -1, -1)])
    np.testing.assert_array_equal(forwards, backwards[::-1])


def test_models_of_shape_keys_are_sampled_sparsely_by_default(model: MorphableModel) -> None:
    assert default_sampler(model) == "sparse"
    assert default_sampler(synthetic_model()) == "uniform"


@pytest.mark.parametrize(
    "twins", [np.array([1, 2, 0]), np.array([0, 1]), np.array([0, 1, 3]), np.array([0.0, 1, 2]), np.array([-1, 1, 2])]
)
def test_twins_from_a_file_are_checked(twins: np.ndarray) -> None:
    with pytest.raises(SemantifyError, match="extra/twins"):
        check_twins(twins, 3)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("smile_L", "smile_R"),
        ("Blink.R", "Blink.L"),
        ("eyeBlinkLeft", "eyeBlinkRight"),
        ("mouthUpperUpRight", "mouthUpperUpLeft"),
        ("left-brow-up", "right-brow-up"),
        ("Fcl_EYE_Close_R", "Fcl_EYE_Close_L"),
        ("L_Smile", "R_Smile"),
        ("brow.l", "brow.r"),
        ("eyeL", "eyeR"),
        ("cheekPuff", None),
        ("roll", None),
        ("Leftover", None),
    ],
)
def test_names_of_the_other_side(name: str, other: str | None) -> None:
    assert mirrored_name(name) == other


# limits and mappers


def test_smooth_limit_is_the_identity_inside_never_outside_and_rises() -> None:
    limits = np.array([[0, 1], [-2, 3]], np.float32)
    steps = np.linspace(-1, 2, 301)[:, None] * np.ptp(limits, axis=1) + limits[:, 0]
    limited = smooth_limit(steps.astype(np.float32), limits)
    assert (limited >= limits[:, 0]).all()
    assert (limited <= limits[:, 1]).all()
    assert (np.diff(limited, axis=0) >= 0).all()
    inside = (np.linspace(-1, 2, 301) > 0.25) & (np.linspace(-1, 2, 301) < 0.75)
    assert np.abs(limited - steps)[inside].max() < 1e-3 * 5
    # a quarter of the range beyond an end is as good as at the end
    assert smooth_limit(np.array([-0.25, 4.25], np.float32), limits) == pytest.approx([0, 3], abs=2e-3)
    assert np.isfinite(smooth_limit(np.array([-1e6, 1e6], np.float32), limits)).all()


def test_rest_is_zero_or_the_end_nearest_to_it() -> None:
    assert rest_of(np.array([[0, 1], [-1, 1], [0.25, 0.75], [-3, -2]], np.float32)).tolist() == [0, 0, 0.25, -2]


def test_values_next_to_rest_are_put_at_rest_exactly() -> None:
    limits = np.array([[0, 1], [0.25, 0.75], [-2, 2], [0, 1]], np.float32)
    assert settled(np.array([9e-4, 0.2504, -3e-3, 2e-3], np.float32), limits) == pytest.approx([0, 0.25, 0, 2e-3])
    assert settled(np.array([9e-4], np.float32), limits[:1])[0] == 0


def test_mapper_stays_inside_its_limits(mapper: Mapper) -> None:
    wild = mapper.default + 1000 * np.random.default_rng(0).standard_normal((50, 3)).astype(np.float32)
    values = mapper.coefficients(wild)
    assert (values >= mapper.limits[:, 0]).all()
    assert (values <= mapper.limits[:, 1]).all()
    assert np.ptp(values, axis=0).min() > 0.4


def test_mapper_with_keys_is_saved_and_loaded(tmp_path: Path, mapper: Mapper) -> None:
    mapper.save(tmp_path / "m.mapper.npz")
    again = Mapper.load(tmp_path / "m.mapper.npz")
    assert again.keys == KEYS
    assert np.array_equal(again.limits, mapper.limits)
    scores = np.random.default_rng(1).uniform(mapper.low, mapper.high, (10, 3))
    assert np.abs(again.coefficients(scores) - mapper.coefficients(scores)).max() < 1e-5


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"limits": np.zeros((4, 2), np.float32)}, "limits"),
        ({"limits": np.array([[0, 1]] * 3, np.float32)}, "limits"),
        ({"keys": KeySet(("a",), ("b",), "c")}, "metadata.shape_keys"),
        ({"keys": KeySet(("a", "a", "b", "c"), ("b",) * 4, "c")}, "metadata.shape_keys"),
    ],
)
def test_a_bad_field_of_a_mapper_is_named(tmp_path: Path, mapper: Mapper, change: dict, field: str) -> None:
    path = tmp_path / "bad.mapper.npz"
    dataclasses.replace(mapper, **change).save(path)
    with pytest.raises(FileFormatError) as caught:
        Mapper.load(path)
    assert caught.value.field == field


def test_array_checksum_takes_minus_zero_for_zero_and_sees_small_changes() -> None:
    values = np.array([[0.0, 1.0, 2.0]])
    assert array_checksum(values) == array_checksum(np.array([[-0.0, 1.0, 2.0]], np.float32))
    assert array_checksum(values) != array_checksum(values + 1e-6)


# framing


def test_framing_may_have_a_centre() -> None:
    head = dataclasses.replace(
        synthetic_model(), metadata={"framing": {"height": 0.3, "floor": False, "centre": [0, 0.1, 0.5]}}
    )
    assert head.framing == Framing(0.3, (0.0, 0.1, 0.5), False)


@pytest.mark.parametrize(
    "framing",
    [
        {"centre": [0, 1], "floor": False},
        {"centre": [0, 1, float("nan")], "floor": False},
        {"centre": "here", "floor": False},
        {"height": "tall"},
        {"height": 0},
    ],
)
def test_a_framing_that_shows_nothing_is_refused(framing: dict) -> None:
    with pytest.raises(SemantifyError, match=r"metadata framing\.(centre|height) is"):
        _ = dataclasses.replace(synthetic_model(), metadata={"framing": framing}).framing
