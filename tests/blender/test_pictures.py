"""Picture files and images by Blender: the same pixels, cuts and sentences as by Pillow, and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender import pictures
from semantify_blender.blender.pictures import orientation_of, picture_of, read_picture
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.sheets.thumbnail import thumbnail
from tests.blender.tier import bpy

pytest.importorskip("PIL", reason="the files are made by Pillow")

from PIL import Image

from tests import picture_files as files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No test here may leave an image in the file."""
    before = set(bpy.data.images.keys())
    yield
    assert set(bpy.data.images.keys()) == before


def test_good_files_give_their_pixels(folder: Path) -> None:
    files.check_good_files(read_picture, folder)


def test_grey_and_alpha(folder: Path) -> None:
    files.check_grey_and_alpha(read_picture, folder)


def test_turned_files_come_upright(folder: Path) -> None:
    for orientation, path in files.turned_files(folder).items():
        assert np.abs(read_picture(path).pixels[..., :3].astype(int) - files.colours()).mean() < 2, orientation
        image = bpy.data.images.load(str(path))
        try:
            assert orientation_of(image) == orientation
            assert np.abs(picture_of(image).pixels[..., :3].astype(int) - files.colours()).mean() < 2, orientation
            image.pack()
            assert orientation_of(image) == orientation
        finally:
            bpy.data.images.remove(image)


def test_bad_files_give_one_sentence(folder: Path) -> None:
    for name, (path, words) in files.bad_files(folder).items():
        with pytest.raises(SemantifyError) as caught:
            read_picture(path)
        message = str(caught.value)
        assert str(path) in message, name
        assert words in message, f"{name}: {message}"
        assert "\n" not in message


def test_animations_give_the_first_picture_or_a_sentence(folder: Path) -> None:
    first = Image.fromarray(files.colours())
    for ending in ("gif", "png", "webp"):
        path = folder / f"moving.{ending}"
        first.save(path, save_all=True, append_images=[first.rotate(180)], duration=100)
        problem = ""
        try:
            pixels = read_picture(path).pixels
        except SemantifyError as error:
            problem = str(error)
        if problem:
            assert problem.startswith(f"{path}: this Blender cannot decode")
            assert ending != "png"
        else:
            assert np.abs(pixels[..., :3].astype(int) - files.colours()).mean() < 12, ending


def test_cuts_agree_with_pillow(folder: Path) -> None:
    doll = files.figure()
    sources = []
    for name, pixels in {
        "alpha.png": doll,
        "plain.jpg": files.over(doll, "plain")[..., :3],
        "gradient.jpg": files.over(doll, "gradient")[..., :3],
        "busy.jpg": files.over(doll, "busy")[..., :3],
    }.items():
        Image.fromarray(pixels).save(folder / name)
        mine = cut_figure(read_picture(folder / name), 128)
        with Image.open(folder / name) as image:
            theirs = cut_figure(Picture(np.array(image.convert("RGBA")), name), 128)
        assert (mine.source, mine.notes) == (theirs.source, theirs.notes)
        assert np.abs(mine.pixels.astype(int) - theirs.pixels).mean() < 2
        sources.append(mine.source)
    assert sources == ["alpha", "background", "background", "whole"]


def test_a_cut_by_alpha_is_nearly_that_by_the_backdrop(folder: Path) -> None:
    doll = files.figure()
    Image.fromarray(doll).save(folder / "doll.png")
    Image.fromarray(files.over(doll, "gradient")[..., :3]).save(folder / "doll.jpg", quality=90)
    alpha = cut_figure(read_picture(folder / "doll.png"), 96)
    plain = cut_figure(read_picture(folder / "doll.jpg"), 96)
    assert (alpha.source, plain.source) == ("alpha", "background")
    assert np.abs(alpha.pixels.astype(int) - plain.pixels).mean() < 4


