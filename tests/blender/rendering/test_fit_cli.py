"""`fit`: pictures to files, with a small model, a random encoder and a random fitter: only the way is tested."""

import csv
import importlib.util
import json
import os
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli import fit as fit_cli
from semantify_blender.cli import main as cli
from semantify_blender.cli.rendering import main
from semantify_blender.core.fitting import choose
from semantify_blender.core.fitting.camera import ViewAngles, camera_of_cut
from semantify_blender.core.fitting.fitter import ANGLES, Fitter
from semantify_blender.core.fitting.image_encoder import Convolution, ImageEncoder
from semantify_blender.core.fitting.solve import offset_coefficients
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import Crop
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.core.pictures.png import save_png
from semantify_blender.rendering.sheets.thumbnail import FRAME, PAPER, thumbnail
from semantify_blender.rendering.stage.photographer import Photographer
from tests.blender.render_helpers import ROOT, command, pixels, silhouette
from tests.blender.tier import bpy
from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

SIZE, DIMENSION = 32, 12


def random_encoder(words: tuple[str, ...], seed: int = 0) -> ImageEncoder:
    """Two convolutions and a head."""
    rng = np.random.default_rng(seed)

    def normal(*shape: int) -> np.ndarray:
        fan = np.prod(shape[1:]) if len(shape) > 1 else 100.0
        return (rng.standard_normal(shape) / np.sqrt(fan)).astype(np.float16).astype(np.float32)

    layers = (Convolution(normal(8, 3, 4, 4), normal(8), 4), Convolution(normal(8, 8, 3, 3), normal(8), 2, 1))
    texts = rng.standard_normal((len(words), DIMENSION)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return ImageEncoder(
        "body", SIZE, "small", "c" * 64, words, texts, layers, normal(DIMENSION, 128), normal(DIMENSION)
    )


def random_fitter(model: MorphableModel, encoder: ImageEncoder, seed: int = 1) -> Fitter:
    """One layer, so that every picture gives another shape."""
    rng = np.random.default_rng(seed)
    k = model.component_count
    outputs = k + k * (k + 1) // 2 + ANGLES
    weight = (0.3 * rng.standard_normal((outputs, DIMENSION))).astype(np.float16).astype(np.float32)
    slope = 0.01 * rng.standard_normal((DIMENSION, k)).astype(np.float32)
    return Fitter(
        model_name=model.name,
        model_checksum=model.checksum,
        encoder_name=encoder.name,
        encoder_checksum=encoder.checksum,
        input_mean=np.zeros(DIMENSION, np.float32),
        input_deviation=np.full(DIMENSION, 0.3, np.float32),
        layers=((weight, np.zeros(outputs, np.float32)),),
        prior_mean=np.zeros(k, np.float32),
        prior_covariance=np.eye(k, dtype=np.float32),
        embedding_mean=np.full(DIMENSION, 0.1, np.float32),
        embedding_slope=slope,
        angle_deviations=np.array([6.0, 3.0], np.float32),
    )


def draw(path: Path, left: int = 70, colour: tuple[int, int, int] = (90, 60, 50)) -> Path:
    """A pictogram of a person around x = `left` before a plain backdrop, 200 × 160 pixels, y from 22 to 146."""
    y, x = np.mgrid[:160, :200] + 0.5
    head = np.hypot(x - left, y - 36) < 14
    trunk = (np.abs(x - left) < 22) & (y > 52) & (y < 100)
    legs = (np.abs(np.abs(x - left) - 11) < 7) & (y >= 100) & (y < 146)
    inside = head | trunk | legs | ((np.abs(x - left) < 6) & (y > 45) & (y < 60))
    path.parent.mkdir(parents=True, exist_ok=True)
    save_png(path, np.where(inside[..., None], colour, (205, 208, 210)).astype(np.uint8))
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    model = synthetic_model()
    mapper = synthetic_mapper(model, provenance=TRAINED)
    encoder = random_encoder(mapper.descriptors)
    model.save(folder / "models" / "synthetic.model.npz")
    mapper.save(folder / "mappers" / "synthetic.mapper.npz")
    encoder.save(folder / "encoders" / "body.encoder.npz")
    random_fitter(model, encoder).save(folder / "fitters" / "synthetic.fitter.npz")
    return folder


@pytest.fixture
def here(data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SEMANTIFY_DATA", str(data))
    return tmp_path


def run_fit(capfd: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["fit", "--mapper", "synthetic", *map(str, arguments)])
    captured = capfd.readouterr()
    return status, captured.out, captured.err


def events_of(said: str) -> list[dict]:
    """The JSON lines; in this process Blender's own lines may come out later than they were written."""
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def fits_of(folder: Path) -> dict:
    found = json.loads((folder / "fits.json").read_text(encoding="utf-8"))
    assert found["schema"] == "semantify.fits/1"
    return found


def test_pictures_of_one_name_become_files_that_agree(here: Path, data: Path, capfd) -> None:
    one, two = draw(here / "a" / "figure.png"), draw(here / "b" / "Figure.png", 120, (40, 90, 60))
    out = here / "out"
    status, said, err = run_fit(capfd, one, two, "--out", out, "--mesh", "obj")
    assert status == 0, err
    assert said.splitlines()[-1] == str(out)
    found = fits_of(out)["fits"]
    assert [item["name"] for item in found] == ["figure", "Figure-2"]
    model = MorphableModel.load(data / "models" / "synthetic.model.npz")
    mapper = Mapper.load(data / "mappers" / "synthetic.mapper.npz")
    assert np.abs(np.subtract(found[0]["coefficients"], found[1]["coefficients"])).max() > 0.05
    for item, left in zip(found, (70, 120), strict=True):
        assert item["method"] == "whole embedding"
        sliders = np.array([item["sliders"][word] for word in mapper.descriptors])
        shape = offset_coefficients(mapper, mapper.scores_from_sliders(sliders), np.array(item["offset"]))
        np.testing.assert_allclose(shape, item["coefficients"], atol=1e-3)
        vertices = model.vertices(shape)
        assert item["height"] == pytest.approx(np.ptp(vertices[:, 2]), abs=1e-3)
        (image,) = item["images"]
        assert (image["width"], image["height"], image["figure"]) == (200, 160, "background")
        assert image["crop"]["left"] + image["crop"]["size"] / 2 == pytest.approx(left, abs=1.5)
        assert image["crop"]["size"] == pytest.approx(124 / 0.88, rel=0.04)
        points = np.array(
            [line.split()[1:4] for line in Path(item["mesh"]).read_text().splitlines() if line[:2] == "v "]
        )
        assert len(points) == model.vertex_count
        # OBJ has Y up
        assert float(points[:, 1].astype(float).min()) == pytest.approx(0.0, abs=1e-4)
        assert np.ptp(points[:, 1].astype(float)) == pytest.approx(item["height"], abs=1e-3)
    material = (out / "meshes" / "figure.mtl").read_text()
    assert all(f"newmtl {region}" in material for region in ("skin", "hair", "shorts"))
    with open(out / "fits.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["figure", "Figure-2"]
    assert float(rows[1]["slider tall"]) == found[1]["sliders"]["tall"]
    assert float(rows[1]["coefficient 2"]) == found[1]["coefficients"][1]
    assert sorted(path.name for path in out.iterdir()) == ["fits.csv", "fits.json", "meshes", "sheet.png"]
    assert not list((out / "meshes").glob(".part-*"))


def test_the_sheet_shows_crop_cut_and_shape(here: Path, capfd) -> None:
    status, _, err = run_fit(capfd, draw(here / "one.png"), draw(here / "two.png", 130), "--out", here / "out")
    assert status == 0, err
    sheet = pixels((here / "out" / "sheet.png").read_bytes(), here)
    cells = [sheet[46:302, 22 + 270 * i : 278 + 270 * i] for i in range(4)]
    framed = np.abs(cells[0] * 255 - FRAME).max(-1) < 3
    assert framed.any(1).sum() > 100, "the crop is drawn on the picture"
    assert 0.03 < silhouette(cells[1]).mean() < 0.5, "what the encoder saw is the figure on grey"
    assert all(0.02 < silhouette(cell).mean() < 0.5 for cell in cells[2:]), "the shape is in both views"
    under = sheet[302:326, 22:400]
    assert (np.abs(under - np.array(PAPER) / 255).max(-1) > 0.4).mean() > 0.01, "there is text under the row"


@pytest.mark.parametrize("kind", ["ply", "glb"])
def test_other_mesh_formats(here: Path, data: Path, capfd, kind: str) -> None:
    status, _, err = run_fit(capfd, draw(here / "one.png"), "--out", here / "out", "--no-sheet", "--mesh", kind)
    assert status == 0, err
    content = (here / "out" / "meshes" / f"one.{kind}").read_bytes()
    (item,) = fits_of(here / "out")["fits"]
    vertices = MorphableModel.load(data / "models" / "synthetic.model.npz").vertex_count
    if kind == "ply":
        assert f"element vertex {vertices}".encode() in content or b"element vertex" in content
    else:
        magic, version, length = struct.unpack("<4sII", content[:12])
        assert (magic, version, length) == (b"glTF", 2, len(content))
        head = json.loads(content[20 : 20 + struct.unpack("<I", content[12:16])[0]])
        assert {material["name"] for material in head["materials"]} >= {"skin", "hair", "shorts"}
        # one primitive a region; GLB has Y up
        ends = [(a["min"][1], a["max"][1]) for a in head["accessors"] if len(a.get("min", ())) == 3]
        assert min(low for low, _ in ends) == pytest.approx(0.0, abs=1e-4)
        assert max(high for _, high in ends) == pytest.approx(item["height"], abs=1e-3)
    assert not (here / "out" / "sheet.png").exists()


def test_a_bad_picture_is_told_and_the_others_go_on(here: Path, capfd) -> None:
    good, bad = draw(here / "good.png"), here / "bad.png"
    bad.write_text("this is a letter")
    arguments = (
        bad,
        good,
        here / "none.png",
        "--out",
        here / "out",
        "--no-sheet",
        "--mesh",
        "ply",
        "--progress",
        "json",
    )
    status, said, err = run_fit(capfd, *arguments)
    assert status == 2
    events = events_of(said)
    failed = [event for event in events if event["event"] == "failed"]
    assert [Path(event["image"]).name for event in failed] == ["bad.png", "none.png"]
    assert events[-1]["event"] == "error"
    assert events[-1]["message"].startswith("2 of 3 pictures could not be used")
    assert "Traceback" not in err
    found = fits_of(here / "out")
    assert [item["name"] for item in found["fits"]] == ["good"]
    assert [item["message"] for item in found["failures"]] == [event["message"] for event in failed]
    assert Path(found["fits"][0]["mesh"]).is_file()


def test_one_bad_picture_alone_is_its_own_sentence(here: Path, capfd) -> None:
    (here / "empty.png").write_bytes(b"")
    status, _, err = run_fit(capfd, here / "empty.png", "--out", here / "out")
    assert status == 2
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "0 bytes" in err


def test_events_are_all_that_a_window_needs(here: Path, capfd) -> None:
    status, said, _ = run_fit(capfd, draw(here / "one.png"), "--out", here / "out", "--no-sheet", "--progress", "json")
    assert status == 0
    events = events_of(said)
    event = next(event for event in events if event["event"] == "fit")
    assert len(event["coefficients"]) == len(event["offset"]) == len(event["deviations"]) == 4
    assert set(event["sliders"]) == {"tall", "fat", "muscular"}
    assert set(event["view"]) == {"yaw", "pitch"}
    assert event["measure"] is None
    assert event["images"][0]["crop"]["size"] > 100
    assert {"event": "progress", "done": 1, "total": 1}.items() <= next(
        e for e in events if e["event"] == "progress"
    ).items()
    assert events[-1]["event"] == "result"
    assert [Path(path).name for path in events[-1]["files"]] == ["fits.json", "fits.csv"]


def test_what_is_known_is_kept(here: Path, capfd) -> None:
    picture = draw(here / "one.png")
    free = ("--out", here / "free", "--no-sheet", "--format", "json")
    told = ("--out", here / "told", "--no-sheet", "--lock", "fat=0.5", "--lock", "tall=-1", "--height", 1.6)
    assert run_fit(capfd, picture, *free)[0] == 0
    assert run_fit(capfd, picture, *told)[0] == 0
    before, after = fits_of(here / "free")["fits"][0], fits_of(here / "told")["fits"][0]
    assert (after["sliders"]["fat"], after["sliders"]["tall"]) == (0.5, -1.0)
    assert before["sliders"]["fat"] != 0.5
    assert after["height"] == pytest.approx(1.6, abs=0.015)
    assert abs(before["height"] - 1.6) > 0.02
    assert fits_of(here / "told")["known"] == {"height": 1.6, "locks": {"fat": 0.5, "tall": -1.0}}
    assert not (here / "free" / "fits.csv").exists()


def test_pictures_together_are_one_subject(here: Path, capfd) -> None:
    one, two, bad = draw(here / "one.png"), draw(here / "two.png", 120, (20, 120, 40)), here / "bad.png"
    bad.write_bytes(b"GIF")
    for name, pictures in (("one", [one]), ("two", [two]), ("both", [one, two])):
        together = ["--together", "--no-sheet", "--out", here / name]
        assert run_fit(capfd, *pictures, *together)[0] == 0
    alone, other, both = (np.array(fits_of(here / name)["fits"][0]["coefficients"]) for name in ("one", "two", "both"))
    assert len(fits_of(here / "both")["fits"][0]["images"]) == 2
    deviations = [np.array(fits_of(here / name)["fits"][0]["deviations"]) for name in ("one", "both")]
    assert (deviations[1] <= deviations[0] + 1e-6).all()
    assert np.abs(both - alone).max() > 1e-3
    assert np.abs(both - other).max() > 1e-3
    status, _, err = run_fit(capfd, one, bad, two, "--together", "--out", here / "three")
    assert status == 2
    assert "1 of 3 pictures could not be used" in err
    (left,) = fits_of(here / "three")["fits"]
    np.testing.assert_allclose(left["coefficients"], both, atol=1e-4)
    assert (here / "three" / "sheet.png").is_file()


def test_the_users_crop_is_where_it_looks(here: Path, capfd) -> None:
    picture = draw(here / "one.png")
    crops = ("--crop", "40,10,110,158", "--crop", "whole")
    assert run_fit(capfd, picture, picture, *crops, "--out", here / "out", "--no-sheet")[0] == 0
    cropped, whole = (item["images"][0] for item in fits_of(here / "out")["fits"])
    assert cropped["crop"]["left"] + cropped["crop"]["size"] / 2 == pytest.approx(70, abs=8)
    assert whole["figure"] == "background"
    assert fits_of(here / "out")["fits"][1]["name"] == "one-2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lock", "hippo=1"], "no such slider: give one of tall, fat, muscular"),
        (["--lock", "tall=2"], "--lock is 'tall=2'"),
        (["--lock", "tall"], "--lock is 'tall'"),
        (["--crop", "1,2,3"], "--crop is '1,2,3'"),
        (["--crop", "50,0,10,90"], "--crop is '50,0,10,90'"),
        (["--crop", "whole", "--crop", "0,0,9,9"], "--crop was given 2 times for 1 pictures"),
        (["--height", "17"], "height is 17.0 m"),
        (["--mapper", "nobody"], "no mapper 'nobody'"),
        (["--clip", "x", "--python", "/no/such/python"], "/no/such/python: cannot be started"),
    ],
)
def test_wrong_wishes_are_one_sentence(here: Path, capfd, arguments: list[str], message: str) -> None:
    status = main(["fit", str(draw(here / "one.png")), "--out", str(here / "o"), "--mapper", "synthetic", *arguments])
    err = capfd.readouterr().err
    assert status == 2
    assert message in err
    assert err.count("\n") == 1


