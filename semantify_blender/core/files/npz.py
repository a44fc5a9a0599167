"""Versioned NPZ files: a schema name, JSON metadata and plain arrays, checked before they are trusted.

Headers are read before data, so a forged 10 GB header or a zip bomb is refused without allocating it.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import FileFormatError, is_file
from ..foreign_errors import foreign_errors_told
from .json_text import parse_json
from .npy import Header, kind_text, read_data, read_header
from .writing import write_aside

MAXIMUM_BYTES = 512 * 1024 * 1024
"""Largest sum of array bytes accepted from one file; the biggest real model (SMPL-X, 400 components) is far below."""
MAXIMUM_RATIO, FREE_BYTES = 300, 16 * 1024 * 1024
"""Array bytes accepted for each byte of the file, beyond the first FREE_BYTES: real ones have at most some dozens."""
MAXIMUM_MEMBERS = 1024
"""Arrays in one file; a face with all its measurements has 90."""
MAXIMUM_TEXTS = 4 * 1024 * 1024
"""Bytes of one array of texts, such as the metadata, four to a character."""
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 65535


@dataclass(frozen=True)
class Field:
    """What a named array must look like.

    kind: NumPy dtype kinds allowed, for example "f" or "iu".
    shape: one entry per axis; an int is exact, a string is a symbol that must agree across fields, None is free.
    within: the lowest and the highest that its numbers may be. Every float array must be finite, also as float32.
    most: of each axis. Files that promise more would load and then take minutes or gigabytes to use.
    """

    kind: str
    shape: tuple[int | str | None, ...]
    required: bool = True
    within: tuple[float, float] = (-math.inf, math.inf)
    most: int | None = None


def save_npz(
    path: str | Path, schema: str, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, Any], packed: bool = True
) -> None:
    """Write arrays with `schema` and `metadata` (JSON) to an NPZ, aside and renamed. packed: smaller, slower to read.

    Raises FileFormatError, with nothing written, for more than `load_npz` would read.
    """
    text = json.dumps(dict(metadata), sort_keys=True, ensure_ascii=False, allow_nan=False)
    if any(array.dtype.hasobject for array in arrays.values()):
        raise TypeError("arrays of Python objects are never written")
    members = {"schema": np.array(schema), "metadata": np.array(text), **arrays}
    size = sum(array.nbytes for array in members.values())
    if size > MAXIMUM_BYTES:
        problem = f"would hold {size >> 20} MiB, and {MAXIMUM_BYTES >> 20} are the most that is read back"
        raise FileFormatError(path, "file", f"{problem}; nothing was written")
    # in memory first: NumPy's unfinished archive complains on the terminal when the disk is full
    buffer = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(buffer, **members)
    if size > FREE_BYTES + MAXIMUM_RATIO * buffer.tell():
        # almost nothing but zeros: packed so tightly that a reader would take it for a zip bomb
        buffer = io.BytesIO()
        np.savez(buffer, **members)
    with write_aside(path) as aside:
        aside.write_bytes(buffer.getbuffer())


def load_npz(
    path: str | Path, schema: str, fields: Mapping[str, Field], content: bytes | None = None
) -> tuple[dict[str, np.ndarray], dict]:
    """Read and check an NPZ written by `save_npz`.

    content: the file's bytes when they are at hand already; the path is only a name for messages then.

    Returns the arrays (those in `fields`, plus any other plain arrays) and the metadata.
    Raises FileFormatError naming the file and the field: missing, truncated, foreign, another schema version,
    wrong dtype or shape, too many, not finite as float32, out of range.
    """
    path = Path(path)
    arrays: dict[str, np.ndarray] = {}
    kind = f"is not a readable {schema} file"
    way_out = "it may be truncated, fetch or make it again"
    with foreign_errors_told(path, "file", kind, way_out), _opened(path, content) as archive:
        members = _members(path, archive)
        headers = _headers(path, archive, members)
        _check_schema(path, schema, archive, members)
        for name, info in members.items():
            arrays[name] = _read(path, archive, name, info, headers[name])
    arrays.pop("schema")
    metadata = _metadata(path, arrays)
    check_fields(path, arrays, fields)
    return arrays, metadata


def one_array(path: str | Path, name: str) -> np.ndarray | None:
    """One array of any NPZ, None when it holds none of that name. Raises FileFormatError when it is no NPZ."""
    path = Path(path)
    with (
        foreign_errors_told(path, "file", "is not a readable .npz", "make it again"),
        _opened(path) as archive,
    ):
        members = _members(path, archive)
        wanted = {name: members[name]} if name in members else {}
        headers = _headers(path, archive, wanted)
        found = {key: _read(path, archive, key, info, headers[key]) for key, info in wanted.items()}
    return found.get(name)


@contextmanager
def _opened(path: Path, content: bytes | None = None) -> Iterator[zipfile.ZipFile]:
    """A zip file opened for reading, its directory known to be small before it is read. content: as for `load_npz`."""
    if content is None and not is_file(path):
        raise FileFormatError(path, "file", "does not exist; check the path")
    with open(path, "rb") if content is None else io.BytesIO(content) as file:
        check_directory(path, file)
        with zipfile.ZipFile(file) as archive:
            yield archive


def check_directory(path: Path, file: IO[bytes]) -> None:
    """Raise FileFormatError for a zip file that declares more members than any real one; it is not read for that."""
    count = _declared_members(file)
    if count > MAXIMUM_MEMBERS:
        raise FileFormatError(path, "file", f"declares {count} members, more than any real file; refused")


def allowed_bytes(size: int) -> int:
    """Most array bytes that a file of `size` bytes may unpack to."""
    return min(MAXIMUM_BYTES, FREE_BYTES + MAXIMUM_RATIO * size)


def check_member(path: Path, name: str, info: zipfile.ZipInfo) -> None:
    """Raise FileFormatError for a member that is packed in a way that NumPy never uses."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
        raise FileFormatError(path, name, "is packed in an unusual way; save it again with numpy.savez_compressed")


