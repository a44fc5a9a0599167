"""The tag directory that TIFF files consist of and that EXIF carries inside other files."""

import struct
from collections.abc import Collection, Mapping

ORIENTATION = 0x0112
_WHOLE = {1: "B", 3: "H", 4: "I", 16: "Q"}
_MOST_VALUES = 1 << 20


class BadTagsError(ValueError):
    """The bytes are not a whole tag directory."""


def first_directory(data: bytes, wanted: Collection[int]) -> Mapping[int, tuple[int, ...]]:
    """Tag number -> values of the first directory of TIFF bytes, classic or big.

    Only the wanted tags that hold whole numbers: a hostile file may hold any number of large ones.

    Raises BadTagsError when it is none or points outside the data.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise BadTagsError("no byte order")
    version = _unpack(order + "H", data, 2)[0]
    if version == 42:
        count_format, offset_format, inline, at = "H", "I", 4, 4
    elif version == 43:
        count_format, offset_format, inline, at = "Q", "Q", 8, 8
    else:
        raise BadTagsError(f"version {version}")
    at = _unpack(order + offset_format, data, at)[0]
    count = _unpack(order + count_format, data, at)[0]
    at += struct.calcsize(count_format)
    if count * (8 + 2 * inline - 4) > len(data) or at > len(data):
        raise BadTagsError("directory outside the file")
    tags: dict[int, tuple[int, ...]] = {}
    for _ in range(count):
        tag, kind, number = _unpack(order + "HH" + offset_format, data, at)
        at += 4 + inline
        if tag in wanted and tag not in tags and kind in _WHOLE and 0 < number <= _MOST_VALUES:
            size = number * struct.calcsize(order + _WHOLE[kind])
            start = at if size <= inline else _unpack(order + offset_format, data, at)[0]
            tags[tag] = _unpack(f"{order}{number}{_WHOLE[kind]}", data, start)
        at += inline
    return tags


def exif_orientation(data: bytes) -> int:
    """1..8 from EXIF bytes (with or without their "Exif" heading); 1 where they say nothing sensible."""
    try:
        value = first_directory(data.removeprefix(b"Exif\0\0"), {ORIENTATION}).get(ORIENTATION, (1,))[0]
    except BadTagsError:
        return 1
    return value if 1 <= value <= 8 else 1


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except (struct.error, OverflowError) as error:
        raise BadTagsError(str(error)) from error
