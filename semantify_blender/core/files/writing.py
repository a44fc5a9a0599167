"""Writing files so that a killed process never leaves half a file under the final name."""

import errno
import hashlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError, OutputError, is_file
from ..foreign_errors import foreign_errors_told
from .owners import this_node

ODD = "backslashreplace"
"""How the bytes of a path that are no Unicode are written into text: what JSON reads back as the very same path."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def write_aside(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it is renamed to `path`, on failure removed.

    The name carries machine and process, so that two writers never share one temporary file.
    Raises OutputError, which names `path`, when the folder or the file cannot be written.
    """
    path = Path(path)
    aside = _aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        os.replace(aside, path)
    except OSError as error:
        # what the body reads meanwhile is not this file's fault
        named = error.filename
        ours = not isinstance(named, str | bytes) or Path(os.fsdecode(named)) in (aside, path, *path.parents)
        if not ours or isinstance(error, ConnectionError):
            raise
        raise unwritable(error, path) from error
    finally:
        with suppress(OSError):  # where nothing can be written, nothing is left either
            aside.unlink(missing_ok=True)


def make_folder(path: str | Path) -> Path:
    """Make a folder and those above it, where they are not there yet. Raises OutputError when that cannot be."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, path) from error
    return Path(path)


def check_writable(path: str | Path) -> None:
    """Raise OutputError when a file cannot be written: to be asked before the hours of work that it is to hold."""
    path = Path(path)
    if path.is_dir():
        raise unwritable(IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR)), path)
    aside = _aside(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.touch()
        aside.unlink()
    except OSError as error:
        raise unwritable(error, path) from error


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{this_node()}.{os.getpid()}.part")


def unwritable(error: OSError, path: str | Path) -> OutputError:
    """The sentence for an error while `path` was written."""
    if error.errno in _FULL:
        return OutputError(f"no space left to write {path}: free some and run the same command again")
    return OutputError(f"cannot write {path} ({error.strerror or error}): choose another --out")


def file_trouble(error: OSError) -> str:
    """The sentence for an error of the operating system that nobody explained better."""
    if error.errno in _FULL:
        return f"no space left to write {error.filename or 'the output'}: free some and run the same command again"
    if error.filename is None:
        return f"a file cannot be read or written ({error.strerror or error}): check the paths and the disk"
    return f"{error.filename}: cannot be read or written ({error.strerror or error}): check the path and the disk"


def write_text(path: str | Path, text: str) -> None:
    """Write UTF-8 text aside and rename."""
    with write_aside(path) as aside:
        aside.write_text(text, encoding="utf-8", errors=ODD)


def write_json(path: str | Path, value: Any) -> None:
    """Write indented JSON with sorted keys aside and rename; a number that is not finite becomes null."""
    write_text(path, json.dumps(_finite(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value


def read_bytes(path: str | Path, most: int = 1 << 30) -> bytes:
    """All bytes of a file. Raises FileFormatError when it cannot be read or has more than `most`."""
    path = Path(path)
    if not is_file(path):  # a pipe or a device could be read for ever
        raise FileFormatError(path, "file", "does not exist; check the path")
    with (
        foreign_errors_told(path, "file", "cannot be read", "check the name and the permissions"),
        open(path, "rb") as file,
    ):
        content = file.read(most + 1)
    if len(content) > most:
        raise FileFormatError(path, "file", f"has more than {most >> 20} MiB; refused")
    return content


def sha256_of_array(values: np.ndarray) -> str:
    """Hex SHA-256 of an array's type, shape and numbers."""
    digest = hashlib.sha256(f"{values.dtype.str} {values.shape}".encode())
    digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def sha256_of_file(path: str | Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