def check_fields(path: object, arrays: Mapping[str, np.ndarray], fields: Mapping[str, Field]) -> None:
    """Raise FileFormatError unless all arrays are finite as float32 and those of `fields` look as they must."""
    symbols: dict[str, int] = {}
    for name, array in arrays.items():
        if not is_finite(array):
            raise FileFormatError(path, name, "holds NaN, infinite numbers or numbers beyond single precision")
    for name, field in fields.items():
        if name not in arrays:
            if field.required:
                raise FileFormatError(path, name, "missing")
            continue
        array = arrays[name]
        if array.dtype.kind not in field.kind:
            raise FileFormatError(path, name, f"has dtype {array.dtype}, expected {kind_text(field.kind)}")
        if array.ndim != len(field.shape):
            raise FileFormatError(path, name, f"has shape {array.shape}, expected {_shape_text(field.shape)}")
        if field.most is not None and max(array.shape, default=0) > field.most:
            raise FileFormatError(path, name, f"has shape {array.shape}; {field.most} is the limit")
        for length, expected in zip(array.shape, field.shape, strict=True):
            wanted = symbols.setdefault(expected, length) if isinstance(expected, str) else expected
            if wanted is not None and length != wanted:
                raise FileFormatError(
                    path, name, f"has shape {array.shape}, expected {_shape_text(field.shape)} with {expected}={wanted}"
                )
        lowest, highest = field.within
        bounded = lowest > -math.inf or highest < math.inf
        if bounded and array.dtype.kind in "fiu" and array.size and (array.min() < lowest or array.max() > highest):
            raise FileFormatError(path, name, f"expected numbers in {lowest:g}..{highest:g}")