def test_a_folder_that_cannot_be_is_told(here: Path, capfd) -> None:
    (here / "file").write_text("in the way")
    status, _, err = run_fit(capfd, draw(here / "one.png"), "--out", here / "file" / "out")
    assert status == 2
    assert "choose another --out" in err


def test_interrupted_what_is_finished_is_kept(here: Path, capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def cut(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    real = choose.cut_figure
    monkeypatch.setattr(choose, "cut_figure", cut)
    pictures = [draw(here / f"{i}.png", 60 + 20 * i) for i in range(3)]
    status, _, err = run_fit(capfd, *pictures, "--out", here / "out")
    assert status == 130
    assert "interrupted" in err
    assert [item["name"] for item in fits_of(here / "out")["fits"]] == ["0"]


def test_without_a_fitter_the_papers_way_is_taken(here: Path, data: Path, capfd) -> None:
    picture = draw(here / "one.png")
    assert run_fit(capfd, picture, "--scores", "--out", here / "a", "--no-sheet")[0] == 0
    assert fits_of(here / "a")["fits"][0]["method"] == "scores"
    assert fits_of(here / "a")["fitter"] is None
    fitter = data / "fitters" / "synthetic.fitter.npz"
    hidden = fitter.rename(data / "hidden")
    try:
        status, said, _ = run_fit(capfd, picture, "--out", here / "b", "--no-sheet")
    finally:
        hidden.rename(fitter)
    assert status == 0
    assert "no fitter of model 'synthetic'" in said
    assert fits_of(here / "b")["fits"][0]["coefficients"] == fits_of(here / "a")["fits"][0]["coefficients"]


@pytest.mark.skipif(importlib.util.find_spec("open_clip") is None, reason="this bpy test environment has no torch")
def test_a_full_clip_answers_from_its_own_process(here: Path, data: Path, capfd, tmp_path: Path) -> None:
    from semantify_blender.training.scoring.clip import load_clip
    from tests.training.helpers import tiny_clip_folder

    spec = f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}"
    full = ("--clip", spec, "--python", sys.executable, "--out", here / "out", "--no-sheet")
    status, _, err = run_fit(capfd, draw(here / "one.png"), *full)
    assert status == 2
    assert "this mapper was trained with CLIP 'small' (weights cccccccc…)" in err
    assert err.rstrip().endswith("give --clip small")
    mapper = Mapper.load(data / "mappers" / "synthetic.mapper.npz")
    clip = load_clip(spec, "cpu")
    mapper = replace(mapper, provenance={"clip": clip.name, "clip_checksum": clip.checksum})
    mapper.save(here / "own.mapper.npz")
    status, said, err = run_fit(capfd, draw(here / "one.png"), *full, "--mapper", here / "own.mapper.npz")
    assert status == 0, err
    assert "importing torch" in said
    found = fits_of(here / "out")
    assert found["encoder"]["checksum"] == clip.checksum
    assert found["fits"][0]["method"] == "scores"


def test_a_fitted_camera_photographs_where_its_numbers_say() -> None:
    model = synthetic_model()
    vertices = model.vertices(np.array([1.0, 0.5, -1.0, 0.7]))
    for view in (ViewAngles(0, 0), ViewAngles(35, 12)):
        camera = replace(camera_of_cut(vertices, view), centre=(0.05, -0.03))
        with Photographer(model, 96, 4) as photographer:
            seen = silhouette(photographer(vertices, camera).astype(np.float32) / 255)
        points = camera.project(vertices, 96)
        rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
        expected = (*points.min(0)[::-1], *points.max(0)[::-1])
        found = (rows[0], columns[0], rows[-1] + 1, columns[-1] + 1)
        np.testing.assert_allclose(found, expected, atol=1.6)


def test_a_crop_beyond_the_picture_is_seen_on_its_thumbnail() -> None:
    colours = np.zeros((40, 80, 4), np.uint8)
    colours[..., 0], colours[..., 3] = 200, 255
    small = thumbnail(Picture(colours, "red"), Crop(-20.0, -20.0, 80.0), 100)
    assert small.shape == (100, 100, 3)
    assert tuple(small[50, 60]) == (200, 0, 0)
    assert tuple(small[12, 50]) in (PAPER, FRAME)
    assert (np.abs(small.astype(int) - FRAME).max(-1) == 0).sum() > 250


def test_refine_tells_its_steps_and_its_measure(here: Path, capfd) -> None:
    arguments = (draw(here / "one.png"), "--out", here / "out", "--refine", "--progress", "json", "--lock", "fat=0.25")
    status, said, err = run_fit(capfd, *arguments)
    assert status == 0, err
    steps = [event for event in events_of(said) if event["event"] == "step"]
    assert steps[-1]["done"] == steps[-1]["total"] >= 10
    assert {event["name"] for event in steps} == {"one"}
    (item,) = fits_of(here / "out")["fits"]
    before, after = item["measure"]
    assert after <= before
    assert item["sliders"]["fat"] == 0.25
    assert fits_of(here / "out")["refined"] is True
    assert (here / "out" / "sheet.png").is_file()


def test_headless_script_in_a_process_of_its_own(here: Path, data: Path) -> None:
    script = [sys.executable, str(ROOT / "headless" / "fit_image.py"), "--", str(draw(here / "one.png"))]
    done = subprocess.run(
        [*script, "--mapper", "synthetic", "--out", str(here / "out"), "--no-sheet"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SEMANTIFY_DATA": str(data)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(here / "out")
    assert len(fits_of(here / "out")["fits"]) == 1


def test_it_ends_when_whoever_started_it_is_gone(here: Path, data: Path) -> None:
    words = command("fit", draw(here / "one.png"), "--mapper", "synthetic", "--out", here / "o", "--end-with-stdin")
    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "SEMANTIFY_DATA": str(data)}
    ) as child:
        child.stdin.close()
        assert child.wait(60) == 1
    assert not (here / "o" / "sheet.png").exists()


def test_the_semantify_command_names_its_own_python_for_a_full_clip() -> None:
    assert cli._for_blender(["fit", "a.png"]) == ("fit", ["a.png", "--python", sys.executable])
    assert cli._for_blender(["fit", "a.png", "--python", "mine"]) == ("fit", ["a.png", "--python", "mine"])
    assert cli._for_blender(["fit", "a.png", "--python=mine"]) == ("fit", ["a.png", "--python=mine"])
    assert cli._for_blender(["render", "--model", "m"]) == ("dataset", ["--model", "m"])


def test_locks_and_crops_are_read() -> None:
    assert fit_cli._lock("broad shoulders=-0.5") == ("broad shoulders", -0.5)
    assert fit_cli._box("1,2.5,30,40") == (1.0, 2.5, 30.0, 40.0)
    assert bpy.app.version >= (4, 2, 0)
