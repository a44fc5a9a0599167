"""A model's population: its file, what is likely in it, and shapes drawn like its members."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.model.ellipsoid import Ellipsoid
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.population import Population
from tests.synthetic import crowd, synthetic_model

PEOPLE = crowd(6, 3000)
FAR = np.random.default_rng(0).normal(0, 40, (200, 6)).astype(np.float32)


def test_a_model_keeps_its_population_and_its_checksum(tmp_path: Path) -> None:
    plain = synthetic_model()
    model = dataclasses.replace(plain, population=crowd(4).members)
    model.save(tmp_path / "m.model.npz")
    again = MorphableModel.load(tmp_path / "m.model.npz")
    assert again.population.dtype == np.float16
    assert np.array_equal(again.population, model.population)
    assert again.checksum == plain.checksum
    assert again.people.checksum == model.people.checksum != crowd(4, seed=1).checksum


@pytest.mark.parametrize(
    ("members", "problem"),
    [(np.zeros((39, 4)), "39 members"), (np.zeros((400, 3)), "population"), (np.full((400, 4), 2e3), "population")],
)
def test_a_population_that_tells_nothing_is_refused(tmp_path: Path, members: np.ndarray, problem: str) -> None:
    dataclasses.replace(synthetic_model(), population=members).save(tmp_path / "m.model.npz")
    with pytest.raises(FileFormatError, match=problem):
        MorphableModel.load(tmp_path / "m.model.npz")


def test_drawn_shapes_spread_as_the_members_do_and_stay_inside() -> None:
    drawn = np.stack([PEOPLE.draw(np.random.default_rng([0, i])) for i in range(4000)])
    inside = PEOPLE.inside
    assert inside.distance(drawn).max() <= inside.radius
    spread = np.sqrt(np.diag(PEOPLE.covariance))
    assert np.abs(drawn.mean(0) - PEOPLE.mean).max() < 0.06 * spread.max()
    assert np.abs(np.cov(drawn.T) - PEOPLE.covariance).max() < 0.1 * spread.max() ** 2
    nearest = [np.linalg.norm(PEOPLE.members - one, axis=1).min() for one in drawn[:50]]
    assert min(nearest) > 0.01
    assert max(nearest) < 1.5


def test_all_but_one_in_a_thousand_members_are_inside() -> None:
    assert (PEOPLE.inside.distance(PEOPLE.members) > PEOPLE.inside.radius).sum() == 3


def test_a_coefficient_that_no_member_moves_is_allowed() -> None:
    still = PEOPLE.members.copy()
    still[:, 2] = 0
    people = Population(still)
    assert np.isfinite(people.inside.radius)
    assert abs(people.draw(np.random.default_rng(0))[2]) < 0.01


def test_held_is_the_identity_well_inside_and_never_leaves() -> None:
    inside = PEOPLE.inside
    distance = inside.distance(FAR)
    assert (distance > 2 * inside.radius).mean() > 0.9
    assert inside.distance(inside.held(FAR)).max() <= inside.radius * (1 + 1e-5)
    near = inside.mean + (FAR - inside.mean) * (0.7 * inside.radius / distance)[:, None].astype(np.float32)
    np.testing.assert_allclose(inside.held(near), near, rtol=1e-3, atol=1e-3)
    assert np.array_equal(inside.held(inside.mean), inside.mean)
    assert np.isfinite(inside.held(np.full(6, 1e12, np.float32))).all()


def test_held_goes_on_outwards_along_a_ray() -> None:
    inside = PEOPLE.inside
    steps = np.linspace(0, 3, 200)[:, None] * inside.radius / inside.distance(FAR[0])
    distances = inside.distance(inside.held(inside.mean + (FAR[0] - inside.mean) * steps))
    assert (np.diff(distances) > -1e-4).all()
    assert np.abs(np.diff(distances, 2)).max() < 0.02 * inside.radius  # no kink


def test_clipped_leaves_what_is_inside_as_it_is() -> None:
    inside = PEOPLE.inside
    assert np.array_equal(inside.clipped(PEOPLE.members[:5].astype(np.float32)), PEOPLE.members[:5])
    np.testing.assert_allclose(inside.distance(inside.clipped(FAR)), inside.radius, rtol=1e-5)


@pytest.mark.parametrize(
    ("covariance", "radius", "field"),
    [
        (-np.eye(3), 3.0, "inside_covariance"),
        (np.triu(np.ones((3, 3))), 3.0, "inside_covariance"),
        (np.eye(3), 0.0, "inside_radius"),
        (np.eye(3), float("nan"), "inside_radius"),
    ],
)
def test_an_ellipsoid_that_bounds_nothing_is_refused(covariance: np.ndarray, radius: float, field: str) -> None:
    with pytest.raises(FileFormatError, match=field):
        Ellipsoid.load("x.npz", np.zeros(3), covariance, radius)


def test_a_specification_names_the_population_it_draws_from() -> None:
    plain = synthetic_model()
    model = dataclasses.replace(plain, population=crowd(4).members)
    spec = DatasetSpec.of(model, samples=5)
    assert (spec.sampler, spec.coefficients_checksum) == ("population", model.people.checksum)
    assert DatasetSpec.of(model, samples=5, sampler="uniform", components=2).coefficients_checksum is None
    with pytest.raises(SemantifyError, match="leave k out"):
        DatasetSpec.of(model, k=2.0)
    with pytest.raises(SemantifyError, match="has none"):
        DatasetSpec.of(plain, sampler="population")
