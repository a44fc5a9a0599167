"""The headers of the picture formats that are read: one reader each, which also notices files that end too early.

JPEG and PNG, which are written and cleaned too, have files of their own.
"""

from collections.abc import Callable

from .header import DAMAGED, MOST_PARTS, RARE, SHORT, Header, UnreadableError, little, take
from .jpeg import START, jpeg_header
from .png import SIGNATURE, png_header
from .tags import ORIENTATION, BadTagsError, exif_orientation, first_directory

# --- WebP ---------------------------------------------------------------------------------------------------------


def webp(data: bytes) -> Header:
    """Walks the RIFF chunks; the EXIF chunk stands after the picture."""
    end = 8 + little(data, 4, 4)
    if end > len(data):
        raise UnreadableError(SHORT)
    at, width, height, orientation = 12, 0, 0, 1
    alpha = animated = False
    for _ in range(MOST_PARTS):
        if at + 8 > end:
            break
        kind, length = data[at : at + 4], little(data, at + 4, 4)
        body = take(data, at + 8, length)
        size = (0, 0)
        if kind == b"VP8X":
            alpha, animated = bool(body[0] & 0x10), bool(body[0] & 0x02)
            size = (1 + little(body, 4, 3), 1 + little(body, 7, 3))
        elif kind == b"VP8 ":
            size = (little(body, 6, 2) & 0x3FFF, little(body, 8, 2) & 0x3FFF)
        elif kind == b"VP8L":
            packed = little(body, 1, 4)
            size = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
            alpha |= bool(packed >> 28 & 1)
        elif kind == b"EXIF":
            orientation = exif_orientation(body)
        # the canvas and the picture in it should agree; whichever is larger is what a decoder may ask memory for
        width, height = max(width, size[0]), max(height, size[1])
        at += 8 + length + (length & 1)
    if not width or not height:
        raise UnreadableError(DAMAGED)
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
        raise UnreadableError(SHORT) from None
    width, height = tags.get(_WIDTH, (0,))[0], tags.get(_HEIGHT, (0,))[0]
    bits = tags.get(_BITS, (1,))[0]
    mode = _TIFF_MODES.get(tags.get(_PHOTOMETRIC, (-1,))[0])
    extra = tags.get(_EXTRA, (0,))[0]  # 1: premultiplied alpha, 2: straight alpha, 0: something else
    if mode is None or bits not in (1, 2, 4, 8, 16) or set(tags.get(_SAMPLE_FORMAT, (1,))) != {1}:
        raise UnreadableError(RARE.format(f"TIFF of {bits} bits, floating point or other colours"))
    if not width or not height:
        raise UnreadableError(DAMAGED)
    for offsets, counts in _PLACES:
        places = list(zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False))
        if any(offset + count > len(data) for offset, count in places):
            raise UnreadableError(SHORT)
        if places:
            break
    else:
        raise UnreadableError(DAMAGED)
    orientation = tags.get(ORIENTATION, (1,))[0]
    orientation = orientation if 1 <= orientation <= 8 else 1
    return Header(width, height, bits, mode, extra in (1, 2), orientation, premultiplied=extra == 1)


# --- BMP ----------------------------------------------------------------------------------------------------------


def bmp(data: bytes) -> Header:
    """Old and new headers; rows without compression must all be there. A fourth byte is no alpha."""
    offset, old = little(data, 10, 4), little(data, 14, 4) == 12
    if old:
        width, height, bits, packed = little(data, 18, 2), little(data, 20, 2), little(data, 24, 2), 0
    else:
        width, height = little(data, 18, 4), little(data, 22, 4)
        bits, packed = little(data, 28, 2), little(data, 30, 4)
    if height >= 1 << 31:
        height = (1 << 32) - height  # negative: the top row comes first
    if not width or not height or bits not in (1, 4, 8, 16, 24, 32):
        raise UnreadableError(DAMAGED)
    if packed in (0, 3, 6) and offset + (width * bits + 31) // 32 * 4 * height > len(data):
        raise UnreadableError(SHORT)
    return Header(width, height, 8, "palette" if bits <= 8 else "rgb")


# --- GIF ----------------------------------------------------------------------------------------------------------


def gif(data: bytes) -> Header:
    """Walks the blocks to the end of the first picture and to the beginning of the second, if there is one."""
    width, height, packed = little(data, 6, 2), little(data, 8, 2), little(data, 10, 1)
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    pictures, alpha = 0, False
    for _ in range(MOST_PARTS):
        if pictures == 2:
            break
        block = data[at : at + 1]
        if block == b"\x2c":
            pictures += 1
            width = max(width, little(data, at + 1, 2) + little(data, at + 5, 2))
            height = max(height, little(data, at + 3, 2) + little(data, at + 7, 2))
            packed = little(data, at + 9, 1)
            at += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
            if pictures < 2:
                at = _skip_blocks(data, at)
        elif block == b"\x21":
            alpha |= data[at + 1 : at + 3] == b"\xf9\x04" and bool(little(data, at + 3, 1) & 1)
            at = _skip_blocks(data, at + 2)
        elif pictures and block in (b"\x3b", b""):
            break
        else:
            raise UnreadableError(DAMAGED if block else SHORT)
    return Header(width, height, 8, "palette", alpha, animated=pictures > 1)


def _skip_blocks(data: bytes, at: int) -> int:
    for _ in range(MOST_PARTS):
        length = little(data, at, 1)
        at += 1 + length
        if not length:
            return at
    raise UnreadableError(DAMAGED)


READERS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], Header]], ...] = (
    ("jpeg", lambda data: data.startswith(START), jpeg_header),
    ("png", lambda data: data.startswith(SIGNATURE), png_header),
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
