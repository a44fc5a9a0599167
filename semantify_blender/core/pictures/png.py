"""PNG files, chunk by chunk; and how pixels become one."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files.writing import write_aside
from .header import DAMAGED, MOST_PARTS, Header, UnreadableError, big, take
from .tags import exif_orientation

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MODES = {0: "grey", 2: "rgb", 3: "palette", 4: "grey", 6: "rgb"}
_SUMMED = (b"IHDR", b"PLTE", b"IDAT")
_RGB, _RGBA = 2, 6


@dataclass(frozen=True)
class Chunk:
    """One of a file's parts, data[start:end]; its length, kind and checksum are not in the body."""

    kind: bytes
    start: int
    end: int
    body: bytes


def chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a PNG file in order, up to its last; the sums of those that make the picture are checked.

    Raises UnreadableError, once it gets there, when the file is damaged or ends too early.
    """
    at = len(SIGNATURE)
    for _ in range(MOST_PARTS):
        length, kind = big(data, at, 4), take(data, at + 4, 4)
        body = take(data, at + 8, length)
        checksum = big(data, at + 8 + length, 4)
        if kind in _SUMMED and zlib.crc32(body, zlib.crc32(kind)) != checksum:
            raise UnreadableError(DAMAGED)
        yield Chunk(kind, at, at + 12 + length, body)
        at += 12 + length
        if kind == b"IEND":
            return
    raise UnreadableError(DAMAGED)


def png_header(data: bytes) -> Header:
    """Walks the chunks to the last one."""
    width = height = bits = colour = orientation = 0
    alpha = animated = False
    for chunk in chunks(data):
        if chunk.kind == b"IHDR":
            width, height, bits, colour = big(chunk.body, 0, 4), big(chunk.body, 4, 4), chunk.body[8], chunk.body[9]
        elif not width or not height or colour not in _MODES:
            raise UnreadableError(DAMAGED)
        elif chunk.kind == b"eXIf":
            orientation = exif_orientation(chunk.body)
        alpha |= chunk.kind == b"tRNS"
        animated |= chunk.kind == b"acTL"
    return Header(width, height, bits, _MODES[colour], alpha or colour in (4, 6), orientation or 1, animated)


def png_bytes(pixels: np.ndarray, smooth: bool = False) -> bytes:
    """A PNG file of (H, W, 3) or, with alpha, (H, W, 4) uint8 sRGB pixels, the top row first.

    smooth: each row is told by what it differs from the one above, and packed with less care: for pictures that change
    slowly as small a file in less than half the time.
    """
    height, width, channels = pixels.shape
    plain = pixels.reshape(height, width * channels)
    told = plain.copy() if smooth else plain
    if smooth:
        told[1:] -= plain[:-1]
    # the number of the filter stands before each row: 0 none, 2 the row above
    rows = np.concatenate([np.full((height, 1), 2 if smooth else 0, np.uint8), told], 1).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, {3: _RGB, 4: _RGBA}[channels], 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1 if smooth else 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def save_png(path: str | Path, pixels: np.ndarray) -> None:
    """Write `png_bytes`, aside and renamed."""
    with write_aside(path) as aside, open(aside, "wb") as file:
        file.write(png_bytes(pixels))
