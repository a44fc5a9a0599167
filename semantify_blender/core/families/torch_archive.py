"""Tensors of a TorchScript archive by their names, read with NumPy alone; neither its code nor its pickles are run.

The archive is a zip file: `<name>/data.pkl` says what the module is made of, `<name>/data/<key>` holds the numbers of a
tensor. Modules become plain dictionaries, tensors stay on disk until they are asked for. Code in the archive is not
opened.
"""

import io
import math
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np

from ..errors import FileFormatError, reason_of
from ..files.npz import MAXIMUM_BYTES, check_member, is_finite
from ..foreign_errors import FOREIGN
from .shells import CALLABLE, RefusedError, Shell, admitted
from .unpickle import Machine, Table, unpickle

MAXIMUM_MEMBERS, MAXIMUM_DIRECTORY, MAXIMUM_PICKLE = 16_384, 8 << 20, 16 << 20
"""Of one archive: files in it, bytes of their list, bytes of data.pkl. MHR's has some hundred tensors."""
_DTYPES = {
    "FloatStorage": "f4", "DoubleStorage": "f8", "HalfStorage": "f2", "LongStorage": "i8", "IntStorage": "i4",
    "ShortStorage": "i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "b1",
}  # fmt: skip
_LISTS = ("build_intlist", "build_tensorlist", "build_doublelist", "build_boollist", "restore_type_tag")


class _Module:
    """An object of the archive's own classes: its attributes, and nothing of what it does."""

    def __init__(self) -> None:
        self.attributes: dict = {}

    def build(self, state: object) -> "_Module":
        """state: its dictionary."""
        if isinstance(state, dict):
            self.attributes = state
        return self


class _Kind:
    """A kind of storage. dtype: of its numbers, None for one that NumPy has not, such as bfloat16."""

    def __init__(self, name: str) -> None:
        self.dtype = _DTYPES.get(name)


class _Storage:
    """Numbers in a file of the archive. count: as declared."""

    def __init__(self, kind: _Kind, key: str, count: int) -> None:
        self.kind, self.key, self.count = kind, key, count


class _Tensor:
    """A tensor: which numbers of a storage it shows."""

    def __init__(self, storage: object, offset: object, shape: object, strides: object, *_: object) -> None:
        if not isinstance(storage, _Storage) or not isinstance(shape, tuple) or not isinstance(strides, tuple):
            raise RefusedError("holds a tensor whose parts are not those of a tensor")
        numbers = (offset, *shape, *strides)
        if not all(type(n) is int and 0 <= n < 2**40 for n in numbers) or len(shape) != len(strides) or len(shape) > 8:
            raise RefusedError("holds a tensor whose shape is not whole numbers")
        self.storage, self.shape, self.strides = storage, shape, strides
        self.offset: int = numbers[0]  # type: ignore[assignment]


def _first(value: object = None, *_: object) -> object:
    """TorchScript's marks of a list's or a dictionary's type: the list or dictionary itself."""
    return value


class _TorchMachine(Machine):
    """The restricted pickle machine, which knows tensors and takes the archive's own classes for dictionaries."""

    callable = (*CALLABLE, _Tensor, _first)

    def find_class(self, module: str, name: str) -> object:
        if module.split(".")[0] == "__torch__":
            return Shell(_Module)
        if module == "torch" and name.endswith("Storage"):
            return _Kind(name)
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch.jit._pickle" and name in _LISTS:
            return _first
        return admitted(module, name)

    def _persistent(self) -> None:
        """A reference to what is outside of the pickle: ("storage", kind, key, device, count)."""
        key = self.stack.pop()
        parts = key if isinstance(key, tuple) and len(key) == 5 else (None,) * 5
        kind, name, count = parts[1], parts[2], parts[4]
        known = isinstance(kind, _Kind) and isinstance(name, str) and len(name) < 200 and type(count) is int
        if parts[0] != "storage" or not known:
            raise RefusedError("refers to something outside of the file that is no storage of a tensor")
        self.append(_Storage(kind, name, count))  # type: ignore[arg-type]


_TorchMachine.dispatch = Table({**Machine.dispatch, pickle.BINPERSID[0]: _TorchMachine._persistent})


