"""A research model's file opened as named arrays, whichever container it is in: pickle, .npz or .npy.

What kind of file it is, is seen from its first bytes. Arrays of a .npz are read when they are asked for, their headers
first, so that neither a zip bomb nor a forged header costs memory.
"""

import io
import zipfile
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import FileFormatError, is_file, is_folder, reason_of
from ..files.names import check_text
from ..files.npy import kind_text, read_data, read_header
from ..files.npz import MAXIMUM_BYTES, allowed_bytes, check_directory, check_member, is_finite
from ..foreign_errors import FOREIGN
from .shells import Array, RefusedError, as_array
from .unpickle import unpickle

MAXIMUM_PICKLE = 640 * 1024 * 1024
"""Largest pickle accepted, bytes; it is held in memory whole, and the biggest real one (SMPL-X) is about 550 MB."""


class Source:
    """Named values of one file.

    path: the file. names: what it holds.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a file. Raises FileFormatError when it is missing, of no known kind, damaged or refused."""
        self.path = Path(path)
        self._values: dict[str, object] = {}
        self._archive: zipfile.ZipFile | None = None
        self._read_bytes = 0
        if not is_file(self.path):
            if is_folder(self.path):
                raise FileFormatError(path, "file", "is a folder; give the model file inside it")
            raise FileFormatError(path, "file", "does not exist; check the path")
        try:
            with open(self.path, "rb") as file:
                self._open(file)
        except RefusedError as error:
            raise FileFormatError(path, "file", str(error)) from error
        except FOREIGN as error:
            raise FileFormatError(path, "file", f"is damaged ({reason_of(error)}); fetch it again") from error

    def _open(self, file: BinaryIO) -> None:
        start, size = file.read(6), self.path.stat().st_size
        file.seek(0)
        if not start:
            raise FileFormatError(self.path, "file", "is empty; fetch it again")
        if start.startswith(b"PK"):
            check_directory(self.path, file)
            self._archive = zipfile.ZipFile(self.path)
            members = {info.filename.removesuffix(".npy"): info for info in self._archive.infolist()}
            self.names = set(members)
            self._members = members
            return
        if size > MAXIMUM_PICKLE:
            raise FileFormatError(self.path, "file", f"has {size >> 20} MiB, more than any real model; refused")
        value = self._npy(file, "array", size) if start == b"\x93NUMPY" else unpickle(file, size)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]  # a dictionary that numpy.save put into an array of objects
        if isinstance(value, Array):
            value = value.value
        self._values = value if isinstance(value, dict) else {"": value}
        self.names = {name for name in self._values if isinstance(name, str)}

    def _npy(self, file: BinaryIO, name: str, size: int) -> object:
        """One .npy stream of `size` bytes; objects in it are read by the restricted unpickler."""
        header = read_header(file)
        if header.objects:
            left = size - header.length
            if left > MAXIMUM_PICKLE:
                raise FileFormatError(self.path, name, f"has {left >> 20} MiB, more than any real model; refused")
            value = unpickle(file, left)
            return value.value if isinstance(value, Array) else value
        if header.nbytes > size - header.length:
            raise FileFormatError(
                self.path, name, f"declares {header.nbytes} bytes but holds {size - header.length}; it is damaged"
            )
        self._read_bytes += header.nbytes
        if self._read_bytes > min(MAXIMUM_BYTES, allowed_bytes(self.path.stat().st_size)):
            raise FileFormatError(self.path, name, f"declares {self._read_bytes >> 20} MiB of data; refused")
        return read_data(file, header)

    def _load(self, name: str) -> None:
        """Read a value of an archive when it is first asked for. Raises FileFormatError when it is missing."""
        if name not in self.names:
            raise FileFormatError(self.path, name or "array", f"missing; the file has {self._listing()}")
        try:
            if self._archive is not None and name not in self._values:
                info = self._members[name]
                check_member(self.path, name, info)
                with self._archive.open(info) as member:
                    self._values[name] = self._npy(io.BufferedReader(member), name, info.file_size)  # type: ignore
        except RefusedError as error:
            raise FileFormatError(self.path, name, str(error)) from error
        except FOREIGN as error:
            raise FileFormatError(self.path, name, f"is damaged ({reason_of(error)}); fetch the file again") from error

    def array(self, name: str, kinds: str = "f", shape: tuple[int | None, ...] | None = None) -> np.ndarray:
        """A finite array by name.

        kinds: NumPy dtype kinds admitted; whole numbers are taken for "f" as well. shape: None is a free length.
        Raises FileFormatError naming file and field when it is missing or anything else.
        """
        self._load(name)
        try:
            value = as_array(self._values[name])
        except RefusedError as error:
            raise FileFormatError(self.path, name, str(error)) from error
        except FOREIGN as error:
            raise FileFormatError(self.path, name, f"is damaged ({reason_of(error)}); fetch the file again") from error
        if value.dtype.kind not in kinds + ("iu" if kinds == "f" else ""):
            raise FileFormatError(self.path, name, f"has dtype {value.dtype}, expected {kind_text(kinds)}")
        fits = shape is None or (
            value.ndim == len(shape) and all(w in (None, n) for n, w in zip(value.shape, shape, strict=True))
        )
        if not fits:
            wanted = ", ".join("*" if n is None else str(n) for n in shape or ())
            raise FileFormatError(self.path, name, f"has shape {value.shape}, expected ({wanted})")
        if not is_finite(value):
            raise FileFormatError(self.path, name, "holds NaN, infinite numbers or numbers beyond single precision")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list or array of texts, or one text, as a tuple. Raises FileFormatError when it is missing or no texts."""
        self._load(name)
        value = self._values[name]
        value = value.value if isinstance(value, Array) else value
        if isinstance(value, np.ndarray) and value.dtype.kind in "US":
            value = value.ravel().tolist()
        items = list(value) if isinstance(value, list | tuple) else [value]
        found = [item.decode("utf-8", "replace") if isinstance(item, bytes) else item for item in items]
        if not found or not all(isinstance(item, str) for item in found):
            raise FileFormatError(self.path, name, "expected texts")
        return tuple(check_text(self.path, name, item) for item in found)

    def rows(self, name: str) -> list[np.ndarray]:
        """A list of float arrays (n,), or an array (m, n) as its rows. Raises FileFormatError as `array` does."""
        value = self._values.get(name)
        value = value.value if isinstance(value, Array) else value
        if not isinstance(value, list) or not any(isinstance(row, Array | list) for row in value):
            return [row.astype(np.float64) for row in self.array(name, "f", (None, None))]
        try:
            found = [as_array(row).astype(np.float64).ravel() for row in value[:1000]]
        except (RefusedError, *FOREIGN) as error:
            raise FileFormatError(self.path, name, "expected rows of numbers") from error
        if not all(np.isfinite(row).all() for row in found):
            raise FileFormatError(self.path, name, "holds NaN or infinite numbers")
        return found

    def _listing(self) -> str:
        shown = sorted(name[:24] for name in self.names if name)[:8]
        return ", ".join(shown) + (", …" if len(self.names) > len(shown) else "") if shown else "no named arrays"
