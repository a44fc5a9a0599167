"""Picture files as the encoder gets them: every good one gives its pixels, every bad one a sentence."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.training.scoring.images import ImageLoader
from tests import picture_files as files

LOADER = ImageLoader(lambda image: image, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


def decoded(path: Path) -> Picture:
    """A file as it is, all opaque: renders that have alpha are laid on their backdrop before they are stored."""
    pixels = LOADER.decode(path.read_bytes()).transpose(1, 2, 0)
    return Picture(np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)]), path.name)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


def test_good_files_give_their_pixels(folder: Path) -> None:
    files.check_good_files(decoded, folder)


def test_grey_becomes_three_alike_channels(folder: Path) -> None:
    for name, path in files.grey_files(folder).items():
        if "16" not in name:  # no render has 16 bits
            error = np.abs(decoded(path).pixels[..., :3].astype(int) - (np.arange(files.WIDTH) * 4)[None, :, None])
            assert error.max() <= 2, name


@pytest.mark.parametrize("kind", ["cut png", "cut jpeg", "empty", "text", "damaged png", "jpeg head", "only signature"])
def test_bad_files_give_one_sentence(folder: Path, kind: str) -> None:
    path, _ = files.bad_files(folder)[kind]
    with pytest.raises(SemantifyError, match="an image cannot be read") as caught:
        LOADER.decode(path.read_bytes())
    assert "\n" not in str(caught.value)


def test_first_picture_of_an_animation(folder: Path) -> None:
    first = Image.fromarray(files.colours()).quantize(64, dither=Image.Dither.NONE).convert("RGB")
    for ending in ("gif", "png", "webp", "tif"):
        path = folder / f"moving.{ending}"
        options = {"lossless": True} if ending == "webp" else {}
        first.save(path, save_all=True, append_images=[first.rotate(180)], duration=100, **options)
        assert np.abs(decoded(path).pixels[..., :3].astype(int) - np.asarray(first)).mean() < 3, ending
