"""`fit`: pictures to files that agree with each other, with a small model, a random encoder and a random fitter."""

import csv
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import ViewAngles, camera_of_cut
from semantify_blender.core.fitting.solve import offset_coefficients
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import Crop
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.sheets.paper import PAPER_8_BIT
from semantify_blender.rendering.sheets.thumbnail import FRAME, thumbnail
from semantify_blender.rendering.stage.photographer import Photographer
from tests.blender.render_helpers import pixels, silhouette
from tests.blender.rendering.small_fit import draw, events_of, fits_of, run_fit
from tests.synthetic import synthetic_model


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
    assert 0.03 < silhouette(cells[1]).mean() < 0.5, "what was cut out is the figure on grey"
    assert (cells[1].min(-1) > 0.97).sum() > 50, "its outline is drawn"
    assert all(0.02 < silhouette(cell).mean() < 0.5 for cell in cells[2:]), "the shape is in both views"
    under = sheet[302:326, 22:400]
    assert (np.abs(under - np.array(PAPER_8_BIT) / 255).max(-1) > 0.4).mean() > 0.01, "there is text under the row"


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
    known = fits_of(here / "told")["known"]
    assert known.pop("locks") == {"fat": 0.5, "tall": -1.0}
    assert known == {"height": 1.6} | dict.fromkeys(("sex", "weight", "chest", "waist", "hips"))
    # a fitter whose errors nobody measured says nothing of them, nor does anyone of what was given
    assert after["measures"]["height"] == {"value": pytest.approx(1.6, abs=0.015), "deviation": None}
    assert before["measures"]["height"]["deviation"] is None
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
    assert tuple(small[12, 50]) in (PAPER_8_BIT, FRAME)
    assert (np.abs(small.astype(int) - FRAME).max(-1) == 0).sum() > 250
