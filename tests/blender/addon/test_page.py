"""A character shared as a page: what the file opens with is what the character looks like."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender.addon_helpers import add, load, set_slider
from tests.blender.layer_helpers import person, save_heads
from tests.blender.tier import bpy
from tests.core.page.page_reader import header_of, read_page

pytestmark = pytest.mark.usefixtures("addon")


def share(path: Path, **settings: object) -> dict:
    assert bpy.ops.semantify.share_page(filepath=str(path), **settings) == {"FINISHED"}
    return header_of(path.read_text(encoding="utf-8"))


def test_the_page_opens_as_the_character_is(synthetic_data: Path, tmp_path: Path) -> None:
    obj = add()
    set_slider(obj, 0, 0.5)
    set_slider(obj, 2, -0.25)
    obj.data.semantify.keep_natural = True
    path = tmp_path / "with a space" / "page.html"
    header = share(path)
    assert header["title"] == obj.name
    (tab,) = header["models"]
    assert tab["name"] == "synthetic"
    assert tab["opening"]["sliders"] == pytest.approx([0.5, 0, -0.25])
    assert tab["opening"]["follow"]
    assert tab["opening"]["colours"]["skin"] == tab["regions"][-1]["colour"]
    mapper, model = load(synthetic_data)
    (read,) = read_page(path)[1]
    sliders = np.array(tab["opening"]["sliders"])
    exact = model.vertices(mapper.coefficients(mapper.scores_from_sliders(sliders)))
    shown = read.vertices(read.coefficients(sliders), read.fields())
    assert 1000 * np.abs(shown - exact).max() <= tab["shape"]["error"]["largest"] + 0.01


def test_nothing_of_the_file_is_changed(tmp_path: Path) -> None:
    obj = add()
    before = [(len(bpy.data.meshes), len(bpy.data.materials), len(bpy.data.texts), len(bpy.data.images))]
    share(tmp_path / "page.html")
    after = [(len(bpy.data.meshes), len(bpy.data.materials), len(bpy.data.texts), len(bpy.data.images))]
    assert before == after
    assert bpy.context.object == obj


def test_a_fit_and_chosen_colours_go_along(tmp_path: Path) -> None:
    from semantify_blender.addon.character import colours, shape

    obj = add()
    shape.set_offset(obj.data.semantify, np.array([0.5, 0, 0, -0.5], np.float32))
    colours.set_colour(obj.data, "skin", (1.0, 0.5, 0.0))
    (tab,) = share(tmp_path / "page.html")["models"]
    assert tab["opening"]["offset"] == [0.5, 0.0, 0.0, -0.5]
    assert tab["opening"]["colours"]["skin"] == "#ff8000"


@pytest.fixture
def heads(synthetic_data: Path) -> Iterator[None]:
    """The synthetic body's face and expression, in the list of mappers."""
    from semantify_blender.addon.state import memory

    before = set(synthetic_data.rglob("*.npz"))
    save_heads(synthetic_data)
    memory.look_again()
    yield
    for path in set(synthetic_data.rglob("*.npz")) - before:
        path.unlink()  # other tests have heads of another body


@pytest.mark.usefixtures("heads")
def test_body_face_and_expression_are_tabs(tmp_path: Path) -> None:
    person()
    bpy.context.object.data.semantify.face.sliders[0].value = 0.5
    tabs = share(tmp_path / "page.html", with_geometry=True)["models"]
    assert [tab["name"] for tab in tabs] == ["synthetic", "face", "expression"]
    assert [tab["opening"]["sliders"][0] for tab in tabs] == [0.0, 0.5, 0.0]
    assert all(tab["shape"] for tab in tabs)


def test_a_mesh_of_own_keys_has_its_sliders_alone(head: Any, mapper_path: Path, tmp_path: Path) -> None:
    assert bpy.ops.semantify.attach_mapper(filepath=str(mapper_path)) == {"FINISHED"}
    head.data.semantify.sliders[0].value = 0.5
    (tab,) = share(tmp_path / "page.html")["models"]
    assert "was not at hand" in tab["missing"]
    assert tab["opening"]["sliders"][0] == 0.5


def test_it_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="Select a Semantify character"):
        bpy.ops.semantify.share_page(filepath=str(tmp_path / "page.html"))
    add()
    with pytest.raises(RuntimeError, match="No file name was given"):
        bpy.ops.semantify.share_page()
    (tmp_path / "taken.html").mkdir()
    with pytest.raises(RuntimeError, match=r"Cannot write .*: choose another file"):
        bpy.ops.semantify.share_page(filepath=str(tmp_path / "taken.html"))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
