"""`semantify evaluate --photographs` on renders before busy backdrops, in place of photographs."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.pictures.landmarks import BodyLandmarks
from semantify_blender.training.fitter.measured_photographs import FIGURES, SHEET, measure_photographs
from semantify_blender.training.fitter.photograph_figures import table
from semantify_blender.training.fitter.photographs import labelled, trunk_yaw
from tests.core.finders.scenes import landscape, scene


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("photographs")
    pictures = {
        "wide.jpg": scene(("person", 0.8, 0.4, 0.5), width=500, height=400),
        "tall.png": scene(("person", 0.9, 0.5, 0.5), width=300, height=400, kind="brown", seed=1),
        "small.jpg": scene(("person", 0.4, 0.6, 0.5), width=500, height=400, kind="foliage", seed=2),
        "hills.jpg": landscape(),
    }
    for name, picture in pictures.items():
        Image.fromarray(picture.pixels).convert("RGB").save(there / name)
    (there / "labels.tsv").write_text(
        "file\tkind\tfatness\ttall\tsex\tshows\nwide.jpg\tbody\t0\t1\tf\tx\ntall.png\tbody\t1\t0.5\tm\ty\n"
        "small.jpg\tbody\t-1\t\t\tz\nhills.jpg\tanimal\t\t\t\thills\n"
    )
    return there


def test_found_refused_and_compared(folder: Path, tmp_path: Path):
    labels = folder / "labels.tsv"
    figures = measure_photographs(folder, "anny-body-neutral", tmp_path, labels=labels)
    assert figures["found"] == [3, 3]
    assert figures["refused"] == [1, 1]
    assert figures["first"]["ranks"]["fat"]["n"] == 3
    assert "tall" not in figures["first"]["ranks"]  # two labels are no ranks
    sexes = figures["first"]["sex"]
    assert (sexes["women"], sexes["men"]) == (1, 1)
    assert sexes["auc"] in (0.0, 1.0)
    assert figures["first"]["iou"] > 0.75
    assert figures["refined"]["iou"] > figures["first"]["iou"] - 0.03
    assert figures["first"]["joints"] < 0.03
    low, high = figures["refined"]["height"]
    assert 1.4 < low <= high < 2.1
    for one in figures["photographs"]:
        if "measure" in one:
            before, after = one["measure"]
            assert after <= before
    assert json.loads((tmp_path / FIGURES).read_text())["found"] == [3, 3]
    assert Image.open(tmp_path / SHEET).size[0] > 500
    told = table(figures)
    assert "found 3 of 3 pictures of the mapper's kind, refused 1 of 1 others" in told
    assert "| hills.jpg | refused: no person was found" in told
    assert "Spearman of fat" in told


def test_without_labels_every_picture_counts(folder: Path, tmp_path: Path):
    assert [row["file"] for row in labelled(folder, None)] == ["hills.jpg", "small.jpg", "tall.png", "wide.jpg"]
    with pytest.raises(SemantifyError, match="no picture in it"):
        labelled(tmp_path, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"kind\tfat\nbody\t1\n", "file: is missing: the first line names the columns"),
        (b"file\nnothing.jpg\n", r"names 'nothing\.jpg', which is not in"),
        (b"\xff\xfe\x00file", "cannot be read as a table"),
        (b"file\n", "no picture in it"),
    ],
)
def test_bad_labels_are_one_sentence(folder: Path, tmp_path: Path, text: bytes, sentence: str):
    (tmp_path / "labels.tsv").write_bytes(text)
    with pytest.raises((FileFormatError, SemantifyError), match=sentence):
        labelled(folder, tmp_path / "labels.tsv")


@pytest.mark.parametrize("yaw", [0.0, 40.0, 90.0, 180.0, -120.0])
def test_the_yaw_that_joints_tell(yaw: float):
    """The person's left is at +X of a figure that faces −Y; the camera looks from `yaw`."""
    from semantify_blender.core.fitting.camera import Camera

    right, up, towards = Camera(yaw=yaw).axes
    world = np.zeros((33, 3), np.float32)
    for left, other, z in ((11, 12, 0.5), (23, 24, 0.0)):
        for number, x in ((left, 0.2), (other, -0.2)):
            at = np.array([x, 0.0, z])
            world[number] = at @ right, -(at @ up), -(at @ towards)
    seen = np.ones(33, np.float32)
    found = trunk_yaw(BodyLandmarks(world[:, :2], seen, seen, world, 1.0))
    assert (found - yaw + 180) % 360 - 180 == pytest.approx(0, abs=0.01)
