"""What the names in a pickled research model become: plain arrays and inert shells, never the code they name.

Known are NumPy's arrays, scipy.sparse's matrices and chumpy's array objects, under the module names of all their
versions. Sizes that a file declares are compared with the bytes that are there before anything is made.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import SemantifyError

MAXIMUM_DENSE = 256 * 1024 * 1024
"""Largest dense form of a sparse matrix or of a chumpy choice, bytes; SMPL-X's pose blend shapes are 122 MB."""
_PLAIN_KINDS = "biufSU"


class RefusedError(SemantifyError):
    """Something in a pickle that is not admitted; the message says what, without the file's name."""


class Inert:
    """Stands for a name that is only ever passed on, such as `numpy.ndarray` or `object`."""


class DataType:
    """A NumPy dtype on its way: made from its code, its byte order set by BUILD."""

    def __init__(self, code: object, *_: object) -> None:
        try:
            text = _text(code)
            if not text or text[-1] in ",)]" or len(text) > 12:
                raise TypeError
            self.value = np.dtype(text)
        except (TypeError, ValueError) as error:
            raise RefusedError("holds an array type that is not plain numbers") from error
        if self.value.kind not in _PLAIN_KINDS + "O" or self.value.itemsize > 4096:
            raise RefusedError("holds an array type that is not plain numbers")

    def build(self, state: object) -> "DataType":
        """state: (version, byte order, …). Raises RefusedError for anything else."""
        if not isinstance(state, tuple) or len(state) < 2 or _text(state[1]) not in ("<", ">", "|", "="):
            raise RefusedError("holds an array type that is not plain numbers")
        if self.value.kind != "O":
            self.value = self.value.newbyteorder(_text(state[1]))  # type: ignore[arg-type]
        return self


class Array:
    """A NumPy array on its way: empty until BUILD brings its shape, type and bytes."""

    def __init__(self, *_: object) -> None:
        self.value: np.ndarray | list | None = None

    def build(self, state: object) -> "Array":
        """state: (version, shape, dtype, Fortran order, bytes or list). Raises RefusedError unless all of it fits."""
        if not isinstance(state, tuple) or len(state) not in (4, 5):
            raise RefusedError("holds an array whose parts are not those of an array")
        shape, dtype, fortran, raw = state[-4:]
        self.value = array_from(raw, dtype, shape, "F" if fortran is True or fortran == 1 else "C")
        return self


def array_from(raw: object, dtype: object, shape: object, order: object = "C") -> np.ndarray | list:
    """An array over the bytes that are there, not a copy; a plain list for an array of objects."""
    if not isinstance(dtype, DataType) or not isinstance(shape, tuple):
        raise RefusedError("holds an array whose parts are not those of an array")
    if not all(isinstance(n, int) and 0 <= n < 2**40 for n in shape) or len(shape) > 8:
        raise RefusedError("holds an array whose shape is not whole numbers")
    count = math.prod(shape)
    if dtype.value.kind == "O":
        if not isinstance(raw, list) or len(raw) != count:
            raise RefusedError("holds an array of objects whose length does not fit its shape")
        return raw
    if isinstance(raw, str):
        raw = _latin1(raw)
    if not isinstance(raw, bytes | bytearray) or len(raw) != count * dtype.value.itemsize:
        held = f"{len(raw)} are there" if isinstance(raw, bytes | bytearray) else "none are there"
        raise RefusedError(f"declares an array of {count * dtype.value.itemsize} bytes but {held}")
    return np.frombuffer(raw, dtype.value).reshape(shape, order="F" if order == "F" else "C")


def scalar_from(dtype: object, raw: object = b"") -> Any:
    """One number."""
    value = array_from(raw, dtype, (1,))
    return value[0].item() if isinstance(value, np.ndarray) else value[0]


