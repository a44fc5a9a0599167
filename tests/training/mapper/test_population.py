"""Training for a model with a population: the same bound in torch, and no slider setting leaves it."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import sample_shape
from semantify_blender.training.evaluation.quality import extremes
from semantify_blender.training.mapper.network import Held
from semantify_blender.training.mapper.recipe import Recipe, recipe_for
from semantify_blender.training.mapper.torch_mapper import TorchMapper
from semantify_blender.training.mapper.train import train_mapper
from tests.synthetic import crowd, synthetic_model

WORDS = ("tall", "fat", "muscular")
QUICK = Recipe(hidden=(48, 48), epochs=25, batch=64, patience=None)


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return replace(synthetic_model(components=8), population=crowd(8, 1500).members)


@pytest.fixture(scope="module")
def fitted(model: MorphableModel) -> Mapper:
    return fit(model, QUICK)


def fit(model: MorphableModel, recipe: Recipe) -> Mapper:
    """Train on scores of three directions, of which two nearly agree."""
    xi = np.stack([sample_shape(model, "population", 0, i, 2.0) for i in range(800)])
    directions = np.zeros((8, 3))
    directions[0, 0], directions[1, 1], directions[:3, 2] = 0.5, 0.5, (0.1, 0.45, 0.2)
    noise = np.random.default_rng(0).normal(0, 0.02, (len(xi), 3))
    return train_mapper(20 + xi @ directions + noise, xi, WORDS, model, recipe).mapper


def test_held_is_the_same_in_torch(model: MorphableModel) -> None:
    inside = model.people.inside
    values = np.random.default_rng(0).normal(0, 3, (300, 8)).astype(np.float32) * np.geomspace(0.01, 50, 300)[:, None]
    values = np.concatenate([values, inside.mean[None]]).astype(np.float32)
    asked = torch.as_tensor(values).requires_grad_()
    found = Held(inside)(asked)
    np.testing.assert_allclose(found.detach().numpy(), inside.held(values), rtol=1e-4, atol=1e-4)
    found.sum().backward()
    assert torch.isfinite(asked.grad).all()


def test_every_corner_of_the_sliders_is_inside(model: MorphableModel, fitted: Mapper) -> None:
    inside = model.people.inside
    for reach in (1.0, fitted.reach):
        corners = reach * np.array(list(itertools.product((-1, 1), repeat=3)))
        settings = np.concatenate([corners, np.random.default_rng(0).uniform(-reach, reach, (1000, 3))])
        distances = inside.distance(fitted.coefficients(fitted.scores_from_sliders(settings)))
        assert distances.max() <= inside.radius * (1 + 1e-5)


def test_evaluation_tells_how_far_out_the_corners_are(fitted: Mapper) -> None:
    figures = extremes(fitted)["inside"]
    assert figures["corners"] == 8
    assert 0 < figures["largest_corner"] <= figures["largest_far_corner"] <= figures["radius"] * (1 + 1e-5)
    assert figures["largest_random"] <= figures["radius"] * (1 + 1e-5)


def test_sliders_still_do_what_they_say(fitted: Mapper) -> None:
    low, high = (fitted.coefficients(fitted.scores_from_sliders(sign * np.eye(3)[0])) for sign in (-1, 1))
    assert high[0] - low[0] > 2.5


def test_torch_mapper_agrees(fitted: Mapper) -> None:
    scores = np.random.default_rng(0).uniform(fitted.low, fitted.high, (50, 3)).astype(np.float32)
    np.testing.assert_allclose(
        TorchMapper(fitted)(torch.as_tensor(scores)).numpy(), fitted.coefficients(scores), atol=1e-4
    )


def test_the_bound_is_the_populations_and_the_papers_recipe_has_none(model: MorphableModel, fitted: Mapper) -> None:
    assert fitted.bound == pytest.approx(model.people.largest)
    paper = fit(model, replace(recipe_for(model, "paper"), hidden=(8,), epochs=2))
    assert (paper.inside, paper.bound) == (None, None)
    with pytest.raises(SemantifyError, match="has a population"):
        recipe_for(model, bound=2.0)
    assert recipe_for(synthetic_model(), bound=2.0).bound == 2.0
