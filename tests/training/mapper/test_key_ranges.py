"""Training for models with ranges: the same limits in torch, keys at rest by default, few keys moved by a slider."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.key_set import KeySet
from semantify_blender.core.model.limits import smooth_limit
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import sample_shape
from semantify_blender.training.mapper import network
from semantify_blender.training.mapper.recipe import recipe_named
from semantify_blender.training.mapper.torch_mapper import TorchMapper
from semantify_blender.training.mapper.train import train_mapper
from tests.synthetic import synthetic_model

WORDS = ("happy", "surprised")
KEYS = 12


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    names = tuple(f"key {k}" for k in range(KEYS))
    keys = KeySet(names, ("0" * 16,) * KEYS, "1" * 16)
    ranges = np.tile(np.array([0, 1], np.float32), (KEYS, 1))
    return replace(
        synthetic_model(components=KEYS), ranges=ranges, metadata={"family": "shape-keys", **keys.metadata()}
    )


@pytest.fixture(scope="module")
def fitted(model: MorphableModel) -> Mapper:
    return fit(model)


def fit(model: MorphableModel, **changes: float) -> Mapper:
    """Train on scores that two keys each decide."""
    xi = np.stack([sample_shape(model, "sparse", 0, i, 2.0) for i in range(600)])
    noise = np.random.default_rng(0).normal(0, 0.03, (len(xi), 2))
    scores = 20 + np.stack([xi[:, 0] + 0.5 * xi[:, 1], xi[:, 4] + 0.5 * xi[:, 5]], 1) + noise
    recipe = recipe_named("default", hidden=(48, 48), epochs=40, **changes)
    return train_mapper(scores, xi, WORDS, model, recipe).mapper


def test_limits_are_the_same_in_torch() -> None:
    limits = np.array([[0, 1], [-2, 3], [0.25, 0.75]], np.float32)
    values = np.random.default_rng(0).normal(0, 3, (200, 3)).astype(np.float32)
    in_torch = network.smooth_limit(torch.as_tensor(values), torch.as_tensor(limits)).numpy()
    np.testing.assert_allclose(in_torch, smooth_limit(values, limits), atol=1e-5)


def test_torch_mapper_agrees(fitted: Mapper) -> None:
    scores = np.random.default_rng(0).uniform(fitted.low, fitted.high, (50, 2)).astype(np.float32)
    np.testing.assert_allclose(
        TorchMapper(fitted)(torch.as_tensor(scores)).numpy(), fitted.coefficients(scores), atol=1e-5
    )


def test_the_mapper_knows_keys_and_limits(fitted: Mapper, model: MorphableModel) -> None:
    assert fitted.keys == KeySet.of(model.metadata)
    assert np.array_equal(fitted.limits, model.ranges)
    assert fitted.bound is None


def test_keys_rest_when_all_sliders_do(fitted: Mapper) -> None:
    assert fitted.coefficients(fitted.default).max() < 0.05


def test_a_slider_moves_its_keys_and_few_others(model: MorphableModel) -> None:
    def others(mapper: Mapper) -> float:
        high = mapper.coefficients(np.where(np.eye(2, dtype=bool), mapper.high, mapper.default))
        assert high[0, 0] > 0.5
        assert high[1, 4] > 0.5
        return float(np.delete(high[0], [0, 1]).sum() + np.delete(high[1], [4, 5]).sum())

    assert others(fit(model, quiet=0.3)) < 0.6 * others(fit(model, quiet=0.0))


def test_default_scores_are_those_of_the_shape_at_rest(fitted: Mapper) -> None:
    # resting keys score 20, well below the median of the samples
    assert fitted.default == pytest.approx([20, 20], abs=0.12)
    assert (fitted.low < fitted.default).all()


def test_a_key_that_no_sample_moves_stays(model: MorphableModel) -> None:
    xi = np.stack([sample_shape(model, "sparse", 0, i, 2.0) for i in range(80)])
    xi[:, 7] = 0.0
    scores = 20 + xi[:, :2] + np.random.default_rng(0).normal(0, 0.05, (len(xi), 2))
    done = train_mapper(scores, xi, WORDS, model, recipe_named("default", hidden=(16,), epochs=4))
    assert np.isfinite(done.history).all()
    assert np.isfinite(done.mapper.coefficients(done.mapper.high)).all()
