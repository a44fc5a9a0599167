"""The `keys` verb in child processes, and a dataset of what it wrote."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.keyed_mesh import keyed_head
from tests.blender.render_helpers import ROOT, pixels, run, silhouette
from tests.blender.tier import bpy


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a head, a second mesh with keys, and a plain mesh."""
    folder = tmp_path_factory.mktemp("blend")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    keyed_head("Head")
    material = bpy.data.materials.new("Skin")
    if not material.node_tree:
        material.use_nodes = True
    material.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (0, 0, 1, 1)
    bpy.context.object.data.materials.append(material)
    teeth = keyed_head("Teeth")
    teeth.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver.expression = "0.5"
    teeth.data.shape_keys.key_blocks["smile_L"].name = "a, [b]"
    teeth.hide_viewport, teeth.scale = True, (0.1, 0.1, 0.1)
    plain = bpy.data.objects.new("Cube", bpy.data.meshes.new("Cube"))
    bpy.context.scene.collection.objects.link(plain)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "faces.blend"))
    return folder / "faces.blend"


def test_a_blend_becomes_a_model_and_the_model_a_dataset(blend: Path, tmp_path: Path):
    made = run("keys", blend, "--object", "Head", "--exclude", "jawL*", "jawR*", "--out", tmp_path / "head")
    assert made.returncode == 0, made.stderr
    first, left_out, path = made.stdout.splitlines()
    assert first == "7 shape keys, 262 vertices"
    assert left_out == "left out: jawLeft (excluded), jawRight (excluded)"
    assert path == str(tmp_path / "head.model.npz")
    model = MorphableModel.load(path)
    assert model.name == "head"
    arguments = ["--samples", 12, "--size", 32, "--engine-samples", 1, "--views", "front", "--format", "png"]
    rendered = run("dataset", "--model", path, "--out", tmp_path / "set", *arguments)
    assert rendered.returncode == 0, rendered.stderr
    dataset = Dataset.open(tmp_path / "set")
    assert dataset.spec.sampler == "sparse"
    xi = dataset.coefficients()
    assert xi.min() == 0
    assert xi.max() <= 1
    assert (xi > 0).any(1).all()
    _, _, data = next(dataset.images())
    picture = pixels(data, tmp_path)
    head = silhouette(picture)
    assert 0.3 < head.mean() < 0.7
    red, _, blue = picture[head].mean(0)
    assert blue > 2 * red  # the material's own colour


def test_an_explicit_sampler_wins(blend: Path, tmp_path: Path):
    path = tmp_path / "head.model.npz"
    assert run("keys", blend, "--object", "Head", "--out", path).returncode == 0
    arguments = ["--samples", 4, "--size", 16, "--engine-samples", 1, "--views", "front", "--sampler", "uniform"]
    assert run("dataset", "--model", path, "--out", tmp_path / "set", *arguments).returncode == 0
    xi = Dataset.open(tmp_path / "set").coefficients()
    assert (xi > 0).all()
    assert np.ptp(xi) <= 1


def test_driven_keys_odd_names_and_hidden_objects(blend: Path, tmp_path: Path):
    arguments = ["keys", blend, "--object", "Teeth", "--exclude", "a, [b]", "--out", tmp_path / "teeth"]
    made = run(*arguments)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[1] == "left out: a, [b] (excluded), jawOpen (has a driver)"
    model = MorphableModel.load(tmp_path / "teeth.model.npz")
    assert np.ptp(model.template[:, 2]) == pytest.approx(0.024, abs=1e-5)
    assert run(*arguments, "--include-driven").returncode == 0
    assert "jawOpen" in MorphableModel.load(tmp_path / "teeth.model.npz").metadata["shape_keys"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "which object's shape keys? Give --object NAME: the file has Head, Teeth"),
        (["--object", "Nose"], "no object 'Nose'; of objects with shape keys, the file has Head, Teeth"),
        (["--object", "Cube"], "'Cube' has no shape keys"),
        (["--object", "Head", "--include", "tongue*"], "include 'tongue*' matches no shape key of 'Head'"),
    ],
)
def test_errors_are_one_sentence(blend: Path, tmp_path: Path, arguments: list[str], sentence: str):
    ended = run("keys", blend, *arguments, "--out", tmp_path / "x")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
    assert sentence in ended.stderr
    assert not list(tmp_path.iterdir())


def test_files_that_are_no_blend_are_refused(tmp_path: Path):
    wrong = tmp_path / "wrong.blend"
    wrong.write_text("not a blend")
    for path, sentence in ((wrong, "cannot be opened as a .blend"), (tmp_path / "absent.blend", "does not exist")):
        ended = run("keys", path, "--out", tmp_path / "x")
        assert ended.returncode == 2
        assert sentence in ended.stderr
        assert ended.stderr.count("\n") == 1


def test_the_headless_script_reads_the_open_file(blend: Path, tmp_path: Path):
    code = f"""
import runpy, sys
import bpy
bpy.ops.wm.open_mainfile(filepath={str(blend)!r})
sys.argv = ["blender", "--", "--object", "Teeth", "--out", {str(tmp_path / "teeth.model.npz")!r}]
runpy.run_path({str(ROOT / "headless" / "model_from_shape_keys.py")!r}, run_name="__main__")
"""
    program = [bpy.app.binary_path, "-b", "--python-expr"] if bpy.app.binary_path else [sys.executable, "-c"]
    ended = subprocess.run([*program, code], capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    assert MorphableModel.load(tmp_path / "teeth.model.npz").component_count == 8
