"""MorphableModel: the linear formula, its file, and one clear sentence for each bad file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files.npz import save_npz
from semantify_blender.core.model.morphable_model import SCHEMA, MorphableModel
from tests.synthetic import synthetic_model


def test_vertices_are_template_plus_weighted_basis() -> None:
    model = synthetic_model()
    coefficients = np.array([[0.5, -1.0, 0.0, 2.0], [0.0, 0.0, 0.0, 0.0]])
    expected = model.template + np.einsum("nk,kvc->nvc", coefficients, model.basis)
    assert np.abs(model.vertices(coefficients) - expected).max() < 1e-6
    assert np.array_equal(model.vertices(coefficients[1]), model.template)


def test_missing_coefficients_are_zero_and_surplus_ones_refused() -> None:
    model = synthetic_model()
    assert np.array_equal(model.vertices(np.array([1.5])), model.vertices(np.array([1.5, 0, 0, 0])))
    with pytest.raises(SemantifyError, match=r"has 4 components but 5"):
        model.vertices(np.zeros(5))


def test_triangles_cover_the_faces_with_the_same_area() -> None:
    model = synthetic_model()
    assert len(model.triangles) == (np.diff(model.face_offsets) - 2).sum()
    corners = model.template[model.triangles].astype(float)
    volume = np.einsum("ti,ti->t", np.cross(corners[:, 0], corners[:, 1]), corners[:, 2]).sum() / 6
    assert 0.02 < volume < 0.5  # closed and consistently wound, else the signed sum would not be a body's volume


def test_the_later_region_wins() -> None:
    model = synthetic_model()
    names = list(model.regions)
    both = model.regions["skin"] & model.regions["hair"]
    assert both.any()
    assert (model.face_regions[both] == names.index("hair")).all()


def test_saving_and_loading_keeps_everything(tmp_path: Path) -> None:
    model = synthetic_model()
    model.extra["trait/test"] = np.arange(15.0)
    model.save(tmp_path / "a.model.npz")
    again = MorphableModel.load(tmp_path / "a.model.npz")
    assert again.checksum == model.checksum
    assert np.array_equal(again.template, model.template)
    assert np.array_equal(again.basis, model.basis)
    assert np.array_equal(again.corner_vertices, model.corner_vertices)
    assert np.array_equal(again.face_offsets, model.face_offsets)
    assert np.array_equal(again.extra["trait/test"], np.arange(15.0))
    assert again.uv is not None
    assert np.abs(again.uv - model.uv).max() < 1e-3
    assert all(np.array_equal(again.regions[name], mask) for name, mask in model.regions.items())
    assert again.metadata["licence"] == "CC0-1.0"


def test_checksum_follows_the_shape() -> None:
    model, other = synthetic_model(), synthetic_model(seed=1)
    assert model.checksum != other.checksum
    assert model.checksum == synthetic_model().checksum


def valid() -> dict[str, np.ndarray]:
    return {
        "template": np.zeros((4, 3), np.float32),
        "basis": np.ones((2, 4, 3), np.float16),
        "standard_deviations": np.ones(2, np.float32),
        "corner_vertices": np.array([0, 1, 2, 3], np.uint16),
        "face_offsets": np.array([0, 4], np.uint16),
    }


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": None}, "template"),
        ({"template": np.zeros((4, 2), np.float32)}, "template"),
        ({"template": np.full((4, 3), np.nan, np.float32)}, "template"),
        ({"basis": np.ones((2, 5, 3), np.float16)}, "basis"),
        ({"basis": np.ones((2, 4, 3), np.int32)}, "basis"),
        ({"basis": np.ones((0, 4, 3), np.float16), "standard_deviations": np.ones(0, np.float32)}, "basis"),
        ({"standard_deviations": np.ones(3, np.float32)}, "standard_deviations"),
        ({"corner_vertices": np.array([0, 1, 2, 9], np.uint16)}, "corner_vertices"),
        ({"face_offsets": np.array([0, 2, 4], np.uint16)}, "face_offsets"),
        ({"face_offsets": np.array([0, 3], np.uint16)}, "face_offsets"),
        ({"uv": np.zeros((3, 2), np.float32)}, "uv"),
        ({"region_names": np.array(["a"]), "region_faces": np.ones((1, 7), bool)}, "region_faces"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, change: dict, field: str) -> None:
    arrays = {key: value for key, value in (valid() | change).items() if value is not None}
    path = tmp_path / "bad.model.npz"
    save_npz(path, SCHEMA, arrays, {"name": "bad"})
    with pytest.raises(FileFormatError) as caught:
        MorphableModel.load(path)
    assert caught.value.field == field
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_model_needs_a_name(tmp_path: Path) -> None:
    save_npz(tmp_path / "x.model.npz", SCHEMA, valid(), {})
    with pytest.raises(FileFormatError, match=r"metadata\.name"):
        MorphableModel.load(tmp_path / "x.model.npz")


def test_a_float32_model_keeps_its_precision_and_its_checksum(tmp_path: Path) -> None:
    rough = synthetic_model()
    basis = rough.basis + np.float32(1e-6)
    fine = replace(rough, basis=basis, precision="float32")
    assert fine.checksum != replace(rough, basis=basis).checksum
    for model in (fine, replace(rough, basis=basis)):
        model.save(tmp_path / "a.model.npz")
        again = MorphableModel.load(tmp_path / "a.model.npz")
        assert (again.checksum, again.precision) == (model.checksum, model.precision)
        assert np.array_equal(again.basis, basis) == (model.precision == "float32")
