"""Skin weights for clothes and teeth: what the nearest spot of the body's surface has."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from scripts.anny.skin_weights import nearest_on_surface, weights_beside
from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import Rig


def test_points_off_the_skin_get_what_is_under_them() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    rng = np.random.default_rng(0)
    chosen = model.triangles[rng.integers(len(model.triangles), size=200)]
    shares = rng.dirichlet([1, 1, 1], 200)
    corners = model.template[chosen].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    on_skin = np.einsum("pc,pcx->px", shares, corners)
    # a tenth of a millimetre, so that no other spot is nearer
    points = on_skin + 1e-4 * normal / np.maximum(np.linalg.norm(normal, axis=1), 1e-12)[:, None]
    found = weights_beside(model, points)
    dense = np.zeros((200, len(rig.names)))
    np.put_along_axis(dense, found["rig_index"].astype(int), found["rig_weights"].astype(float), 1)
    wanted = np.einsum("pc,pcj->pj", shares, rig.weights[chosen])
    assert np.quantile(np.abs(dense - wanted).max(1), 0.97) < 0.02
    np.testing.assert_allclose(dense.sum(1), 1, atol=2e-3)


def test_teeth_hang_on_the_head_alone() -> None:
    model = load_model("anny-body-neutral")
    found = weights_beside(model, model.template[:5], "head")
    names = Rig.of(model).names
    for index, values in zip(found["rig_index"], found["rig_weights"], strict=True):
        assert names[index[values.argmax()]] == "head"
        assert values.max() == 1


def test_the_nearest_spot_may_be_inside_on_an_edge_or_at_a_corner() -> None:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    points = np.array([[0.25, 0.25, 2.0], [0.5, -1.0, 0.0], [3.0, -1.0, 1.0]])
    corners, shares = nearest_on_surface(vertices, np.array([[0, 1, 2]]), points)
    spots = np.einsum("pc,pcx->px", shares, vertices[corners])
    np.testing.assert_allclose(spots, [[0.25, 0.25, 0], [0.5, 0, 0], [1, 0, 0]], atol=1e-12)
