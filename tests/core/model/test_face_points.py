"""A model's face points: what they say, and that a file with broken ones is refused by name."""

import dataclasses

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.model.face_points import PREFIX, FacePoints
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.face_model import face_model, points_of
from tests.synthetic import synthetic_model


def test_points_lie_on_the_surface_and_look_outwards():
    model = face_model()
    points = points_of(model)
    at, normals = points.on(model.template), points.normals(model.template)
    assert at.shape == normals.shape == (468, 3)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-6)
    outwards = at / [0.075**2, 0.09**2, 0.11**2]
    assert ((normals * outwards).sum(1) > 0).mean() > 0.95
    corners = model.template[points.vertices]
    assert (at >= corners.min(1) - 1e-6).all()
    assert (at <= corners.max(1) + 1e-6).all()


def test_a_model_without_points_has_none():
    model = synthetic_model()
    assert FacePoints.of(model.name, model.vertex_count, model.component_count, model.extra) is None


def test_points_come_back_from_a_file_and_leave_the_checksum(tmp_path):
    model = face_model()
    model.save(tmp_path / "a.model.npz")
    loaded = MorphableModel.load(tmp_path / "a.model.npz")
    assert loaded.checksum == model.checksum == dataclasses.replace(model, extra={}).checksum
    for name, array in dataclasses.asdict(points_of(model)).items():
        np.testing.assert_array_equal(getattr(points_of(loaded), name), array)


def _changed(array, index, value):
    array = array.copy()
    array[index] = value
    return array


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vertices", lambda a: _changed(a, (3, 1), 60000)),
        ("vertices", lambda a: a.astype(np.float32)),
        ("vertices", lambda a: a[:-1]),
        ("weights", lambda a: 2 * a),
        ("weights", lambda a: _changed(a, 0, [-0.5, 1.0, 0.5])),
        ("weights", lambda a: _changed(a, 0, np.nan)),
        ("rest", lambda a: _changed(a, 0, np.inf)),
        ("rest", lambda a: a[:, :2]),
        ("own_basis", lambda a: a[:-1]),
        ("own_basis", lambda a: a.astype("U5")),
        ("other_ranges", lambda a: a[:-1]),
        ("other_ranges", lambda a: _changed(a, 0, [1.0, 2.0])),
        ("spread", lambda a: np.zeros((201, 468, 3), np.float32)),
        ("spread", lambda a: np.full_like(a, 1e9)),
        ("deviation", lambda a: _changed(a, 5, 0.0)),
        ("deviation", None),
    ],
)
def test_broken_points_are_refused_by_name(tmp_path, name, change):
    model = face_model()
    if change is None:
        del model.extra[PREFIX + name]
    else:
        model.extra[PREFIX + name] = change(model.extra[PREFIX + name])
    model.save(tmp_path / "a.model.npz")
    with pytest.raises(FileFormatError, match=f"a.model.npz: extra/{PREFIX}{name}: "):
        MorphableModel.load(tmp_path / "a.model.npz")
