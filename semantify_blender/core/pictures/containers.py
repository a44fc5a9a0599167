"""The headers of the picture formats that are read: one reader each, which also notices files that end too early."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from .tags import ORIENTATION, BadTagsError, exif_orientation, first_directory

_SHORT = "ends too early, a part of the picture is missing; copy or download it again"
_DAMAGED = "is damaged; copy or export it again"
_MOST_PARTS = 1_000_000
_MOST_SCANS = 200
_RARE = "is of a rare kind ({}) that is not read here; save it again as PNG or as an ordinary JPEG"


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


def _big(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_take(data, at, size), "big")


def _little(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(_take(data, at, size), "little")


def _take(data: bytes, at: int, size: int) -> bytes:
    part = data[at : at + size]
    if len(part) < size:
        raise UnreadableError(_SHORT)
    return part


# --- JPEG ---------------------------------------------------------------------------------------------------------

_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_END, _SCAN = 0xD9, 0xDA
_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended, progressive
_RARE_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF)


def jpeg(data: bytes) -> Header:
    """Walks the segments to the end of the image: a decoder would fill what is missing with grey, without a word."""
    at, header, orientation, scans = 2, None, 0, 0
    for _ in range(_MOST_PARTS):
        while _take(data, at, 2) == b"\xff\xff":
            at += 1
        marker = data[at + 1]
        if data[at] != 0xFF or marker == 0:
            raise UnreadableError(_DAMAGED)
        if marker == _END:
            break
        length = _big(data, at + 2, 2)
        body = _take(data, at + 4, length - 2) if length >= 2 else b""
        if marker in _RARE_FRAMES:
            raise UnreadableError(_RARE.format("lossless or arithmetic JPEG"))
        if marker in _FRAMES and header is None:
            header = _jpeg_frame(body)
        elif marker == 0xE1 and body.startswith(b"Exif\0\0") and not orientation:
            orientation = exif_orientation(body)
        at += 2 + length
        if marker == _SCAN:
            scans += 1
            found = _AFTER_SCAN.search(data, at)
            if found is None:
                raise UnreadableError(_SHORT)
            at = found.start()
    else:
        raise UnreadableError(_DAMAGED)
    if header is None or not 0 < scans <= _MOST_SCANS:
        raise UnreadableError(_DAMAGED)
    width, height, mode = header
    return Header(width, height, 8, mode, orientation=orientation or 1)


def _jpeg_frame(body: bytes) -> tuple[int, int, str]:
    bits, height, width, channels = body[0], _big(body, 1, 2), _big(body, 3, 2), body[5]
    if bits != 8 or channels not in (1, 3, 4) or not width or not height:
        raise UnreadableError(_RARE.format(f"{bits} bits, {channels} channels, {width} × {height} pixels"))
    return width, height, {1: "grey", 3: "rgb", 4: "cmyk"}[channels]


# --- PNG ----------------------------------------------------------------------------------------------------------

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_MODES = {0: "grey", 2: "rgb", 3: "palette", 4: "grey", 6: "rgb"}


def png(data: bytes) -> Header:
    """Walks the chunks to the last one and checks the sums of those that make the picture."""
    at = len(_PNG)
    width = height = bits = colour = orientation = 0
    alpha = animated = False
    for _ in range(_MOST_PARTS):
        length, kind = _big(data, at, 4), _take(data, at + 4, 4)
        body = _take(data, at + 8, length)
        checksum = _big(data, at + 8 + length, 4)
        if kind in (b"IHDR", b"PLTE", b"IDAT") and zlib.crc32(body, zlib.crc32(kind)) != checksum:
            raise UnreadableError(_DAMAGED)
        if kind == b"IHDR":
            width, height, bits, colour = _big(body, 0, 4), _big(body, 4, 4), body[8], body[9]
        elif not width or not height or colour not in _PNG_MODES:
            raise UnreadableError(_DAMAGED)
        elif kind == b"eXIf":
            orientation = exif_orientation(body)
        alpha |= kind == b"tRNS"
        animated |= kind == b"acTL"
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        raise UnreadableError(_DAMAGED)
    return Header(width, height, bits, _PNG_MODES[colour], alpha or colour in (4, 6), orientation or 1, animated)


# --- WebP ---------------------------------------------------------------------------------------------------------


def webp(data: bytes) -> Header:
    """Walks the RIFF chunks; the EXIF chunk stands after the picture."""
    end = 8 + _little(data, 4, 4)
    if end > len(data):
        raise UnreadableError(_SHORT)
    at, width, height, orientation = 12, 0, 0, 1
    alpha = animated = False
    for _ in range(_MOST_PARTS):
        if at + 8 > end:
            break
        kind, length = data[at : at + 4], _little(data, at + 4, 4)
        body = _take(data, at + 8, length)
        size = (0, 0)
        if kind == b"VP8X":
            alpha, animated = bool(body[0] & 0x10), bool(body[0] & 0x02)
            size = (1 + _little(body, 4, 3), 1 + _little(body, 7, 3))
        elif kind == b"VP8 ":
            size = (_little(body, 6, 2) & 0x3FFF, _little(body, 8, 2) & 0x3FFF)
        elif kind == b"VP8L":
            packed = _little(body, 1, 4)
            size = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
            alpha |= bool(packed >> 28 & 1)
        elif kind == b"EXIF":
            orientation = exif_orientation(body)
        # the canvas and the picture in it should agree; whichever is larger is what a decoder may ask memory for
        width, height = max(width, size[0]), max(height, size[1])
        at += 8 + length + (length & 1)
    if not width or not height:
        raise UnreadableError(_DAMAGED)
    return Header(width, height, 8, "rgb", alpha, orientation, animated)


# --- TIFF ---------------------------------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _EXTRA, _SAMPLE_FORMAT = 256, 257, 258, 262, 338, 339
_PLACES = ((273, 279), (324, 325))  # strips, tiles: offsets and byte counts
_TIFF_TAGS = {_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _EXTRA, _SAMPLE_FORMAT, ORIENTATION, *_PLACES[0], *_PLACES[1]}
_TIFF_MODES = {0: "grey", 1: "grey", 2: "rgb", 3: "palette", 5: "cmyk", 6: "rgb"}


def tiff(data: bytes) -> Header:
    """The first directory: what kind of picture it is, and whether all its strips or tiles lie inside the file."""
    try:
        tags = first_directory(data, _TIFF_TAGS)
    except BadTagsError:
        raise UnreadableError(_SHORT) from None
    width, height = tags.get(_WIDTH, (0,))[0], tags.get(_HEIGHT, (0,))[0]
    bits = tags.get(_BITS, (1,))[0]
    mode = _TIFF_MODES.get(tags.get(_PHOTOMETRIC, (-1,))[0])
    extra = tags.get(_EXTRA, (0,))[0]  # 1: premultiplied alpha, 2: straight alpha, 0: something else
    if mode is None or bits not in (1, 2, 4, 8, 16) or set(tags.get(_SAMPLE_FORMAT, (1,))) != {1}:
        raise UnreadableError(_RARE.format(f"TIFF of {bits} bits, floating point or other colours"))
    if not width or not height:
        raise UnreadableError(_DAMAGED)
    for offsets, counts in _PLACES:
        places = list(zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False))
        if any(offset + count > len(data) for offset, count in places):
            raise UnreadableError(_SHORT)
        if places:
            break
    else:
        raise UnreadableError(_DAMAGED)
    orientation = tags.get(ORIENTATION, (1,))[0]
    orientation = orientation if 1 <= orientation <= 8 else 1
    return Header(width, height, bits, mode, extra in (1, 2), orientation, premultiplied=extra == 1)


# --- BMP ----------------------------------------------------------------------------------------------------------


def bmp(data: bytes) -> Header:
    """Old and new headers; rows without compression must all be there. A fourth byte is no alpha."""
    offset, old = _little(data, 10, 4), _little(data, 14, 4) == 12
    if old:
        width, height, bits, packed = _little(data, 18, 2), _little(data, 20, 2), _little(data, 24, 2), 0
    else:
        width, height = _little(data, 18, 4), _little(data, 22, 4)
        bits, packed = _little(data, 28, 2), _little(data, 30, 4)
    if height >= 1 << 31:
        height = (1 << 32) - height  # negative: the top row comes first
    if not width or not height or bits not in (1, 4, 8, 16, 24, 32):
        raise UnreadableError(_DAMAGED)
    if packed in (0, 3, 6) and offset + (width * bits + 31) // 32 * 4 * height > len(data):
        raise UnreadableError(_SHORT)
    return Header(width, height, 8, "palette" if bits <= 8 else "rgb")


# --- GIF ----------------------------------------------------------------------------------------------------------


def gif(data: bytes) -> Header:
    """Walks the blocks to the end of the first picture and to the beginning of the second, if there is one."""
    width, height, packed = _little(data, 6, 2), _little(data, 8, 2), _little(data, 10, 1)
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    pictures, alpha = 0, False
    for _ in range(_MOST_PARTS):
        if pictures == 2:
            break
        block = data[at : at + 1]
        if block == b"\x2c":
            pictures += 1
            width = max(width, _little(data, at + 1, 2) + _little(data, at + 5, 2))
            height = max(height, _little(data, at + 3, 2) + _little(data, at + 7, 2))
            packed = _little(data, at + 9, 1)
            at += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
            if pictures < 2:
                at = _skip_blocks(data, at)
        elif block == b"\x21":
            alpha |= data[at + 1 : at + 3] == b"\xf9\x04" and bool(_little(data, at + 3, 1) & 1)
            at = _skip_blocks(data, at + 2)
        elif pictures and block in (b"\x3b", b""):
            break
        else:
            raise UnreadableError(_DAMAGED if block else _SHORT)
    return Header(width, height, 8, "palette", alpha, animated=pictures > 1)


def _skip_blocks(data: bytes, at: int) -> int:
    for _ in range(_MOST_PARTS):
        length = _little(data, at, 1)
        at += 1 + length
        if not length:
            return at
    raise UnreadableError(_DAMAGED)


READERS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Header]], ...] = (
    ("jpeg", lambda data: data.startswith(b"\xff\xd8\xff"), jpeg),
    ("png", lambda data: data.startswith(_PNG), png),
    ("webp", lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP", webp),
    ("tiff", lambda data: data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), tiff),
    ("bmp", lambda data: data[:2] == b"BM" and data[6:10] == bytes(4), bmp),
    ("gif", lambda data: data[:6] in (b"GIF87a", b"GIF89a"), gif),
)

_OTHERS = (
    (0, b"\x76\x2f\x31\x01", "an OpenEXR picture"), (0, b"#?RADIANCE", "a Radiance HDR picture"),
    (0, b"8BPS", "a Photoshop document"), (0, b"%PDF", "a PDF document"), (0, b"<svg", "an SVG drawing"),
    (4, b"jP  \r\n\x87\n", "a JPEG 2000 picture"), (0, b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"), (4, b"JXL \r\n\x87\n", "a JPEG XL picture"),
    (0, b"BLENDER", "a Blender file"), (0, b"PK\x03\x04", "a zip archive"),
)  # fmt: skip
_HEIF = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}


def other_kind(data: bytes) -> str:
    """The name of a well-known format that is not read here; empty when the bytes say nothing."""
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"avif", b"avis"):
            return "an AVIF picture"
        return "a HEIC picture" if brand in _HEIF else "a video"
    return next((name for at, magic, name in _OTHERS if data[at : at + len(magic)] == magic), "")
