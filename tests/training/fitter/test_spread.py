"""How far sizes are off: the two numbers that make deviations honest, found again from errors of known spread."""

import numpy as np
import pytest

from semantify_blender.core.fitting.known import Known
from semantify_blender.core.fitting.sizes import Size
from semantify_blender.core.library import load_model
from semantify_blender.core.model.gradients import measurements_of
from semantify_blender.training.fitter.image_to_shape import errors
from semantify_blender.training.fitter.spread import SHARE, Errors, sizes_measured, spread_of, true_sizes


@pytest.mark.parametrize(("factor", "least"), [(1.0, 0.0), (1.5, 0.0), (0.7, 0.05), (1.2, 0.03)])
def test_factor_and_least_are_found_again(factor: float, least: float) -> None:
    rng = np.random.default_rng(0)
    told = rng.uniform(0.01, 0.12, 4000)
    true = np.hypot(factor * told, least)
    found = spread_of(true * rng.standard_normal(4000), told)
    ratio = np.hypot(found[0] * told, found[1]) / true
    assert ratio.mean() == pytest.approx(1, abs=0.05)
    assert ratio.std() < 0.1


def test_what_the_covariance_says_always_counts() -> None:
    rng = np.random.default_rng(0)
    told = rng.uniform(0.01, 0.1, 2000)
    factor, least = spread_of(0.08 * rng.standard_normal(2000), told)
    assert factor > 0.5
    assert least > 0.03


@pytest.mark.parametrize("seed", range(5))
def test_the_share_inside_is_kept_with_errors_of_long_tails(seed: int) -> None:
    rng = np.random.default_rng(seed)
    told = rng.uniform(0.5, 2.0, 400)
    off = told * rng.standard_t(3, 400)
    factor, least = spread_of(off, told)
    assert (np.abs(off) <= np.hypot(factor * told, least)).mean() == pytest.approx(SHARE, abs=0.01)


def test_no_error_at_all_is_no_division_by_zero() -> None:
    assert spread_of(np.zeros(5), np.ones(5)) == pytest.approx((0, 0), abs=0.31)
    assert np.isfinite(spread_of(np.ones(5), np.zeros(5))).all()


def test_what_was_given_is_not_counted() -> None:
    model = load_model("anny-body-neutral")
    measurements, xi = sizes_measured(model), np.full(model.component_count, 0.2)
    truth = true_sizes(model, model.vertices(np.zeros(model.component_count)))
    counted = Errors()
    counted.add(measurements, xi, 0.01 * np.eye(model.component_count), truth, Known(height=truth["height"]))
    assert set(counted.off) == {"weight", "chest", "waist", "hips"}
    assert counted.off["waist"] == [pytest.approx(measurements_of(model)["waist"](xi)[0] - truth["waist"], abs=1e-4)]
    assert set(counted.spread()) == set(counted.off)


def test_the_share_inside_is_part_of_the_errors() -> None:
    model, xi = load_model("anny-body-neutral"), np.zeros(load_model("anny-body-neutral").component_count)
    truth = model.vertices(np.r_[0.5, np.zeros(9)])
    true = true_sizes(model, truth)
    said = {"height": Size(true["height"] + 0.03, 0.04), "waist": Size(true["waist"] - 0.03, 0.02), "hips": Size(1.0)}
    found = errors(model, xi, truth, said | {"weight": Size(true["weight"] + 3, 5.0)})
    assert (found["height inside"], found["waist inside"], found["weight inside"]) == (1, 0, 1)
    assert "hips inside" not in found
    assert found["weight kg"] == pytest.approx(3)
