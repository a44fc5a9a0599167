"""One line for every family: the same render script, the same verbs, the same add-on, from the model file onwards."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.library import find
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from tests import free_model_files, licensed_files

bpy = pytest.importorskip("bpy", reason="TIER MISSING bpy in-process: pip install bpy")
pytest.importorskip("torch", reason="TIER MISSING training: pip install semantify_blender[train]")

REPOSITORY = Path(__file__).resolve().parent.parent
WORDS = ["tall", "angry", "horse", "wide"]
SAMPLES, SIZE = 16, 32


def embedded(name: str) -> Callable[[Path], Path]:
    return lambda folder: find("models", name)


def converted(write: Callable[[Path], object], file: str, *options: str, inner: str = "") -> Callable[[Path], Path]:
    """A file's or folder's look-alike through `semantify convert`. inner: what of the folder is given."""

    def make(folder: Path) -> Path:
        write(folder / file)
        out = folder / "converted.model.npz"
        assert main(["convert", str(folder / file / inner), "--out", str(out), *options]) == 0
        return out

    return make


def of_shape_keys(folder: Path) -> Path:
    """A mesh's own keys, through the headless script on a .blend."""
    from tests.blender.keyed_mesh import keyed_head

    bpy.ops.wm.read_factory_settings(use_empty=True)
    keyed_head()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "mine.blend"))
    out = folder / "mine.model.npz"
    done = blender_script("model_from_shape_keys.py", folder / "mine.blend", "--object", "Head", "--out", out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


FAMILIES: dict[str, Callable[[Path], Path]] = {
    "anny-body": embedded("anny-body-neutral"),
    "anny-face-shape": embedded("anny-face-shape"),
    "anny-face-expression": embedded("anny-face-expression"),
    "quadruped": embedded("quadruped"),
    "smpl": converted(lambda path: licensed_files.write_smpl(path, "chumpy"), "SMPL_MALE.pkl"),
    "smplx": converted(licensed_files.write_smplx, "SMPLX_NEUTRAL.npz"),
    "flame-shape": converted(licensed_files.write_flame, "generic_model.pkl", "--family", "flame-shape"),
    "flame-expression": converted(
        licensed_files.write_flame, "generic_model.pkl", "--family", "flame-expression", "--jaw"
    ),
    "smal": converted(licensed_files.write_smal, "smal_CVPR2017.pkl"),
    "star": converted(free_model_files.write_star, "star_female.npz"),
    "supr": converted(free_model_files.write_supr, "supr_neutral.npy"),
    "skel": converted(free_model_files.write_skel, "skel_male.pkl"),
    "gnm": converted(free_model_files.write_gnm, "gnm_head.npz"),
    "gnm-expression": converted(free_model_files.write_gnm, "gnm_head.npz", "--family", "gnm-expression"),
    "mhr": converted(free_model_files.write_mhr, "mhr_model.pt"),
    "mhr-expression": converted(free_model_files.write_mhr, "mhr_model.pt", "--family", "mhr-expression"),
    "soma": converted(free_model_files.write_soma, "SOMA_neutral.npz"),
    "ict": converted(free_model_files.write_ict, "FaceXModel"),
    "ict-expression": converted(free_model_files.write_ict, "FaceXModel", "--family", "ict-expression"),
    "makehuman": converted(free_model_files.write_makehuman, "data", inner="targets"),
    "generic": converted(free_model_files.write_generic, "mine.npz"),
    "generic meshes": converted(free_model_files.write_mesh_folder, "meshes"),
    "shape-keys": of_shape_keys,
}


def blender_script(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A script of headless/ in a process with the bpy wheel, its arguments after `--` as in `blender -b -P`."""
    blend = [str(a) for a in arguments if str(a).endswith(".blend")]
    words = [str(a) for a in arguments if str(a) not in blend]
    command = [sys.executable, str(REPOSITORY / "headless" / name), "--", *blend, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": ""})


@pytest.fixture
def addon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The registered add-on in an empty file."""
    import semantify_blender

    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    yield
    semantify_blender.unregister()
    bpy.ops.wm.read_factory_settings(use_empty=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_line_serves(family: str, tmp_path: Path, addon: None, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.blender.addon_helpers import evaluated
    from tests.training.helpers import tiny_clip_folder

    model_path = FAMILIES[family](tmp_path)
    model = MorphableModel.load(model_path)
    assert model.metadata["family"] == family.split()[0]
    dataset, clip = tmp_path / "dataset", f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}"
    size = ["--size", SIZE, "--engine-samples", 1, "--views", "front", "side"]
    done = blender_script("render_dataset.py", "--model", model_path, "--out", dataset, "--samples", SAMPLES, *size)
    assert done.returncode == 0, done.stdout + done.stderr

    def verb(name: str, *arguments: object) -> None:
        status = main([name, "--dataset", str(dataset), "--model", str(model_path), *map(str, arguments)])
        assert status == 0, capsys.readouterr().err

    mapper_path = tmp_path / "words.mapper.npz"
    verb("encode", "--clip", clip)
    verb("score", "--clip", clip, "--words", *WORDS)
    verb("select", "--clip", clip, "--keep-non-directional", "--preset", *WORDS[:2], "--count", 2)
    verb("train", "--epochs", 2, "--out", mapper_path)
    pictures = ["--steps", 3, "--picture-width", 200, "--picture-samples", 1]
    verb("evaluate", "--clip", clip, "--mapper", mapper_path, "--out", tmp_path / "report", *pictures)
    assert {"figures.json", "report.html", "slider_sheet.png", "influence.png"} <= {
        path.name for path in (tmp_path / "report").iterdir()
    }
    mapper = Mapper.load(mapper_path)
    assert mapper.descriptors == tuple(WORDS[:2])
    assert mapper.figures["sliders"]["steps"] == 3
    assert not set(np.load(mapper_path).files) & {"template", "basis"}  # no geometry in what is passed on
    obj = character(family, tmp_path, model_path, mapper_path)
    before = evaluated(obj)
    for value in (1.0, -0.5):
        obj.data.semantify.sliders[0].value = value
        # with clothes or teeth on, where the model has some
        shown = model.dressed(obj.data.semantify.outfit or None).model
        wanted = shown.vertices(mapper.coefficients(mapper.scores_from_sliders(np.array([value, 0.0]))))
        if family != "shape-keys":
            # the add-on may put it higher, on its feet or its neck, but not change its shape
            wanted = wanted + (evaluated(obj)[0] - wanted[0])
        assert np.abs(evaluated(obj) - wanted).max() < 2e-5 * model.framing.height + 1e-5
    assert np.abs(evaluated(obj) - before).max() > 0


def character(family: str, folder: Path, model_path: Path, mapper_path: Path) -> bpy.types.Object:
    """The mapper in the add-on: a new character, or the user's own mesh."""
    if family == "shape-keys":
        bpy.ops.wm.open_mainfile(filepath=str(folder / "mine.blend"))
        bpy.context.view_layer.objects.active = bpy.data.objects["Head"]
        assert bpy.ops.semantify.attach_mapper(filepath=str(mapper_path)) == {"FINISHED"}
    else:
        beside = folder / f"{MorphableModel.load(model_path).name}.model.npz"
        if not beside.exists():
            beside.write_bytes(model_path.read_bytes())
        assert bpy.ops.semantify.add_character(mapper=str(mapper_path)) == {"FINISHED"}
    return bpy.context.view_layer.objects.active