class SparseMatrix:
    """The state of a scipy.sparse matrix in csc, csr or coo form."""

    def __init__(self, form: str) -> None:
        self.form, self.state = form, {}  # type: str, dict

    def build(self, state: object) -> "SparseMatrix":
        """state: the object's dictionary."""
        self.state = _dictionary(state)
        return self

    def dense(self) -> np.ndarray:
        """(rows, columns) float64. Raises RefusedError when its parts do not fit or the dense form would be huge."""
        shape = self.state.get("_shape", self.state.get("shape"))
        if not isinstance(shape, tuple) or len(shape) != 2 or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise RefusedError("holds a sparse matrix without a shape")
        if math.prod(shape) * 8 > MAXIMUM_DENSE:
            raise RefusedError(f"holds a sparse matrix of {shape[0]} x {shape[1]}, far more than any real model")
        data = _numbers(self.state.get("data"), "fiub")
        if self.form == "coo":
            coords = self.state.get("coords")
            pair = coords if isinstance(coords, tuple) and len(coords) == 2 else ()
            row, col = pair or (self.state.get("row"), self.state.get("col"))
            rows, columns = _numbers(row, "iu"), _numbers(col, "iu")
        else:
            inner, pointers = _numbers(self.state.get("indices"), "iu"), _numbers(self.state.get("indptr"), "iu")
            counts = np.diff(pointers.astype(np.int64))
            lanes = shape[1] if self.form == "csc" else shape[0]
            if len(counts) != lanes or (counts < 0).any() or counts.sum() != len(inner):
                raise RefusedError("holds a sparse matrix whose parts do not fit")
            outer = np.repeat(np.arange(lanes), counts)
            rows, columns = (inner, outer) if self.form == "csc" else (outer, inner)
        if not len(data) == len(rows) == len(columns):
            raise RefusedError("holds a sparse matrix whose parts do not fit")
        for index, length in ((rows, shape[0]), (columns, shape[1])):
            if len(index) and (index.min() < 0 or index.max() >= length):
                raise RefusedError("holds a sparse matrix whose parts do not fit")
        dense = np.zeros(shape)
        np.add.at(dense, (rows, columns), data)
        return dense


class Chumpy:
    """The state of a chumpy object: an array, or one chosen from or reshaped from another."""

    def __init__(self, name: str) -> None:
        self.name, self.state = name, {}  # type: str, dict

    def build(self, state: object) -> "Chumpy":
        """state: the object's dictionary."""
        self.state = _dictionary(state)
        return self

    def array(self, depth: int = 0) -> np.ndarray:
        """The value that the object had. Raises RefusedError for more than a choice of an array."""
        if depth > 20:
            raise RefusedError("holds chumpy objects nested too deeply")
        if self.name not in ("Ch", "Select", "Reshape", "transpose"):
            raise RefusedError(
                f"holds the chumpy expression {self.name}, which is not read; save its value as an array"
            )
        try:
            if self.name == "Ch":
                return as_array(self.state.get("x"))
            source = self.state.get("a")
            inner = source.array(depth + 1) if isinstance(source, Chumpy) else as_array(source)
            if self.name == "Select":
                chosen = _numbers(self.state.get("idxs"), "iu")
                if len(chosen) > MAXIMUM_DENSE // 8:
                    raise RefusedError("chooses more numbers of an array than any real model holds")
                chosen = inner.ravel()[chosen]
                return chosen.reshape(self.state.get("preferred_shape", chosen.shape))
            if self.name == "Reshape":
                return inner.reshape(self.state["newshape"])
            return inner.transpose(self.state.get("axes"))
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise RefusedError(f"holds a chumpy {self.name} whose parts do not fit") from error


def as_array(value: object) -> np.ndarray:
    """The plain array behind anything that a pickle gave. Raises RefusedError when there is none."""
    if isinstance(value, Array):
        value = value.value
    if isinstance(value, SparseMatrix):
        return value.dense()
    if isinstance(value, Chumpy):
        return value.array()
    if isinstance(value, list | tuple) and all(type(item) in (int, float, bool) for item in value):
        return np.array(value)
    if isinstance(value, list) and len(value) == 1:
        return as_array(value[0])  # an array of objects that holds one array
    if isinstance(value, np.ndarray):
        return value
    if type(value) in (int, float, bool):
        return np.array(value)
    raise RefusedError("is not an array")


