"""Figures on mappers whose answers can be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.measurements import height
from semantify_blender.training.evaluation import quality as e
from semantify_blender.training.evaluation import sweeps
from tests.synthetic import linear_mapper, synthetic_model


@pytest.fixture
def straight(model):
    """Slider 0 is coefficient 0, slider 1 is coefficient 1."""
    return linear_mapper(model, np.eye(model.component_count, 2))


def test_coverage_and_overlap_by_hand():
    delta = np.array([[1, 0.5, 0.1, 0, 0], [0.2, 1, 0.31, 0, 0]], np.float32)
    figures = e.coverage(delta)
    assert figures["coverage"] == pytest.approx(3 / 5)
    assert figures["overlap"] == pytest.approx(1 - 3 / 4)
    assert figures["per_descriptor"] == pytest.approx([2 / 5, 2 / 5])
    np.testing.assert_allclose(figures["iou"], [[1, 1 / 3], [1 / 3, 1]])
    assert e.coverage(delta, threshold=0.9)["overlap"] == 0
    assert e.coverage(delta, threshold=2)["coverage"] == 0


def test_fit_figures_of_a_mapper_that_knows_two_of_four(model, straight):
    xi = np.random.default_rng(0).uniform(-2, 2, (80, 4)).astype(np.float32)
    figures = e.fit_figures(straight, model, 20 + xi[:, :2], xi)
    assert figures["r2"][:2] == pytest.approx([1, 1])
    assert max(figures["r2"][2:]) <= 0.01
    left = np.concatenate([np.zeros((80, 2), np.float32), xi[:, 2:]], 1)
    expected = np.linalg.norm(model.vertices(left) - model.template, axis=-1).mean() * 1000
    assert figures["vertex_mm"] == pytest.approx(expected, rel=1e-4)
    assert figures["mean_shape_mm"] > figures["vertex_mm"]


def test_sliders_that_can_make_any_shape_reach_every_shape():
    two = synthetic_model(components=2)
    figures = e.reach_figures(linear_mapper(two, np.eye(2)), two, count=10, steps=400)
    assert figures["sliders_mm"] < 0.02 * figures["mean_shape_mm"]
    assert figures["raw_sliders_mm"] == pytest.approx(0, abs=1e-6)
    assert figures["best_components_mm"] == pytest.approx(0, abs=1e-6)


def test_reach_respects_the_sliders_ranges(model):
    narrow = linear_mapper(model, np.eye(model.component_count, 2), half=0.1)
    targets = np.zeros((3, model.component_count), np.float32)
    targets[:, 0] = 2
    scores = e.optimise_scores(narrow, model, targets)
    assert (scores <= narrow.high + 1e-5).all()
    assert scores[:, 0] == pytest.approx([20.1] * 3, abs=0.01)


def test_extremes_see_random_settings_worse_than_any_sweep(model):
    matrix = np.zeros((model.component_count, 2))
    matrix[0] = [1, 1]
    figures = e.extremes(linear_mapper(model, matrix))
    assert figures["largest_sweep"] == pytest.approx(2)
    assert 3 < figures["largest_random"] <= 4


def test_a_mapper_of_another_model_is_refused(straight):
    with pytest.raises(SemantifyError, match="trained for model"):
        e.reach_figures(straight, synthetic_model(seed=4))


def test_sweeps_move_one_slider_each(straight):
    scores = e.sweep_scores(straight, 5)
    assert scores.shape == (2, 5, 2)
    np.testing.assert_allclose(scores[1, :, 1], [18, 19, 20, 21, 22])
    np.testing.assert_allclose(scores[1, :, 0], 20)


def test_slider_figures_by_hand(straight):
    """Slider 0 reaches its whole range and drags the other along by a quarter; slider 1 goes half way, backwards."""
    asked = e.sweep_scores(straight, 9)
    got = np.full_like(asked, 20)
    got[0, :, 0] = asked[0, :, 0]
    got[0, :, 1] = 20 + 0.25 * (asked[0, :, 0] - 20)
    got[1, :, 1] = 20 - 0.5 * (asked[1, :, 1] - 20)
    figures = sweeps.slider_figures(straight, sweeps.Sweeps(asked, got, straight.coefficients(asked)))
    assert figures["rho"] == pytest.approx([1, -1])
    assert figures["reach"] == pytest.approx([1, -0.5], abs=1e-4)
    np.testing.assert_allclose(figures["cross_talk"], [[0, 0.25], [0, 0]], atol=1e-5)
    assert figures["cross_talk_mean"] == pytest.approx(0.125)
    assert figures["cross_talk_max"] == pytest.approx(0.25)
    assert figures["largest_coefficient"] == pytest.approx(2)


def test_reach_is_not_fooled_by_one_noisy_picture(straight):
    asked = e.sweep_scores(straight, 21)
    got = np.full_like(asked, 20)
    got[0, -1, 0] = 24
    figures = sweeps.slider_figures(straight, sweeps.Sweeps(asked, got, straight.coefficients(asked)))
    assert figures["reach"][0] < 0.5


def test_the_measured_attribute_of_a_word_is_checked(model, straight):
    """Component 0 of the synthetic model stretches it, so "tall" must raise the measured height, "short" lower it."""
    assert sweeps.attribute_figures(straight, model, np.zeros((5, 4))) == []  # of no known family
    model = replace(model, metadata={**model.metadata, "family": "body"})
    xi = np.random.default_rng(0).uniform(-2, 2, (200, 4)).astype(np.float32)
    (entry,) = sweeps.attribute_figures(straight, model, xi)
    assert (entry["word"], entry["attribute"]) == ("tall", "height")
    assert entry["rho"] == pytest.approx(1)
    heights = height(model.vertices(xi))
    low, high = np.percentile(heights, [5, 95])
    ends = height(model.vertices(np.array([[-2, 0, 0, 0], [2, 0, 0, 0]], np.float32)))
    assert entry["covered"] == pytest.approx((ends[1] - ends[0]) / (high - low), rel=1e-4)
    backwards = replace(straight, descriptors=("short", "fat"))
    (entry,) = sweeps.attribute_figures(backwards, model, xi)
    assert entry["rho"] == pytest.approx(-1)
    assert entry["covered"] < -1
