"""What is exported can be read: the rules of the files' reader, met at export or told there."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.shape_keys import preflight
from semantify_blender.blender.shape_keys.model import model_of
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.keyed_mesh import keyed_head
from tests.blender.tier import bpy


@pytest.fixture(autouse=True)
def _empty_file() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def written(obj: bpy.types.Object, folder: Path) -> MorphableModel:
    model_of(obj).save(folder / "x.model.npz")
    return MorphableModel.load(folder / "x.model.npz")


def test_names_that_cannot_be_printed_or_are_too_long(tmp_path: Path):
    obj = keyed_head()
    names = ["two\nlines", " ", "\t", "x" * 60, "Skin", "skin"]
    for number, name in enumerate(names):
        obj.data.materials.append(bpy.data.materials.new(name))
        obj.data.polygons[number].material_index = number
    obj.name = "Head\n/../x"
    obj.data.shape_keys.key_blocks["jawOpen"].name = "jaw\topen"
    model = written(obj, tmp_path)
    assert list(model.regions) == ["two_lines", "material 2", "_", "x" * 60, "Skin", "skin"]
    assert model.name == "Head__.._x"
    assert "jaw\topen" in model.metadata["shape_keys"]


def test_more_materials_than_a_model_has_regions(tmp_path: Path):
    obj = keyed_head()
    for number in range(280):
        obj.data.materials.append(bpy.data.materials.new(f"m{number}"))
        obj.data.polygons[number].material_index = number
    model = written(obj, tmp_path)
    assert len(model.regions) == 256
    assert set(model.metadata["region_colours"]) == set(model.regions)


def test_uvs_far_out_and_a_closed_range(tmp_path: Path):
    obj = keyed_head()
    layer = obj.data.uv_layers.new(name="UVMap")
    layer.data[0].uv = (2e4, 0)
    obj.data.shape_keys.key_blocks["brow_L"].slider_max = obj.data.shape_keys.key_blocks["brow_L"].slider_min
    made = model_of(obj)
    assert written(obj, tmp_path).uv is None
    low, high = (getattr(obj.data.shape_keys.key_blocks["brow_L"], end) for end in ("slider_min", "slider_max"))
    assert ("brow_L" in made.left_out) == (high - low < 1e-6)


@pytest.mark.parametrize(
    ("limit", "value", "sentence"),
    [
        ("COMPONENTS", 8, "'Head' has 9 shape keys, and a model at most 8: include or exclude some"),
        ("VERTICES", 100, "'Head' has 262 vertices, and a model at most 100: use a mesh with fewer"),
        ("CORNERS", 1000, "'Head' has 1,080 face corners, and a model at most 1,000"),
    ],
)
def test_too_many_is_told_before_points_are_read(
    limit: str, value: int, sentence: str, monkeypatch: pytest.MonkeyPatch
):
    obj = keyed_head()
    monkeypatch.setattr(preflight, limit, value)
    with pytest.raises(SemantifyError, match=sentence):
        model_of(obj)


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path):
    made = model_of(keyed_head())
    made.model.metadata["framing"]["height"] = 0.0
    path = tmp_path / "x.model.npz"
    path.write_bytes(b"former")
    with pytest.raises(
        SemantifyError, match=r"x\.model\.npz was not written, since it could not be read again: .*height"
    ):
        made.save(path)
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]
    assert np.isfinite(made.model.template).all()
