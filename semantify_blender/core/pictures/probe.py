"""What a picture file is, from its headers: nothing is decoded that is too large, cut short or no picture.

Decoders differ in what they do with bad files (grey areas, black pictures, a crash); here every such file gets the
same one sentence, whoever decodes.
"""

from dataclasses import dataclass
from pathlib import Path

from ..errors import SemantifyError
from .containers import READERS, other_kind
from .header import Header, UnreadableError

MAX_PIXELS = 64_000_000
MAX_SIDE = 30_000
MIN_SIDE = 16
MAX_BYTES = 1 << 28


@dataclass(frozen=True)
class PictureInfo:
    """Of a file that can be decoded.

    format: "png", "jpeg", "webp", "tiff", "bmp" or "gif". width, height: as stored, before turning upright.
    bits: of a channel. mode: "grey", "rgb", "palette" or "cmyk"; alpha: some transparency is stored beside it, and
    premultiplied says that the colours are (in TIFF only). orientation: 1..8 as EXIF counts.
    animated: more pictures follow the first.
    """

    format: str
    width: int
    height: int
    bits: int
    mode: str
    alpha: bool
    orientation: int
    animated: bool
    premultiplied: bool


def probe(path: str | Path) -> PictureInfo:
    """Look at a file's headers. Raises SemantifyError when the file is missing, no picture, damaged or too large."""
    path = Path(path)
    try:
        # a pipe or a device is no file: reading one could wait for ever
        if not path.is_file():
            problem = "is a folder; give a picture inside it" if path.is_dir() else "there is no such picture file"
            raise SemantifyError(f"{path}: {problem}")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise SemantifyError(f"{path}: the file is larger than {MAX_BYTES >> 20} MB; save a smaller picture")
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise SemantifyError(
            f"{path}: the file cannot be read ({reason}); check the name and the permissions"
        ) from error
    return probe_bytes(data, str(path))


def probe_bytes(data: bytes, name: str) -> PictureInfo:
    """The same for the bytes of a file; name: for messages."""
    if not data:
        raise SemantifyError(f"{name}: the file is empty (0 bytes); export or copy the picture again")
    known = next(((form, reader) for form, starts, reader in READERS if starts(data)), None)
    if known is None:
        kind = other_kind(data)
        what = f"is {kind}, which is not read here" if kind else "is not a picture"
        raise SemantifyError(f"{name}: the file {what}; save or export the picture as PNG or JPEG")
    form, reader = known
    try:
        header = reader(data)
    except UnreadableError as error:
        raise SemantifyError(f"{name}: this {form.upper()} file {error}") from error
    except (IndexError, ValueError, OverflowError) as error:
        raise SemantifyError(f"{name}: this {form.upper()} file is damaged; copy or export it again") from error
    _check_size(header, name)
    return PictureInfo(form, **vars(header))


def is_known(data: bytes) -> bool:
    """Whether `probe_bytes` knows the format of these bytes."""
    return any(starts(data) for _, starts, _ in READERS)


def is_whole(data: bytes) -> bool:
    """Whether these are all bytes of a picture of a known format, of any size: what a full disk leaves is not."""
    for _, starts, reader in READERS:
        if starts(data):
            try:
                reader(data)
            except (UnreadableError, IndexError, ValueError, OverflowError):
                return False
            return True
    return False


def _check_size(header: Header, name: str) -> None:
    width, height = header.width, header.height
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise SemantifyError(
            f"{name}: {width} × {height} pixels are too many (at most {MAX_PIXELS // 1_000_000} million, "
            f"{MAX_SIDE} a side); save a smaller copy"
        )
    if min(width, height) < MIN_SIDE:
        raise SemantifyError(f"{name}: {width} × {height} pixels are too few; give at least {MIN_SIDE} a side")
