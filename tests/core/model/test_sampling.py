"""Random coefficients: limits, distributions, and that sample i depends on (seed, i) only."""

import dataclasses

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.sampling import (
    COEFFICIENTS,
    LOOK,
    POPULATION,
    SAMPLERS,
    default_sampler,
    generator,
    sample_coefficients,
    sample_shape,
)
from tests.synthetic import crowd, synthetic_model

PEOPLE = crowd(10)


def draw(sampler: str, count: int = 400, k: float = 2.0, seed: int = 3) -> np.ndarray:
    return np.stack([drawn(sampler, i, k, seed) for i in range(count)])


def drawn(sampler: str, index: int, k: float = 2.0, seed: int = 3) -> np.ndarray:
    return sample_coefficients(sampler, seed, index, 10, k, population=PEOPLE)


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != POPULATION])
@pytest.mark.parametrize("k", [0.5, 2.0, 4.0])
def test_stays_within_k(sampler: str, k: float) -> None:
    values = draw(sampler, k=k)
    assert values.dtype == np.float32
    assert np.abs(values).max() <= k
    assert values.std() > 0.1 * k


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_sample_depends_on_seed_and_number_only(sampler: str) -> None:
    forwards = draw(sampler, 20)
    backwards = np.stack([drawn(sampler, i) for i in reversed(range(20))])[::-1]
    np.testing.assert_array_equal(forwards, backwards)
    assert len(np.unique(forwards[:, 0])) > 5
    assert not np.array_equal(forwards, draw(sampler, 20, seed=4))


def test_uniform_is_flat_and_normal_is_not() -> None:
    # of a flat distribution a quarter lies beyond ±1.5 of ±2, of a normal one cut at 2 about a tenth
    assert (np.abs(draw("uniform")) > 1.5).mean() == pytest.approx(0.25, abs=0.03)
    assert (np.abs(draw("normal")) > 1.5).mean() == pytest.approx(0.092, abs=0.02)


def test_authors_sampler_leaves_a_quarter_of_the_coefficients_at_the_mean() -> None:
    # each coefficient is multiplied by -2, -1, 0 or 1
    values = draw("authors", 900, k=50.0)
    assert (values == 0).mean() == pytest.approx(1 / 4, abs=0.02)
    assert not (values == 0).all(1).any()
    assert values.var() == pytest.approx((4 + 1 + 0 + 1) / 4, rel=0.1)


def test_authors_sampler_follows_the_family() -> None:
    def family(name: str) -> np.ndarray:
        return np.stack([sample_coefficients("authors", 0, i, 10, 50.0, family=name) for i in range(900)])

    expression, animal = family("flame-expression"), family("smal")
    assert (expression != 0).all()
    assert expression.var() == pytest.approx(1.0, rel=0.1)
    assert animal.min() > -2
    assert animal.max() < 1
    assert (animal == 0).mean() == pytest.approx(1 / 4, abs=0.02)


def test_components_limits_what_is_drawn() -> None:
    few = sample_coefficients("uniform", 0, 5, 10, 2.0, components=3)
    assert (few[:3] != 0).all()
    assert (few[3:] == 0).all()
    assert len(sample_coefficients("uniform", 0, 5, 4, 2.0, components=10)) == 4


def test_population_is_drawn_from_whatever_k_and_its_first_components_alone_when_asked() -> None:
    assert np.array_equal(drawn(POPULATION, 1, k=0.5), drawn(POPULATION, 1, k=3.0))
    few = sample_coefficients(POPULATION, 3, 1, 10, 2.0, components=4, population=PEOPLE)
    assert np.array_equal(few[:4], drawn(POPULATION, 1)[:4])
    assert not few[4:].any()


def test_population_is_the_default_where_a_model_has_one_and_refused_where_it_has_none() -> None:
    plain = synthetic_model()
    peopled = dataclasses.replace(plain, population=crowd(4).members)
    assert default_sampler(peopled) == POPULATION
    assert default_sampler(dataclasses.replace(peopled, metadata={"sampler": "normal"})) == "normal"
    assert default_sampler(dataclasses.replace(plain, metadata={"sampler": POPULATION})) == "uniform"
    with pytest.raises(SemantifyError, match="this one has none"):
        sample_shape(plain, POPULATION, 0, 0, 2.0)
    assert sample_shape(peopled, POPULATION, 0, 0, 2.0).shape == (4,)


def test_streams_are_independent() -> None:
    assert generator(1, 2, COEFFICIENTS).random() != generator(1, 2, LOOK).random()


def test_unknown_sampler_is_named() -> None:
    with pytest.raises(SemantifyError, match=r"'sobol'.*uniform"):
        sample_coefficients("sobol", 0, 0, 10, 2.0)
