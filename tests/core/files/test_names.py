"""Names out of files never lead anywhere: they are plain, or refused."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.families.source import Source
from semantify_blender.core.files.json_text import read_json
from semantify_blender.core.files.names import is_plain, plain_name
from semantify_blender.core.files.npy import load_npy
from semantify_blender.core.files.npz import save_npz
from semantify_blender.core.files.writing import read_bytes
from semantify_blender.core.library import load_mapper
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import SCHEMA, MorphableModel
from tests.core.model.test_morphable_model import valid
from tests.synthetic import synthetic_mapper, synthetic_model

BAD = (
    "",
    "..",
    "../../x",
    "/abs/x",
    "a/b",
    "a\\b",
    "C:x",
    " x",
    "x.",
    ".x",
    "a\nb",
    "a\0b",
    "nul",
    "COM1.txt",
    "x" * 121,
)


@pytest.mark.parametrize("name", BAD)
def test_a_model_whose_name_is_a_path_is_refused(tmp_path: Path, name: str) -> None:
    assert not is_plain(name)
    path = tmp_path / "x.model.npz"
    save_npz(path, SCHEMA, valid(), {"name": name})
    with pytest.raises(FileFormatError) as caught:
        MorphableModel.load(path)
    assert caught.value.field == "metadata.name"


@pytest.mark.parametrize("name", BAD)
def test_so_is_a_mapper_whose_models_name_is(tmp_path: Path, name: str) -> None:
    mapper = dataclasses.replace(synthetic_mapper(synthetic_model()), model_name=name)
    mapper.save(tmp_path / "x.mapper.npz")
    with pytest.raises(FileFormatError) as caught:
        Mapper.load(tmp_path / "x.mapper.npz")
    assert caught.value.field == "metadata.model_name"


def test_any_text_becomes_a_plain_name() -> None:
    for name in BAD:
        assert is_plain(plain_name(name))
    assert plain_name("Head:LOD0") == "Head_LOD0"
    assert plain_name("Körper 2") == "Körper 2"
    assert plain_name("../../x") == "_.._x"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": np.full((4, 3), 1e30, np.float32)}, "template"),
        ({"basis": np.full((2, 4, 3), 1e300)}, "basis"),
        ({"standard_deviations": np.full(2, -1.0)}, "standard_deviations"),
        ({"ranges": np.array([[0, 1e-40], [0, 1]], np.float64)}, "ranges"),
        ({"corner_vertices": np.array([0, 1, 2, 2**32 + 1])}, "corner_vertices"),
        ({"face_offsets": np.array([0, 2**32, 4])}, "face_offsets"),
        ({"region_names": np.array(["a", "a"]), "region_faces": np.ones((2, 1), bool)}, "region_names"),
        ({"region_names": np.array(["a"])}, "region_faces"),
        ({"extra/landmark/x": np.array([4])}, "extra/landmark/x"),
        ({"extra/span/x/axis": np.ones(3)}, "extra/span/x/a"),
        ({"extra/girth/x/edges": np.zeros((3, 2), int)}, "extra/girth/x/weights"),
        ({"extra/trait/x": np.ones(3)}, "extra/trait/x"),
        ({"extra/action/x": np.array(["a", "b"])}, "extra/action/x"),
        ({"extra/rig/names": np.array(["a"])}, "extra/rig"),
        ({"extra/texture": np.zeros(9, np.uint8)}, "extra/texture"),
        ({"extra/twins": np.array([1, 1])}, "extra/twins"),
        ({"extra/separation/x/upper": np.array([9])}, "extra/separation"),
        ({"extra/separation/x/upper": np.array([True]), "extra/separation/x/lower": np.array([1])}, "extra/separation"),
        ({"extra/other": np.array([np.inf])}, "extra/other"),
        ({"metadata": {"framing": []}}, "metadata.framing"),
        ({"metadata": {"framing": {"height": -1}}}, "metadata.framing"),
        ({"metadata": {"views": ["nowhere"]}}, "metadata.views"),
        ({"metadata": {"family": ["x"]}}, "metadata.family"),
        ({"metadata": {"region_colours": {"a": [1, 2]}}}, "metadata.region_colours.a"),
    ],
)
def test_what_would_break_later_is_refused_at_once(tmp_path: Path, change: dict, field: str) -> None:
    shape = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [0, 0, 1]], np.float32)
    arrays = valid() | {"template": shape} | {key: value for key, value in change.items() if key != "metadata"}
    path = tmp_path / "bad.model.npz"
    save_npz(path, SCHEMA, arrays, {"name": "bad", **change.get("metadata", {})})
    with pytest.raises(FileFormatError) as caught:
        MorphableModel.load(path)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["a" * 5000, "a\0b", "\ud800", "a" * 300 + "/b", ""])
def test_a_name_that_no_file_can_have_is_one_sentence(name: str) -> None:
    for load in (MorphableModel.load, Mapper.load, load_npy, Source, load_mapper, read_bytes):
        with pytest.raises(SemantifyError) as caught:
            load(name)
        assert str(caught.value).isprintable()
    with pytest.raises(SemantifyError):
        read_json(name, "make it")
