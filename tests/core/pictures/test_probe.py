"""What a file's headers say, for good files, bad ones, and thousands of damaged ones."""

import os
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pictures.probe import probe, probe_bytes

pytest.importorskip("PIL", reason="the files are made by Pillow")

from tests import picture_files as files


def test_good_files(tmp_path: Path) -> None:
    expected = {
        "png": ("png", "rgb", 8), "jpeg": ("jpeg", "rgb", 8), "progressive": ("jpeg", "rgb", 8),
        "cmyk": ("jpeg", "cmyk", 8), "cmyk of adobe": ("jpeg", "cmyk", 8), "webp": ("webp", "rgb", 8),
        "tiff": ("tiff", "rgb", 8), "tiff lzw": ("tiff", "rgb", 8), "bmp": ("bmp", "rgb", 8),
        "16-bit png": ("png", "rgb", 16), "16-bit tiff": ("tiff", "rgb", 16), "palette": ("png", "palette", 8),
        "png called jpg": ("png", "rgb", 8), "umlauts": ("png", "rgb", 8), "bytes after the end": ("jpeg", "rgb", 8),
    }  # fmt: skip
    for name, path in files.good_files(tmp_path).items():
        info = probe(path)
        assert (info.format, info.mode, info.bits) == expected.pop(name), name
        assert (info.width, info.height, info.orientation) == (files.WIDTH, files.HEIGHT, 1)
        assert not info.alpha
        assert not info.animated
    assert not expected


def test_alpha_animation_and_orientation(tmp_path: Path) -> None:
    from PIL import Image

    infos = {name: probe(path) for name, path in files.alpha_files(tmp_path).items()}
    assert all(info.alpha for info in infos.values())
    assert [name for name, info in infos.items() if info.premultiplied] == ["premultiplied.tif"]
    assert {number: probe(path).orientation for number, path in files.turned_files(tmp_path).items()} == {
        number: number for number in range(1, 9)
    }
    image = Image.fromarray(files.colours())
    for ending in ("gif", "png", "webp"):
        image.save(tmp_path / f"still.{ending}")
        image.save(tmp_path / f"moving.{ending}", save_all=True, append_images=[image.rotate(180)])
        assert not probe(tmp_path / f"still.{ending}").animated
        assert probe(tmp_path / f"moving.{ending}").animated
    exif = Image.Exif()
    exif[0x0112] = 6
    for ending in ("png", "webp"):
        image.save(tmp_path / f"turned.{ending}", exif=exif)
        assert probe(tmp_path / f"turned.{ending}").orientation == 6


def test_bad_files_give_one_sentence(tmp_path: Path) -> None:
    for name, (path, words) in files.bad_files(tmp_path).items():
        with pytest.raises(SemantifyError) as caught:
            probe(path)
        assert str(path) in str(caught.value), name
        assert words in str(caught.value), f"{name}: {caught.value}"
        assert "\n" not in str(caught.value)


def test_every_cut_of_a_file_is_noticed(tmp_path: Path) -> None:
    for name, path in files.good_files(tmp_path).items():
        data = path.read_bytes()
        if name == "bytes after the end":
            continue
        for length in np.linspace(0, len(data) - 1, 40).astype(int):
            with pytest.raises(SemantifyError):
                probe_bytes(data[:length], name)


def test_damaged_bytes_never_do_more_than_a_sentence(tmp_path: Path) -> None:
    rng, refused = np.random.default_rng(0), 0
    for path in [*files.good_files(tmp_path).values(), *files.turned_files(tmp_path).values()]:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        for _ in range(60):
            damaged = data.copy()
            places = rng.integers(0, min(len(data), 400), 4)
            damaged[places] = rng.integers(0, 256, 4)
            try:
                info = probe_bytes(damaged.tobytes(), "damaged.png")
            except SemantifyError:
                refused += 1
                continue
            assert 1 <= info.orientation <= 8
            assert info.width * info.height <= 64_000_000
    assert refused > 500


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in the file system here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(SemantifyError, match="no such picture"):
        probe(tmp_path / "pipe.png")


def test_a_name_with_a_null_is_a_sentence() -> None:
    with pytest.raises(SemantifyError):
        probe("bad\0name.png")
