"""What the readers of picture formats share: the fields of a header, and bytes that must be there."""

from dataclasses import dataclass

SHORT = "ends too early, a part of the picture is missing; copy or download it again"
DAMAGED = "is damaged; copy or export it again"
RARE = "is of a rare kind ({}) that is not read here; save it again as PNG or as an ordinary JPEG"
MOST_PARTS = 1_000_000
"""Segments, chunks or blocks of a file that are looked at; no real file has so many."""


class UnreadableError(Exception):
    """The rest of a sentence that begins with "this PNG file"."""


@dataclass(frozen=True)
class Header:
    """The fields of probe.PictureInfo that a file's bytes give."""

    width: int
    height: int
    bits: int
    mode: str
    alpha: bool = False
    orientation: int = 1
    animated: bool = False
    premultiplied: bool = False


def big(data: bytes, at: int, size: int) -> int:
    """The whole number of so many bytes, the highest first. Raises UnreadableError when the bytes are not there."""
    return int.from_bytes(take(data, at, size), "big")


def little(data: bytes, at: int, size: int) -> int:
    """The same with the lowest byte first."""
    return int.from_bytes(take(data, at, size), "little")


def take(data: bytes, at: int, size: int) -> bytes:
    """So many bytes. Raises UnreadableError when they are not all there."""
    part = data[at : at + size]
    if len(part) < size:
        raise UnreadableError(SHORT)
    return part
