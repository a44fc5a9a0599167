"""NumPy's .npy format, read by a grammar of its own.

NumPy evaluates the header of an array with Python's parser, which a forged file can crash or keep busy. Here a header
is three known entries, whose values are matched and never evaluated; sizes are compared with what is there before
memory is asked for.
"""

import io
import math
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import numpy as np

from ..errors import FileFormatError, is_file
from ..foreign_errors import foreign_errors_told

MAGIC = b"\x93NUMPY"
MAXIMUM_HEADER = 4096
"""Bytes; a plain array's header takes 118."""
MAXIMUM_DIMENSIONS = 8
KINDS = {"f": "floating-point numbers", "i": "whole numbers", "u": "whole numbers", "U": "text", "b": "truth values"}
"""What NumPy's dtype kinds are called."""
_BLOCK = 1 << 20
_ENTRY = re.compile(
    r"\s*(?:'(\w+)'|\"(\w+)\")\s*:\s*"
    r"(?P<value>'[^'\\]*'|\"[^\"\\]*\"|True|False|\(\s*(?:\d{1,19}L?\s*,\s*)*(?:\d{1,19}L?\s*)?\))\s*(?:,|\Z)"
)
_TYPE = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|[US]\d{1,9}|O(?:8|4)?)")


@dataclass(frozen=True)
class Header:
    """What an .npy header declares. objects: it holds pickled Python objects; `dtype` means nothing then."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    objects: bool
    length: int
    """Bytes of the header itself, where the data begins."""

    @property
    def nbytes(self) -> int:
        """Bytes of data that follow."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes]) -> Header:
    """Read the header of an .npy stream, which is left at the data.

    Raises ValueError, a phrase on what is wrong, for anything but a plain array of known numbers, truths or texts.
    """
    start = _exactly(file, 8)
    if start[:6] != MAGIC or start[6] not in (1, 2, 3) or start[7] != 0:
        raise ValueError("no .npy array")
    width = 2 if start[6] == 1 else 4
    length = int.from_bytes(_exactly(file, width), "little")
    if length > MAXIMUM_HEADER:
        raise ValueError(f"an array header of {length} bytes")
    # version 3 is UTF-8, but the names that need it belong to records, which are refused
    text = _exactly(file, length).decode("latin1").strip()
    if not (text.startswith("{") and text.endswith("}")):
        raise ValueError("a damaged array header")
    values: dict[str, str] = {}
    at, inner = 0, text[1:-1].rstrip()
    while at < len(inner):
        entry = _ENTRY.match(inner, at)
        if entry is None:
            raise ValueError("an array header that is not one of plain numbers, truths or texts")
        values[entry[1] or entry[2]] = entry["value"]
        at = entry.end()
    if values.keys() != {"descr", "fortran_order", "shape"}:
        raise ValueError("an array header without descr, fortran_order and shape")
    descr, fortran, shape = values["descr"], values["fortran_order"], values["shape"]
    kind = _TYPE.fullmatch(descr[1:-1]) if descr[0] in "'\"" else None
    if kind is None or fortran not in ("True", "False") or shape[0] != "(":
        raise ValueError("an array header that is not one of plain numbers, truths or texts")
    if "," not in shape and shape.strip("() \t"):
        raise ValueError("an array header whose shape is no tuple")
    lengths = tuple(int(number) for number in re.findall(r"\d+", shape))
    if len(lengths) > MAXIMUM_DIMENSIONS or any(number >= 2**48 for number in lengths):
        raise ValueError("an array of an impossible shape")
    objects = kind[1][0] == "O"
    if kind[1][0] in "US" and int(kind[1][1:]) >= 2**28:
        raise ValueError("an array of impossibly long texts")
    dtype = np.dtype("V1") if objects else np.dtype(descr[1:-1])
    return Header(lengths, dtype, fortran == "True", objects, 8 + width + length)


def read_data(file: IO[bytes], header: Header) -> np.ndarray:
    """The array behind a header, in this machine's byte order, writable.

    Raises ValueError when the data end too early, or hold what is no truth value or no text.
    """
    if header.objects:
        raise ValueError("Python objects, which are never loaded; expected a plain array")
    flat = np.empty(math.prod(header.shape), header.dtype)
    if flat.nbytes:
        view = flat.view(np.uint8).data
        for start in range(0, len(view), _BLOCK):
            block = view[start : start + _BLOCK]
            block[:] = _exactly(file, len(block))
    _check_values(flat)
    array = flat.reshape(header.shape, order="F" if header.fortran else "C")
    native = array.dtype.newbyteorder("=")
    return array if array.dtype == native else array.astype(native)


def read_array(data: bytes) -> np.ndarray:
    """The array in the bytes of a whole .npy file. Raises ValueError, a phrase on what is wrong."""
    file = io.BytesIO(data)
    header = read_header(file)
    if header.objects:
        raise ValueError("Python objects, which are never loaded; expected a plain array")
    left = len(data) - header.length
    if header.nbytes != left:
        raise ValueError(f"an array that promises {header.nbytes} bytes but holds {left}")
    return read_data(file, header)


def kind_text(kinds: str) -> str:
    """What arrays of these NumPy dtype kinds hold, in words."""
    return "numbers" if {"f", "i"} <= set(kinds) else " or ".join(dict.fromkeys(KINDS[kind] for kind in kinds))


def load_npy(path: str | Path, kinds: str = "fiu", mapped: bool = False) -> np.ndarray:
    """The array of an .npy file.

    kinds: NumPy dtype kinds admitted. mapped: leave the data on disk (read-only) until they are used.
    Raises FileFormatError: missing, damaged, an archive, Python objects, of another kind.
    """
    path = Path(path)
    if not is_file(path):
        raise FileFormatError(path, "file", "does not exist or is no file; give a .npy array")
    with foreign_errors_told(path, "file", "is not a readable .npy array", "make it again with numpy.save"):
        with open(path, "rb") as file:
            header = read_header(file)
            if header.objects:
                raise FileFormatError(path, "array", "holds Python objects, which are never loaded; save plain numbers")
            if header.dtype.kind not in kinds:
                raise FileFormatError(path, "array", f"has dtype {header.dtype}, expected {kind_text(kinds)}")
            left = os.fstat(file.fileno()).st_size - header.length
            if header.nbytes != left:
                raise FileFormatError(path, "array", f"promises {header.nbytes} bytes but holds {left}; it is damaged")
            array = None if mapped and header.nbytes else read_data(file, header)
        if array is None:
            order: Literal["F", "C"] = "F" if header.fortran else "C"
            array = np.memmap(path, header.dtype, "r", header.length, header.shape, order)
    return array


def _exactly(file: IO[bytes], count: int) -> bytes:
    parts = []
    while count:
        part = file.read(count)
        if not part:
            raise ValueError("an array that ends too early")
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _check_values(flat: np.ndarray) -> None:
    """Truth values are 0 or 1, texts are characters: NumPy itself trusts both, and fails when they are used."""
    if flat.dtype.kind == "b" and len(flat) and flat.view(np.uint8).max() > 1:
        raise ValueError("truth values that are neither 0 nor 1")
    if flat.dtype.kind == "U" and flat.nbytes:
        points = flat.view(np.dtype(np.uint32).newbyteorder(flat.dtype.byteorder))
        # lone surrogates cannot be written as UTF-8: neither to a file nor into a name of Blender's
        if points.max() > 0x10FFFF or ((points >= 0xD800) & (points <= 0xDFFF)).any():
            raise ValueError("text that is no Unicode")
