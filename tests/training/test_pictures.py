"""Picture files by Pillow: every good one gives its pixels, every bad one a sentence."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.training.pictures import read_picture
from tests import picture_files as files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def test_good_files_give_their_pixels(folder: Path) -> None:
    files.check_good_files(read_picture, folder)


def test_grey_and_alpha(folder: Path) -> None:
    files.check_grey_and_alpha(read_picture, folder)


def test_turned_files_come_upright(folder: Path) -> None:
    for orientation, path in files.turned_files(folder).items():
        pixels = read_picture(path).pixels
        assert pixels.shape[:2] == (files.HEIGHT, files.WIDTH), orientation
        assert np.abs(pixels[..., :3].astype(int) - files.colours()).mean() < 2, orientation


def test_bad_files_give_one_sentence(folder: Path) -> None:
    for name, (path, words) in files.bad_files(folder).items():
        with pytest.raises(SemantifyError) as caught:
            read_picture(path)
        message = str(caught.value)
        assert str(path) in message, name
        assert words in message, f"{name}: {message}"
        assert "\n" not in message


def test_first_picture_of_an_animation(folder: Path) -> None:
    from PIL import Image

    first = Image.fromarray(files.colours()).quantize(64, dither=Image.Dither.NONE).convert("RGB")
    for ending in ("gif", "png", "webp", "tif"):
        path = folder / f"moving.{ending}"
        first.save(
            path,
            save_all=True,
            append_images=[first.rotate(180)],
            duration=100,
            **({"lossless": True} if ending == "webp" else {}),
        )
        assert np.abs(read_picture(path).pixels[..., :3].astype(int) - np.asarray(first)).mean() < 3, ending


def test_a_cut_from_a_file(folder: Path) -> None:
    from PIL import Image

    doll = files.figure()
    Image.fromarray(doll).save(folder / "doll.png")
    Image.fromarray(files.over(doll, "gradient")[..., :3]).save(folder / "doll.jpg", quality=90)
    alpha = cut_figure(read_picture(folder / "doll.png"), 96)
    plain = cut_figure(read_picture(folder / "doll.jpg"), 96)
    assert (alpha.source, plain.source) == ("alpha", "background")
    assert np.abs(alpha.pixels.astype(int) - plain.pixels).mean() < 4