def is_finite(array: np.ndarray) -> bool:
    """Whether all numbers of an array are finite, also as float32. Other arrays are."""
    if array.dtype.kind != "f" or not array.size:
        return True
    if array.dtype == np.float16 and array.dtype.isnative:
        # by their bits, ten times as quick: all that is beyond the largest finite number is infinite or none
        return bool((array.view(np.uint16) & 0x7FFF).max() < 0x7C00)
    # compared by extremes, which costs no second array; NaN makes both comparisons false
    largest = np.finfo(np.float32).max
    return bool(array.min() >= -largest and array.max() <= largest)


def _declared_members(file: IO[bytes]) -> int:
    """How many members the end of a zip file declares; by the record that `zipfile` goes by; 0 without it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT - 1))
    tail = file.read()
    at = len(tail) - _END_SIZE
    if not (at >= 0 and tail.startswith(_END, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return 0
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return 2**16  # the form for more members or more bytes than are accepted
    # the directory's size is believed too: 46 bytes and a name are the least for each member
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    return max(int.from_bytes(tail[at + 10 : at + 12], "little"), directory // 1024)


def _members(path: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MAXIMUM_MEMBERS:
        raise FileFormatError(path, "file", f"holds {len(infos)} members, more than any real file; refused")
    members = {info.filename.removesuffix(".npy"): info for info in infos}
    if len(members) < len(infos):
        raise FileFormatError(path, "file", "holds two members of one name; it is damaged or forged")
    return members


def _headers(path: Path, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, Header]:
    """What each member promises; refuses objects, headers that lie about the size, and more than is accepted."""
    headers, total, allowed = {}, 0, allowed_bytes(_size_of(archive))
    for name, info in members.items():
        check_member(path, name, info)
        with archive.open(info) as member:
            headers[name] = header = read_header(member)
        if header.objects:
            raise FileFormatError(path, name, "holds Python objects, which are never loaded; expected a plain array")
        if header.nbytes != info.file_size - header.length:
            raise FileFormatError(
                path, name, f"promises {header.nbytes} bytes but holds {info.file_size - header.length}; it is damaged"
            )
        if header.dtype.kind in "US" and header.nbytes > MAXIMUM_TEXTS:
            raise FileFormatError(path, name, f"declares more than {MAXIMUM_TEXTS >> 20} MiB of text; refused")
        total += header.nbytes
        if total > allowed:
            raise FileFormatError(
                path, name, f"declares more than the {allowed >> 20} MiB that a file of this size may; refused"
            )
    return headers


def _size_of(archive: zipfile.ZipFile) -> int:
    assert archive.fp is not None  # it is open
    return archive.fp.seek(0, 2)


def _read(path: Path, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, header: Header) -> np.ndarray:
    with archive.open(info) as member:
        if read_header(member) != header:
            raise FileFormatError(path, name, "reads differently each time; the file is being changed")
        return read_data(member, header)


def _metadata(path: Path, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    with foreign_errors_told(path, "metadata", "expected a JSON object", "fetch or make the file again"):
        text = arrays.pop("metadata")
        if text.ndim or text.dtype.kind != "U":
            raise ValueError("it is no text")
        metadata = parse_json(str(text))
        if not isinstance(metadata, dict):
            raise ValueError("it is something else")
    return metadata


def _check_schema(path: Path, schema: str, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
    """Before anything big is read: is it our kind of file, and a version we know?"""
    if "schema" not in members:
        raise FileFormatError(path, "schema", f"missing; this is not a {schema.split('/')[0]} file")
    with archive.open(members["schema"]) as member:
        header = read_header(member)
        found = str(read_data(member, header)) if header.nbytes <= 1024 else ""
    if found == schema:
        return
    if found.split("/")[0] == schema.split("/")[0]:
        raise FileFormatError(path, "schema", f"is {found!r} but this version reads {schema!r}; update the add-on")
    raise FileFormatError(path, "schema", f"is {found[:60]!r}, expected {schema!r}; choose the right kind of file")


def _shape_text(shape: tuple[int | str | None, ...]) -> str:
    return "(" + ", ".join("*" if length is None else str(length) for length in shape) + ")"
