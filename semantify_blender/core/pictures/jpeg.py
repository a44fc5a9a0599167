"""JPEG files, segment by segment."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .header import DAMAGED, MOST_PARTS, RARE, SHORT, Header, UnreadableError, big, take
from .tags import exif_orientation

START = b"\xff\xd8\xff"
"""What every JPEG file begins with: the start of the image, and of its first segment's marker."""
SCAN, COMMENT = 0xDA, 0xFE
FRAMES = (0xC0, 0xC1, 0xC2)
"""Baseline, extended, progressive."""
RARE_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)
"""Lossless, hierarchical and arithmetic ones, which most decoders lack."""
_END, _EXIF = 0xD9, 0xE1
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_MOST_SCANS = 200


@dataclass(frozen=True)
class Segment:
    """One of a file's parts, data[start:end]; its marker and length are not in the body."""

    marker: int
    start: int
    end: int
    body: bytes


def segments(data: bytes) -> Iterator[Segment]:
    """The segments of a JPEG file in order, up to the end of the image; what follows a scan's own is passed over.

    Raises UnreadableError, once it gets there, when the file is damaged or ends too early.
    """
    at = 2
    for _ in range(MOST_PARTS):
        while take(data, at, 2) == b"\xff\xff":
            at += 1
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0:
            raise UnreadableError(DAMAGED)
        if marker == _END:
            return
        length = big(data, at + 2, 2)
        body = take(data, at + 4, length - 2) if length >= 2 else b""
        yield Segment(marker, at, at + 2 + length, body)
        at += 2 + length
        if marker == SCAN:
            found = _AFTER_SCAN.search(data, at)
            if found is None:
                raise UnreadableError(SHORT)
            at = found.start()
    raise UnreadableError(DAMAGED)


def frame_size(body: bytes) -> tuple[int, int]:
    """Width and height in pixels that a frame's segment declares."""
    return big(body, 3, 2), big(body, 1, 2)


def jpeg_header(data: bytes) -> Header:
    """Walks the segments to the end of the image: a decoder would fill what is missing with grey, without a word."""
    found, orientation, scans = None, 0, 0
    for segment in segments(data):
        if segment.marker in RARE_FRAMES:
            raise UnreadableError(RARE.format("lossless or arithmetic JPEG"))
        if segment.marker in FRAMES and found is None:
            found = _frame(segment.body)
        elif segment.marker == _EXIF and segment.body.startswith(b"Exif\0\0") and not orientation:
            orientation = exif_orientation(segment.body)
        scans += segment.marker == SCAN
    if found is None or not 0 < scans <= _MOST_SCANS:
        raise UnreadableError(DAMAGED)
    width, height, mode = found
    return Header(width, height, 8, mode, orientation=orientation or 1)


def _frame(body: bytes) -> tuple[int, int, str]:
    bits, (width, height), channels = body[0], frame_size(body), body[5]
    if bits != 8 or channels not in (1, 3, 4) or not width or not height:
        raise UnreadableError(RARE.format(f"{bits} bits, {channels} channels, {width} × {height} pixels"))
    return width, height, {1: "grey", 3: "rgb", 4: "cmyk"}[channels]
