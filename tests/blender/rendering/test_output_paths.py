"""Output goes exactly where the user said, whatever Blender would make of the characters in the path."""

from pathlib import Path

import pytest

from semantify_blender.blender.pictures import read_picture
from semantify_blender.cli import rendering as cli
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.rendering.fits.mesh_files import MeshExporter
from semantify_blender.rendering.sheets.influence import render_influence
from semantify_blender.rendering.sheets.slider_sheet import render_sheet
from semantify_blender.rendering.sheets.text_strips import Piece, text_strips
from semantify_blender.rendering.stage.scene import Stage, new_scene
from semantify_blender.rendering.stage.still import output_to, render_still
from tests.blender.tier import bpy

NAMES = ("a{b}", "open {", "{{twice}}", "{blend_name}", "frame ####", "%04d")


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / request.param
    path.mkdir()
    return path


def test_a_still_is_written_to_its_very_path(folder: Path):
    scene = new_scene()
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    output_to(scene, folder / f"{folder.name}.png")
    render_still(scene, folder / f"{folder.name}.png")
    assert [path.name for path in folder.iterdir()] == [f"{folder.name}.png"]


def test_a_picture_that_was_not_written_is_an_error(tmp_path: Path):
    scene = new_scene()
    output_to(scene, tmp_path / "elsewhere.png")
    with pytest.raises(RuntimeError):
        render_still(scene, tmp_path / "here.png")


@pytest.mark.parametrize("name", ["a{b}", "{blend_name}"])
def test_every_kind_of_output_arrives(name: str, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also where the temporary folder itself has such a name, and pictures pass through it."""
    from semantify_blender.rendering.stage import leftovers

    folder, passing = tmp_path / name, tmp_path / "{passing}"
    passing.mkdir()
    monkeypatch.setattr(leftovers, "memory_folder", lambda: str(passing))
    model = MorphableModel.load(synthetic_data / "models" / "synthetic.model.npz")
    mapper = Mapper.load(synthetic_data / "mappers" / "synthetic.mapper.npz")
    render_sheet(model, mapper, folder / "sheet.png", 2, 60, 1)
    render_influence(model, mapper, folder / "influence.jpg", 60, 1)
    for written in ("sheet.png", "influence.jpg"):
        assert read_picture(folder / written).pixels.shape[1] == 60
    with Stage(model, 8, engine_samples=1, folder=passing) as stage:
        assert len(stage.render()) > 100
    assert text_strips([[Piece("x")]], 16, 16, 1)[0].shape == (16, 16, 4)
    mesh = MeshExporter(model, "obj").export(model.template, folder, "{mesh}")
    assert mesh.is_file()
    assert not list(passing.iterdir())
    assert {path.suffix for path in folder.iterdir()} == {".png", ".jpg", ".obj", ".mtl"}


def test_the_command_line_writes_a_dataset_there(synthetic_data: Path, tmp_path: Path):
    out = tmp_path / "a{b}"
    arguments = ["dataset", "--model", str(synthetic_data / "models" / "synthetic.model.npz"), "--out", str(out)]
    assert cli.main([*arguments, "--samples", "1", "--size", "16", "--engine-samples", "1", "--views", "front"]) == 0
    assert (out / "shard-000000.tar").is_file()
