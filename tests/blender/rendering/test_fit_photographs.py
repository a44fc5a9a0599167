"""`fit` on photograph-like pictures: who is found, what is refused, and the ways out that it names."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.pictures import read_picture
from semantify_blender.cli.rendering import main
from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.library import load_model
from semantify_blender.core.model.clothes import Clothes
from semantify_blender.rendering.stage.photographer import Photographer
from tests.blender.fit_helpers import write_picture
from tests.blender.tier import bpy

HERE = Path(__file__).parents[2] / "core" / "finders"
assert bpy


def scene(name: str, width: int, height: int, tall: float, seed: int = 0) -> np.ndarray:
    """(H, W, 4) uint8: a render before a busy backdrop, made of nearest pixels."""
    figure = read_picture(HERE / f"{name}.png").pixels
    rows, columns = np.flatnonzero(figure[..., 3].any(1)), np.flatnonzero(figure[..., 3].any(0))
    figure = figure[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    high = round(tall * height)
    wide = round(high * figure.shape[1] / figure.shape[0])
    at = np.ix_(np.arange(high) * len(figure) // high, np.arange(wide) * figure.shape[1] // wide)
    small = figure[at].astype(np.float32)
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(60, 200, (height // 16 + 1, width // 16 + 1, 3))
    pixels = np.kron(coarse, np.ones((16, 16, 1)))[:height, :width].astype(np.float32)
    top, left = (height - high) // 2, (width - wide) // 2
    share = small[..., 3:] / 255
    place = pixels[top : top + high, left : left + wide]
    pixels[top : top + high, left : left + wide] = place * (1 - share) + small[..., :3] * share
    return np.dstack([pixels, np.full((height, width), 255)]).astype(np.uint8)


def fit(*arguments: object) -> int:
    return main(["fit", *map(str, arguments), "--no-sheet"])


def test_a_person_is_fitted_with_pose_and_deviations(tmp_path: Path):
    path = write_picture(tmp_path / "street.jpg", scene("person", 480, 400, 0.8))
    assert fit(path, "--mapper", "anny-body-neutral", "--out", tmp_path / "out") == 0
    (found,) = json.loads((tmp_path / "out" / "fits.json").read_text())["fits"]
    (image,) = found["images"]
    assert image["figure"] == "finder"
    assert image["pose"]
    assert abs(image["view"]["yaw"]) < 30
    assert 1.5 < found["height"] < 2.0
    assert found["notes"] == ["The figure was found by the finder."]
    assert image["outfit"] in (None, *Clothes.of(load_model("anny-body-neutral").metadata).names)


def test_the_sheet_shows_the_outfit_that_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    worn = []
    monkeypatch.setattr(
        Photographer, "wear", lambda self, outfit=None, was=Photographer.wear: worn.append(outfit) or was(self, outfit)
    )
    path = write_picture(tmp_path / "street.jpg", scene("person", 240, 200, 0.8))
    words = ("fit", str(path), "--mapper", "anny-body-neutral", "--out", str(tmp_path / "out"))
    assert main([*words]) == 0
    (found,) = json.loads((tmp_path / "out" / "fits.json").read_text())["fits"]
    assert worn[-1] == found["images"][0]["outfit"]
    assert (tmp_path / "out" / "sheet.png").stat().st_size > 1000
    with Photographer(load_model("anny-body-neutral"), 48, 1) as photographer:
        at = photographer._model.template
        pictures = []
        for outfit in ("casual", "sportswear", None):
            photographer.wear(outfit)
            pictures.append(photographer(at, Camera(target=(0, 0, -0.2))))
        np.testing.assert_array_equal(pictures[1], pictures[2])
        assert (np.abs(pictures[0].astype(int) - pictures[1]) > 30).any(-1).sum() > 20, "long trousers"


def test_a_head_on_a_body_mapper_names_the_crop_and_the_crop_fits_a_head(tmp_path: Path, capfd: pytest.CaptureFixture):
    path = write_picture(tmp_path / "portrait.jpg", scene("head", 400, 400, 1.0))
    assert fit(path, "--mapper", "anny-body-neutral", "--out", tmp_path / "body") == 2
    said = capfd.readouterr().err
    crop = re.search(
        r"portrait\.jpg: it shows a head and not a body, .* \(--crop (\S+)\), or insist with --force", said
    )
    assert crop, said
    words = (path, "--mapper", "anny-face-expression", "--crop", crop[1], "--out", tmp_path / "head")
    assert fit(*words) == 0
    (found,) = json.loads((tmp_path / "head" / "fits.json").read_text())["fits"]
    assert found["images"][0]["figure"] == "finder"
    assert set(found["sliders"]) >= {"smiling", "open mouth"}


def test_nobody_is_refused_unless_one_insists(tmp_path: Path, capfd: pytest.CaptureFixture):
    empty = scene("person", 300, 200, 0.02)
    path = write_picture(tmp_path / "wall.png", empty)
    for mapper in ("anny-body-neutral", "anny-face-shape", "quadruped"):
        assert fit(path, "--mapper", mapper, "--out", tmp_path / mapper) == 2
        said = capfd.readouterr().err
        assert re.search(r"wall\.png: (no person was found|no face was found|there is no finder)", said), said
        assert said.rstrip().endswith("or insist with --force")
        assert fit(path, "--mapper", mapper, "--out", tmp_path / mapper, "--force") == 0
        capfd.readouterr()