def test_images_in_the_file() -> None:
    byte = bpy.data.images.new("byte", 20, 30, alpha=True)
    linear = bpy.data.images.new("float", 20, 30, alpha=True, float_buffer=True)
    try:
        values = np.zeros((30, 20, 4), np.float32)
        values[..., :3], values[..., 3] = (0.5, 0.25, 1.0), 1.0
        values[:3, :, :] = 0  # the lowest rows: Blender counts upwards
        byte.pixels.foreach_set(values.ravel())
        pixels = picture_of(byte).pixels
        assert pixels.shape == (30, 20, 4)
        assert np.abs(pixels[0, 0].astype(int) - (128, 64, 255, 255)).max() <= 1
        assert not pixels[-3:].any()
        # half transparent, premultiplied and scene-linear: 0.214 is sRGB 0.5
        values[..., :3], values[..., 3] = 0.5 * 0.21404, 0.5
        linear.pixels.foreach_set(values.ravel())
        assert np.abs(picture_of(linear).pixels.astype(int) - (128, 128, 128, 128)).max() <= 1
    finally:
        bpy.data.images.remove(byte)
        bpy.data.images.remove(linear)


def test_images_without_pixels_or_cut_short(folder: Path) -> None:
    files.bad_files(folder)
    lost = bpy.data.images.load(str(folder / "a.jpg"))
    lost.filepath = str(folder / "gone.png")
    cut = bpy.data.images.load(str(folder / "cut-jpeg.bad.png"))
    try:
        lost.reload()
        with pytest.raises(SemantifyError, match="no pixels"):
            picture_of(lost)
        with pytest.raises(SemantifyError, match="ends too early"):
            picture_of(cut)
    finally:
        bpy.data.images.remove(lost)
        bpy.data.images.remove(cut)


def striped(width: int, height: int) -> np.ndarray:
    """(H, W, 3) uint8: a striped lozenge right of the middle before a plain wall."""
    y, x = np.mgrid[:height, :width]
    inside = np.abs(x - 0.6 * width) / width < 0.16 * (1 - np.abs(2.3 * y / height - 1.15) ** 2)
    stripes = np.stack([90 + 60 * (y // 20 % 2), np.full_like(x, 60), 40 + x % 40], -1)
    return np.where(inside[..., None], stripes, 205).astype(np.uint8)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_picture_is_made_smaller_and_counts_its_own_pixels(
    folder: Path, monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    upright = striped(620, 803)
    turned = np.rot90(upright) if orientation == 6 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = folder / f"large-{orientation}.jpg"
    Image.fromarray(turned).save(path, quality=95, exif=exif)
    whole = read_picture(path)
    wanted, boxed = cut_figure(whole, 64), cut_figure(whole, 64, (180.0, 60.0, 560.0, 760.0))
    monkeypatch.setattr(pictures, "KEPT_PIXELS", 60_000)
    small = read_picture(path)
    assert (small.width, small.height) == (620 // 3, 803 // 3)
    assert small.full_size == whole.full_size == (620, 803)
    for found, expected in ((cut_figure(small, 64), wanted), (cut_figure(small, 64, (180, 60, 560, 760)), boxed)):
        assert (found.source, found.notes) == (expected.source, expected.notes)
        np.testing.assert_allclose(found.crop.box, expected.crop.box, atol=6)
        assert np.abs(found.pixels.astype(int) - expected.pixels).mean() < 6
    shown, before = (thumbnail(picture, wanted.crop, 100).astype(int) for picture in (small, whole))
    assert np.abs(shown - before).mean() < 4
    with pytest.raises(SemantifyError, match=r"the picture \(620 × 803\) are inside the crop box"):
        cut_figure(small, 64, (700, 0, 900, 200))


def test_pictures_that_blender_holds_as_floats_have_a_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "deep.png"
    Image.fromarray((striped(60, 50)[..., 0].astype(np.uint16)) * 257).save(path)
    image = bpy.data.images.new("painted", 60, 50)
    try:
        assert read_picture(path).full_size == picture_of(image).full_size == (60, 50)
        monkeypatch.setattr(pictures, "DEEP_PIXELS", 2_999)
        with pytest.raises(SemantifyError, match=r"60 × 50 pixels of 16 bits are too many.*8 bits a channel"):
            read_picture(path)
        with pytest.raises(SemantifyError, match=r"'painted': 60 × 50 pixels.*save it as a file"):
            picture_of(image)
    finally:
        bpy.data.images.remove(image)
