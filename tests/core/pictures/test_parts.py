"""The parts of PNG and JPEG files: together they are the file, and each begins where it should."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.pictures import jpeg, png
from semantify_blender.core.pictures.header import UnreadableError

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def part(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


FRAME = part(0xC0, struct.pack(">BHHB", 8, 30, 40, 3) + bytes(9))
SCAN = part(0xDA, b"\x01") + b"\x12\xff\x00\xff\xd0\x34"
JPEG = b"\xff\xd8" + part(0xFE, b"took 3 s") + b"\xff" + FRAME + SCAN + b"\xff\xd9"


def test_chunks_of_a_written_png_are_the_pixels() -> None:
    data = png.png_bytes(PIXELS)
    found = list(png.chunks(data))
    assert [chunk.kind for chunk in found] == [b"IHDR", b"IDAT", b"IEND"]
    assert png.SIGNATURE + b"".join(data[chunk.start : chunk.end] for chunk in found) == data
    rows = np.frombuffer(zlib.decompress(found[1].body), np.uint8).reshape(5, 1 + 7 * 3)
    assert not rows[:, 0].any()
    assert (rows[:, 1:].reshape(5, 7, 3) == PIXELS).all()
    header = png.png_header(data)
    assert (header.width, header.height, header.bits, header.mode, header.alpha) == (7, 5, 8, "rgb", False)


def test_a_saved_png_is_the_same_and_nothing_else_is_left(tmp_path: Path) -> None:
    png.save_png(tmp_path / "a.png", PIXELS)
    assert (tmp_path / "a.png").read_bytes() == png.png_bytes(PIXELS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_segments_of_a_jpeg_pass_over_the_scans_own_bytes() -> None:
    found = list(jpeg.segments(JPEG))
    assert [segment.marker for segment in found] == [jpeg.COMMENT, 0xC0, jpeg.SCAN]
    assert found[0].body == b"took 3 s"
    assert JPEG[found[1].start : found[1].end] == FRAME
    assert jpeg.frame_size(found[1].body) == (40, 30)
    header = jpeg.jpeg_header(JPEG)
    assert (header.width, header.height, header.mode) == (40, 30, "rgb")


@pytest.mark.parametrize(("data", "problem"), [(JPEG[:-2], "too early"), (JPEG[:8], "too early"),
                                               (JPEG[:2] + b"\x00" + JPEG[3:], "damaged")])  # fmt: skip
def test_a_jpeg_that_is_cut_or_damaged_is_told(data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        list(jpeg.segments(data))
