"""The rendering command line in child processes: output, exit codes, engines, sheets."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.rendering.sheets.influence import heat_colours
from semantify_blender.rendering.sheets.slider_sheet import render_sheet, slider_coefficients, step_values
from semantify_blender.rendering.stage import engines
from tests.blender.render_helpers import pixels, run
from tests.blender.tier import bpy
from tests.synthetic import synthetic_mapper, synthetic_model


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    model = synthetic_model()
    model.save(folder / "models" / "synthetic.model.npz")
    synthetic_mapper(model).save(folder / "mappers" / "synthetic.mapper.npz")
    return folder


def render(data: Path, *arguments: object) -> object:
    return run(*arguments, env={**os.environ, "SEMANTIFY_DATA": str(data)})


def small(out: Path, *more: object) -> list[object]:
    base = ["dataset", "--model", "synthetic", "--samples", 2, "--size", 16, "--engine-samples", 1, "--out", out]
    return [*base, *more]


def test_json_progress_is_all_there_is_on_stdout(data: Path, tmp_path: Path) -> None:
    ended = render(data, *small(tmp_path / "set", "--progress", "json", "--views", "front", "az:45"))
    assert ended.returncode == 0, ended.stderr
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert events[0]["event"] == "note"
    assert "cycles on" in events[0]["message"]
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == 4
    assert set(progress[-1]) == {"event", "done", "total", "rate", "left_s"}
    assert events[-1] == {"event": "result", "folder": str(tmp_path / "set"), "pictures": 4}


def test_text_progress_and_log(data: Path, tmp_path: Path) -> None:
    ended = render(data, *small(tmp_path / "set", "--log", tmp_path / "blender.log"))
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("rendering with cycles on ")
    assert lines[-2].startswith("4/4 pictures")
    assert lines[-1] == str(tmp_path / "set")
    assert "\x1b" not in ended.stdout
    assert "Saved: " in (tmp_path / "blender.log").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "nobody"], "no model 'nobody'"),
        (["--views", "top"], "unknown view 'top'"),
        (["--shard", "0/2"], "--shard is '0/2'"),
        (["--samples", "0"], "samples is 0"),
        (["--k", "-1"], "--k is -1: give a number above 0"),
        (["--coefficients", "nothing.npy"], "nothing.npy: file: does not exist"),
    ],
)
def test_errors_are_one_sentence_and_exit_2(data: Path, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    ended = render(data, *small(tmp_path / "set"), *arguments, "--progress", "json")
    assert ended.returncode == 2
    error = json.loads(ended.stdout.splitlines()[-1])
    assert error["event"] == "error"
    assert sentence in error["message"]
    assert f"error: {error['message']}" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "set").exists()


def test_engine_ids_exist_in_this_blender() -> None:
    known = {"CYCLES", "BLENDER_WORKBENCH", "BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"}
    scene = bpy.context.scene
    for engine in ("cycles", "eevee", "workbench"):
        scene.render.engine = engines.engine_id(engine)
        assert scene.render.engine in known
    scene.render.engine = "CYCLES"


def test_device_is_chosen_and_told() -> None:
    device = engines.use_engine(bpy.context.scene, "cycles", 1)
    assert device.startswith(("CPU, ", *engines.CYCLES_DEVICES))
    assert bpy.context.scene.cycles.device == ("CPU" if device.startswith("CPU") else "GPU")


def test_a_process_renders_where_it_is_told_to() -> None:
    scene = bpy.context.scene
    try:
        engines.prefer("cpu", 1)
        assert engines.use_engine(scene, "cycles", 1) == "CPU, 1 threads"
        assert (scene.cycles.device, scene.render.threads_mode, scene.render.threads) == ("CPU", "FIXED", 1)
        engines.prefer("gpu:99", None)
        with pytest.raises(SemantifyError, match="--device gpu:99: Cycles finds no such device here; leave --device"):
            engines.use_engine(scene, "cycles", 1)
    finally:
        engines.prefer(None, None)
    engines.use_engine(scene, "cycles", 1)
    assert scene.render.threads_mode == "AUTO"


def test_no_opengl_is_a_sentence_not_a_dead_process(monkeypatch: pytest.MonkeyPatch) -> None:
    # what a machine without EGL does: the trial process aborts and leaves no picture
    monkeypatch.setattr(engines, "_PROBE", "import os; os.abort()  # {engine!r} {path!r}")
    engines._opengl_failure.cache_clear()
    try:
        with pytest.raises(SemantifyError, match=r"'workbench' needs OpenGL.*--engine cycles"):
            engines.require("workbench")
    finally:
        engines._opengl_failure.cache_clear()


def test_workbench_where_there_is_opengl(data: Path, tmp_path: Path) -> None:
    ended = render(data, *small(tmp_path / "set", "--engine", "workbench", "--format", "png", "--size", 32))
    if "needs OpenGL" in ended.stderr:
        assert ended.returncode == 2
        pytest.skip("no OpenGL on this machine; its error message was checked instead")
    assert ended.returncode == 0, ended.stderr
    from semantify_blender.core.dataset import Dataset

    _, _, picture = next(Dataset.open(tmp_path / "set").images())
    shown = pixels(picture, tmp_path)
    assert np.abs(shown - shown[0, 0]).max() > 0.2


def test_a_brighter_colour_means_more_movement() -> None:
    brightness = heat_colours(np.linspace(0, 1, 50)) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(brightness) > 0).all(), "a brighter colour must always mean more movement"


def test_slider_shapes_move_one_slider_each(data: Path) -> None:
    model = MorphableModel.load(data / "models" / "synthetic.model.npz")
    mapper = synthetic_mapper(model)
    shapes = model.vertices(slider_coefficients(mapper, step_values(3)))
    rest = model.vertices(mapper.coefficients(mapper.default))
    np.testing.assert_allclose(shapes[:, 1], np.broadcast_to(rest, (3, *rest.shape)), atol=1e-6)
    assert all(np.abs(shapes[i, 0] - shapes[i, 2]).max() > 1e-3 for i in range(3))
    with pytest.raises(SemantifyError, match="--steps is 1"):
        step_values(1)


def test_sheet_shows_a_figure_in_every_cell(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    ended = render(data, "sheet", "--mapper", "synthetic", "--out", path, "--width", 400, "--engine-samples", 1)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str(path)
    picture = pixels(path.read_bytes(), tmp_path)
    assert picture.shape[1] == 400
    dark = np.abs(picture - picture[0, 0]).max(-1) > 0.25
    columns = _runs(dark[40:, 85:].sum(0) > 0.35 * len(dark))
    assert columns == 5, "one figure for every slider position"
    assert _runs(dark[:, -60:].any(1)) >= 3, "one figure for every descriptor in the last column"
    assert dark[:, :75].any(), "the descriptors' names are at the left"


def test_influence_picture(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "influence.png"
    ended = render(data, "influence", "--mapper", "synthetic", "--out", path, "--width", 300, "--engine-samples", 1)
    assert ended.returncode == 0, ended.stderr
    picture = pixels(path.read_bytes(), tmp_path)
    yellow = (picture[..., 0] > 0.6) & (picture[..., 2] < 0.45)
    violet = (picture[..., 2] > picture[..., 0] + 0.08) & (picture[..., 1] < 0.5)
    thirds = np.split(np.arange(300), 3)
    assert all(yellow[:, third].any() and violet[:, third].any() for third in thirds), "each figure moves somewhere"


def test_sheet_refuses_another_model(data: Path, tmp_path: Path) -> None:
    with pytest.raises(SemantifyError, match="was trained for model"):
        render_sheet(synthetic_model(seed=1), synthetic_mapper(synthetic_model()), tmp_path / "sheet.png")
    assert not (tmp_path / "sheet.png").exists()


def test_sheet_into_a_folder_that_cannot_be(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = synthetic_model()
    with pytest.raises(SemantifyError, match=r"cannot write .*choose another --out"):
        render_sheet(model, synthetic_mapper(model), tmp_path / "file" / "sheet.png", 2, 64, 1)


def _runs(mask: np.ndarray) -> int:
    return int((np.diff(np.concatenate([[0], mask.astype(int)])) == 1).sum())