class TorchArchive:
    """A TorchScript file opened. path: the file."""

    def __init__(self, path: Path) -> None:
        """Raises FileFormatError when the file is damaged, forged, or holds anything that is not admitted."""
        self.path = path
        try:
            with open(path, "rb") as file:
                if not _is_whole(path, file):
                    raise FileFormatError(path, "file", "is no whole archive; fetch it again")
            self._archive = zipfile.ZipFile(path)
            self._members = {info.filename: info for info in self._archive.infolist()}
            pickles = [name for name in self._members if name.endswith("/data.pkl") and name.count("/") == 1]
            if len(pickles) != 1:
                raise FileFormatError(path, "data.pkl", "missing; this is no archive that PyTorch wrote")
            self._root = pickles[0].removesuffix("data.pkl")
            self._order = ">" if self._small(f"{self._root}byteorder") == b"big" else "<"
            data = self._bytes(pickles[0], MAXIMUM_PICKLE)
            self._module = unpickle(io.BytesIO(data), len(data), _TorchMachine)
        except RefusedError as error:
            raise FileFormatError(path, "data.pkl", str(error)) from error
        except FOREIGN as error:
            raise FileFormatError(path, "file", f"is damaged ({reason_of(error)}); fetch it again") from error

    def has(self, name: str) -> bool:
        """Whether a tensor of that name is there, for example "character_torch.blend_shape.base_shape"."""
        return isinstance(self._find(name), _Tensor)

    def array(self, name: str, kinds: str = "f") -> np.ndarray:
        """A tensor by its name, a copy. kinds: NumPy dtype kinds admitted.

        Raises FileFormatError naming file and tensor when it is missing, of another kind, damaged or not finite.
        """
        tensor = self._find(name)
        if not isinstance(tensor, _Tensor):
            raise FileFormatError(self.path, name, "missing; the archive has no such tensor")
        dtype = tensor.storage.kind.dtype
        if dtype is None or np.dtype(dtype).kind not in kinds:
            raise FileFormatError(self.path, name, "has numbers of another kind; give the file in single precision")
        count, width = math.prod(tensor.shape), np.dtype(dtype).itemsize
        reach = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True)) + 1
        if not count or max(reach, count) > tensor.storage.count or count * width > MAXIMUM_BYTES:
            raise FileFormatError(self.path, name, f"declares {count} numbers where fewer are; it is damaged or forged")
        try:
            raw = self._bytes(f"{self._root}data/{tensor.storage.key}", MAXIMUM_BYTES)
        except FOREIGN as error:
            raise FileFormatError(self.path, name, f"is damaged ({reason_of(error)}); fetch the file again") from error
        # a stride of 0 makes many numbers of one: no exporter writes that, and a small file would fill the memory
        if len(raw) < max(reach, count) * width:
            raise FileFormatError(self.path, name, f"ends after {len(raw)} bytes; fetch the file again")
        flat = np.frombuffer(raw[: len(raw) // width * width], np.dtype(self._order + dtype))[tensor.offset :]
        strides = [step * width for step in tensor.strides]
        value = np.lib.stride_tricks.as_strided(flat, tensor.shape, strides).astype(np.dtype(dtype))
        if not is_finite(value):
            raise FileFormatError(self.path, name, "holds NaN, infinite numbers or numbers beyond single precision")
        return value

    def _find(self, name: str) -> object:
        found: object = self._module
        for part in name.split("."):
            found = found.attributes.get(part) if isinstance(found, _Module) else None
        return found

    def _small(self, name: str) -> bytes:
        return self._bytes(name, 64) if name in self._members else b""

    def _bytes(self, name: str, most: int) -> bytes:
        if name not in self._members:
            raise FileFormatError(self.path, name[:60], "missing; the archive is not whole, fetch it again")
        info = self._members[name]
        check_member(self.path, name[:60], info)
        # tensors are stored as they are: what unpacks to more than there is, is forged
        if info.file_size > min(most, max(64, 8 * info.compress_size)):
            raise FileFormatError(self.path, name[:60], f"declares {info.file_size} bytes; refused")
        return self._archive.read(info)


def is_torch_archive(path: Path) -> bool:
    """Whether a file is a whole zip file that PyTorch wrote. Raises FileFormatError for one too large to look into."""
    try:
        with open(path, "rb") as file:
            if file.read(2) != b"PK" or not _is_whole(path, file):
                return False
            with zipfile.ZipFile(file) as archive:
                return any(name.endswith("/data.pkl") and name.count("/") == 1 for name in archive.namelist())
    except FOREIGN:
        return False  # whoever reads it says what is wrong


def _is_whole(path: Path, file: io.BufferedReader) -> bool:
    """Whether a zip file has its end. Raises FileFormatError when that declares more than any real model has.

    PyTorch writes the form of zip files for many members, whatever their number, so that must be read.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - 4096))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    wide = tail.rfind(b"PK\x06\x06", 0, max(end, 0))
    if end < 0 or len(tail) < end + 22 or (wide >= 0 and len(tail) < wide + 56):
        return False
    count, directory = struct.unpack("<HI", tail[end + 10 : end + 16])
    if wide >= 0:
        wide_count, wide_directory = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
        count, directory = max(count, wide_count), max(directory, wide_directory)
    if count > MAXIMUM_MEMBERS or directory > MAXIMUM_DIRECTORY:
        raise FileFormatError(path, "file", f"declares {count} members, more than any real model; refused")
    return True