def reconstructed(cls: object, *_: object) -> object:
    """`copyreg._reconstructor` for the shells alone: an empty one."""
    if isinstance(cls, Shell):
        return cls.make()
    raise RefusedError("builds an object of a class that is not admitted")


class Shell:
    """Stands for a class: calling or instantiating it makes an empty shell, whatever the arguments."""

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def _encoded(text: object, encoding: object = "latin1") -> bytes:
    """`_codecs.encode` as NumPy's own pickles use it."""
    if not isinstance(text, str) or _text(encoding).lower().replace("-", "") not in ("latin1", "iso88591"):
        raise RefusedError("encodes text in a way that is not admitted")
    return _latin1(text)


def put(target: object, key: object, value: object) -> None:
    """target[key] = value for a dictionary; Python 2 wrote text keys as bytes. Raises RefusedError for other keys."""
    # a tuple as key may be nested so deeply that hashing it crashes
    if type(target) is not dict or type(key) not in (str, bytes, int, float, bool, type(None)):
        raise RefusedError("holds a dictionary that is none, or whose keys are not plain")
    target[_text(key) if isinstance(key, bytes) else key] = value


def _mapping(pairs: object = ()) -> dict:
    """`collections.OrderedDict`."""
    found: dict = {}
    for pair in pairs if isinstance(pairs, list | tuple) else ():
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise RefusedError("holds a dictionary that is none, or whose keys are not plain")
        put(found, *pair)
    return found


def _collection(*_: object) -> list:
    """`set` and `frozenset`: chumpy's bookkeeping, of which nothing is needed."""
    return []


def admitted(module: str, name: str) -> object:
    """What a name in a pickle stands for. Raises RefusedError, naming it, for all that research models do not need."""
    parts = module.split(".")
    if parts[0] == "numpy":
        known: dict[str, object] = {
            "ndarray": Inert(), "matrix": Inert(), "dtype": DataType, "_reconstruct": Array, "scalar": scalar_from,
            "_frombuffer": array_from,
        }  # fmt: skip
        homes = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray", "numpy.core.numeric",
                 "numpy._core.numeric", "numpy.matrixlib.defmatrix", "numpy.core.defmatrix")  # fmt: skip
        if module in homes and name in known:
            return known[name]
    elif parts[:2] == ["scipy", "sparse"] and len(parts) <= 3:
        form = name.partition("_")[0]
        if name in ("csc_matrix", "csr_matrix", "coo_matrix", "csc_array", "csr_array", "coo_array"):
            return Shell(lambda: SparseMatrix(form))
    elif parts[0] == "chumpy" and len(parts) <= 2 and name.isidentifier() and len(name) < 40:
        return Shell(lambda: Chumpy(name))
    found = _OTHERS.get((module, name))
    if found is None:
        raise RefusedError(f"asks for {module[:60]}.{name[:60]}, which is not admitted; nothing of it was run")
    return found


_OTHERS: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): _mapping,
    ("_codecs", "encode"): _encoded,
}
for _module in ("builtins", "__builtin__"):
    _OTHERS |= {(_module, "object"): Inert(), (_module, "set"): _collection, (_module, "frozenset"): _collection}
for _module in ("copyreg", "copy_reg"):
    _OTHERS[_module, "_reconstructor"] = reconstructed

CALLABLE = (DataType, Array, scalar_from, array_from, _mapping, _encoded, _collection, reconstructed)
"""All that a pickle may call."""


def _numbers(value: object, kinds: str) -> np.ndarray:
    array = as_array(value).ravel()
    if array.dtype.kind not in kinds:
        raise RefusedError("holds numbers of the wrong kind")
    return array


def _dictionary(state: object) -> dict:
    if isinstance(state, tuple) and len(state) == 2:
        state = state[0]
    if not isinstance(state, dict):
        raise RefusedError("builds an object from something other than a dictionary")
    return state


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin1")
    return value if isinstance(value, str) else ""


def _latin1(text: str) -> bytes:
    try:
        return text.encode("latin1")
    except UnicodeEncodeError as error:
        raise RefusedError("holds array bytes that are no bytes") from error
