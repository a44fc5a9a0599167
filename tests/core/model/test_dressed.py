"""Parts of a model: their file, what is worn, and the mesh of a body with its clothes on."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files.npz import load_npz, save_npz
from semantify_blender.core.model.clothes import Clothes
from semantify_blender.core.model.morphable_model import SCHEMA, MorphableModel
from semantify_blender.core.model.posing import Rig
from tests.synthetic import dressed_model, synthetic_model


def test_parts_and_paint_come_back_from_the_file(tmp_path: Path) -> None:
    model = dressed_model()
    model.save(tmp_path / "a.model.npz")
    again = MorphableModel.load(tmp_path / "a.model.npz")
    assert list(again.parts) == ["shorts", "shirt", "tongue"]
    for name, part in model.parts.items():
        for field in ("template", "basis", "corner_vertices", "face_offsets", "covers", "rig_index"):
            expected, found = getattr(part, field), getattr(again.parts[name], field)
            assert (found is None) == (expected is None)
            assert expected is None or np.array_equal(found, expected)
        assert again.parts[name].region == part.region
    assert np.array_equal(again.paint["hair"], model.paint["hair"])
    assert Clothes.of(again.metadata).names == ("bare", "day")


def test_the_body_itself_knows_nothing_of_its_parts(tmp_path: Path) -> None:
    plain, model = synthetic_model(), dressed_model()
    assert model.checksum == plain.checksum
    assert np.array_equal(model.vertices(np.ones(4)), plain.vertices(np.ones(4)))
    plain.save(tmp_path / "plain.model.npz")
    arrays, _ = load_npz(tmp_path / "plain.model.npz", SCHEMA, {})
    assert not [name for name in arrays if name.startswith(("part", "paint"))]


@pytest.mark.parametrize(("outfit", "worn"), [(None, [0, 1, 2]), ("day", [0, 1, 2]), ("bare", [2])])
def test_an_outfit_shows_its_parts_and_leaves_out_what_they_cover(outfit: str | None, worn: list[int]) -> None:
    model = dressed_model()
    dressed = model.dressed(outfit)
    parts = [list(model.parts.values())[number] for number in worn]
    hidden = np.any([part.covers for part in parts if part.covers is not None], axis=0) & np.ones(
        model.face_count, bool
    )
    assert dressed.model.face_count == (~hidden).sum() + sum(part.face_count for part in parts)
    assert sorted(set(dressed.face_parts.tolist())) == [-1, *worn]
    assert len(np.unique(dressed.model.corner_vertices)) == dressed.model.vertex_count == len(dressed.rows)
    assert not dressed.model.parts
    shown = dressed.model.regions["top"] if 1 in worn else np.zeros(0, bool)
    assert shown.sum() == (parts[1].face_count if 1 in worn else 0)
    body = dressed.face_parts < 0
    assert np.array_equal(dressed.model.regions["skin"], body)


def test_rows_say_where_each_vertex_comes_from_in_every_outfit() -> None:
    model = dressed_model()
    coefficients = np.array([0.5, -1.0, 1.5, 0.2])
    whole = np.concatenate([model.vertices(coefficients), *(
        part.template + np.tensordot(coefficients, part.basis, 1) for part in model.parts.values()
    )])  # fmt: skip
    for outfit in ("bare", "day"):
        dressed = model.dressed(outfit)
        assert dressed.rows.dtype == np.int32
        assert np.abs(dressed.model.vertices(coefficients) - whole[dressed.rows]).max() < 1e-6
    # the faces of a part are the same faces: corner by corner the same rows
    dressed, number = model.dressed("day"), 1
    corners = np.repeat(dressed.face_parts == number, np.diff(dressed.model.face_offsets))
    begin = model.vertex_count + model.parts["shorts"].vertex_count
    expected = begin + model.parts["shirt"].corner_vertices
    assert np.array_equal(dressed.rows[dressed.model.corner_vertices[corners]], expected)


def test_a_rig_moves_the_clothes_too() -> None:
    model = dressed_model()
    assert model.uv is not None
    dressed = model.dressed("day").model
    rig = Rig.of(dressed)
    assert rig is not None
    assert rig.weights.shape == (dressed.vertex_count, 2)
    assert np.abs(rig.weights.sum(1) - 1).max() < 1e-6
    assert dressed.uv is not None
    assert dressed.uv.shape == (len(dressed.corner_vertices), 2)


def test_a_model_without_parts_is_its_own_dressed_self() -> None:
    model = synthetic_model()
    dressed = model.dressed()
    assert dressed.model is model
    assert np.array_equal(dressed.rows, np.arange(model.vertex_count))


def test_an_outfit_that_is_not_there_is_refused_with_the_choice() -> None:
    with pytest.raises(SemantifyError, match=r"no outfit 'tuxedo'; choose from bare, day"):
        dressed_model().dressed("tuxedo")
    with pytest.raises(SemantifyError, match="none to choose from"):
        synthetic_model().dressed("day")


def test_without_outfits_all_parts_are_on() -> None:
    model = dressed_model()
    model = replace(model, metadata={key: value for key, value in model.metadata.items() if key != "clothes"})
    assert set(model.dressed().face_parts.tolist()) == {-1, 0, 1, 2}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda a, m: a.update({"part/shirt/basis": a["part/shirt/basis"][:3]}), "part/shirt/basis"),
        (lambda a, m: a.pop("part/shirt/template"), "part/shirt/template"),
        (lambda a, m: a["part/shirt/corner_vertices"].__setitem__(0, 9999), "part/shirt/corner_vertices"),
        (lambda a, m: a["part/shirt/face_offsets"].__setitem__(1, 2), "part/shirt/face_offsets"),
        (lambda a, m: a.update({"part/shirt/covers": a["part/shirt/covers"][1:]}), "part/shirt/covers"),
        (lambda a, m: a.pop("part/shirt/rig_weights"), "part/shirt/rig_weights"),
        (lambda a, m: a["part/shirt/rig_index"].__setitem__(0, 2), "part/shirt/rig_index"),
        (lambda a, m: a.update({"part_names": np.array(["a/b", "shirt", "tongue"])}), "part_names"),
        (lambda a, m: a.update({"part_regions": a["part_regions"][:2]}), "part_regions"),
        (lambda a, m: a.update({"paint/hair": a["paint/hair"][:12, :12]}), "paint/hair"),
        (lambda a, m: a.update({"paint/hair": a["paint/hair"].astype(np.int32)}), "paint/hair"),
        (lambda a, m: a.update({"paint/lips": a["paint/hair"][:8, :8]}), "paint/lips"),
        (lambda a, m: m["clothes"]["outfits"].update(day=["cape"]), "metadata.clothes.outfits.day"),
        (lambda a, m: m["clothes"].update(default="night"), "metadata.clothes.default"),
    ],
)  # fmt: skip
def test_a_bad_part_is_named(tmp_path: Path, change: Callable[[dict, dict], object], field: str) -> None:
    path = tmp_path / "bad.model.npz"
    dressed_model().save(path)
    arrays, metadata = load_npz(path, SCHEMA, {})
    change(arrays, metadata)
    save_npz(path, SCHEMA, arrays, metadata)
    with pytest.raises(FileFormatError) as caught:
        MorphableModel.load(path)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)
