"""Versioned NPZ files: a schema name, JSON metadata and plain arrays, checked before they are trusted.

Headers are read before data, so a forged 10 GB header or a zip bomb is refused without allocating it.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from .errors import FileFormatError
from .files import write_aside

UNREADABLE = (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What np.load raises for a file that is empty, damaged or something else."""
MAXIMUM_BYTES = 512 * 1024 * 1024
"""Largest sum of array bytes accepted from one file; the biggest real model (SMPL-X, 400 components) is far below."""


@dataclass(frozen=True)
class Field:
    """What a named array must look like.

    kind: NumPy dtype kinds allowed, for example "f" or "iu".
    shape: one entry per axis; an int is exact, a string is a symbol that must agree across fields, None is free.
    """

    kind: str
    shape: tuple[int | str | None, ...]
    required: bool = True


def save_npz(path: str | Path, schema: str, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Write arrays with `schema` and `metadata` (JSON) to a compressed NPZ, aside and renamed."""
    text = json.dumps(dict(metadata), sort_keys=True, ensure_ascii=False)
    # in memory first: NumPy's unfinished archive complains on the terminal when the disk is full
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, allow_pickle=False, **{"schema": np.array(schema), "metadata": np.array(text), **arrays}
    )
    with write_aside(path) as aside:
        aside.write_bytes(buffer.getbuffer())


def load_npz(path: str | Path, schema: str, fields: Mapping[str, Field]) -> tuple[dict[str, np.ndarray], dict]:
    """Read and check an NPZ written by `save_npz`.

    Returns the arrays (those in `fields`, plus any other plain arrays) and the metadata.
    Raises FileFormatError naming the file and the field: missing, truncated, foreign, another schema version,
    wrong dtype or shape, not finite.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(path, "file", "does not exist; check the path")
    arrays: dict[str, np.ndarray] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            total = 0
            for name, info in members.items():
                with archive.open(info) as member:
                    total += _declared_bytes(path, name, member, info.file_size)
                if total > MAXIMUM_BYTES:
                    raise FileFormatError(path, name, f"declares more than {MAXIMUM_BYTES >> 20} MiB of data; refused")
            _check_schema(path, schema, archive, members)
            for name, info in members.items():
                with archive.open(info) as member:
                    arrays[name] = np.lib.format.read_array(member, allow_pickle=False)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise FileFormatError(
            path, "file", f"is not a readable {schema} file ({error}); it may be truncated, fetch or make it again"
        ) from error
    arrays.pop("schema")
    try:
        metadata = json.loads(str(arrays.pop("metadata")))
        if not isinstance(metadata, dict):
            raise ValueError("not an object")
    except (KeyError, ValueError) as error:
        raise FileFormatError(path, "metadata", f"expected a JSON object ({error})") from error
    _check_fields(path, arrays, fields)
    return arrays, metadata


def one_array(path: str | Path, name: str) -> np.ndarray | None:
    """One array of any NPZ, None when it holds none of that name. Raises FileFormatError when it is no NPZ."""
    try:
        stored = np.load(path, allow_pickle=False)
        if isinstance(stored, np.ndarray):
            raise ValueError("a single array")
        with stored:
            return stored[name] if name in stored.files else None
    except UNREADABLE as error:
        raise FileFormatError(path, "file", f"is not a readable .npz ({error})") from error


def _declared_bytes(path: Path, name: str, member: Any, file_size: int) -> int:
    """Bytes of array data that a member's header promises; refuses objects and headers that lie about the size."""
    shape, dtype = _read_header(member)
    if dtype.hasobject:
        raise FileFormatError(path, name, "holds Python objects, which are never loaded; expected a plain array")
    promised = dtype.itemsize
    for length in shape:
        promised *= int(length)
    if promised > file_size:
        raise FileFormatError(path, name, f"promises {promised} bytes but holds {file_size}; the file is damaged")
    return promised


def _read_header(member: BinaryIO) -> tuple[tuple[int, ...], np.dtype]:
    version = np.lib.format.read_magic(member)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(member)
    return shape, dtype


def _check_schema(path: Path, schema: str, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
    """Before anything big is read: is it our kind of file, and a version we know?"""
    if "schema" not in members:
        raise FileFormatError(path, "schema", f"missing; this is not a {schema.split('/')[0]} file")
    with archive.open(members["schema"]) as member:
        found = str(np.lib.format.read_array(member, allow_pickle=False))
    if found == schema:
        return
    if found.split("/")[0] == schema.split("/")[0]:
        raise FileFormatError(path, "schema", f"is {found!r} but this version reads {schema!r}; update the add-on")
    raise FileFormatError(path, "schema", f"is {found[:60]!r}, expected {schema!r}; choose the right kind of file")


def _check_fields(path: Path, arrays: Mapping[str, np.ndarray], fields: Mapping[str, Field]) -> None:
    symbols: dict[str, int] = {}
    for name, field in fields.items():
        if name not in arrays:
            if field.required:
                raise FileFormatError(path, name, "missing")
            continue
        array = arrays[name]
        if array.dtype.kind not in field.kind:
            raise FileFormatError(path, name, f"has dtype {array.dtype}, expected kind {field.kind!r}")
        if array.ndim != len(field.shape):
            raise FileFormatError(path, name, f"has shape {array.shape}, expected {_shape_text(field.shape)}")
        for length, expected in zip(array.shape, field.shape, strict=True):
            wanted = symbols.setdefault(expected, length) if isinstance(expected, str) else expected
            if wanted is not None and length != wanted:
                raise FileFormatError(
                    path, name, f"has shape {array.shape}, expected {_shape_text(field.shape)} with {expected}={wanted}"
                )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise FileFormatError(path, name, "holds NaN or infinite numbers")


def _shape_text(shape: tuple[int | str | None, ...]) -> str:
    return "(" + ", ".join("*" if length is None else str(length) for length in shape) + ")"
