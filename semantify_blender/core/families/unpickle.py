"""Reading a pickle as data: only the operations and names that research models need, everything else refused by name.

Python's own opcode machine is used with a table of admitted opcodes. No name is ever imported (see `shells.admitted`),
nothing of a pickle is called but that module's functions, and memory is bounded by the file's size: lengths are
compared with what is left of the file, the number of operations is limited, and dictionary keys are plain.
"""

import pickle
import struct
from collections.abc import Callable
from typing import BinaryIO

from .shells import CALLABLE, RefusedError, Shell, admitted, put

MAXIMUM_OPERATIONS = 1_000_000
"""Real models take a few thousand; each operation can make an object of some hundred bytes."""


class _Bounded:
    """A file that knows how much is left, so that no length in it is believed beyond that."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.left = file, size

    def read(self, count: int) -> bytes:
        if count < 0 or count > self.left:
            raise RefusedError(f"declares {count} bytes where {self.left} are left; it is truncated or forged")
        data = self.file.read(count)
        if len(data) < count:
            raise EOFError
        self.left -= count
        return data

    def readline(self) -> bytes:
        data = self.file.readline(self.left)
        self.left -= len(data)
        return data


class Machine(pickle._Unpickler):
    """The opcode machine with our table; `pickle._Unpickler` is the documented algorithm in plain Python.

    Python 2's strings stay bytes: most of them are the contents of arrays.
    """

    stack: list
    append: Callable[[object], None]
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    pop_mark: Callable[[], list]
    proto: int
    callable: tuple = CALLABLE
    """All that may be called, compared by identity."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        bounded = _Bounded(file, size)
        super().__init__(bounded, encoding="bytes")
        self.operations, self.copied, self.budget = 0, 0, 2 * size + 2**20
        inner = bounded.read

        def counted(count: int) -> bytes:
            if count == 1:  # every opcode is read by itself
                self.operations += 1
                if self.operations > MAXIMUM_OPERATIONS:
                    raise RefusedError(f"needs more than {MAXIMUM_OPERATIONS} operations, far more than any real model")
            return inner(count)

        self._file_read = counted

    def find_class(self, module: str, name: str) -> object:
        """What a name stands for, which is never imported."""
        return admitted(module, name)

    def _call(self, function: object, arguments: object) -> object:
        if not isinstance(arguments, tuple | list):
            raise RefusedError("calls something without arguments")
        if isinstance(function, Shell):
            return function.make()
        if not any(function is known for known in self.callable):
            raise RefusedError("calls something that is not a function")
        self._charge(arguments)
        try:
            return function(*arguments)  # type: ignore[operator]
        except TypeError as error:
            raise RefusedError("calls a function with the wrong arguments") from error

    def _charge(self, parts: tuple | list) -> None:
        """Text and lists may be copied by what is called: as often as the file repeats a reference to one of them."""
        self.copied += sum(len(part) * (64 if type(part) is list else 1) for part in parts if type(part) in (str, list))
        if self.copied > self.budget:
            raise RefusedError("copies the same content again and again")

    def _reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = self._call(self.stack[-1], arguments)

    def _newobj(self) -> None:
        arguments, cls = self.stack.pop(), self.stack.pop()
        self.append(self._call(cls, arguments))

    def _newobj_ex(self) -> None:
        self.stack.pop()
        self._newobj()

    def _build(self) -> None:
        state = self.stack.pop()
        target = self.stack[-1]
        build = getattr(target, "build", None)
        if isinstance(target, Shell) or build is None:
            raise RefusedError("sets the state of something that has none")
        if isinstance(state, tuple):
            self._charge(state)
        build(state)

    def _frame(self) -> None:
        # a frame only announces what follows; read without it, so that every operation is counted
        self.read(8)

    def _bytearray(self) -> None:
        self.append(self.read(struct.unpack("<Q", self.read(8))[0]))

    def _inst(self) -> None:
        module, name = (self.readline()[:-1].decode("latin1") for _ in range(2))
        self.find_class(module, name)
        raise RefusedError(f"makes an old-style instance of {module[:60]}.{name[:60]}, which is not admitted")

    def _set(self, target: object, items: list) -> None:
        for key, value in zip(items[::2], items[1::2], strict=True):
            put(target, key, value)

    def _setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set(self.stack[-1], [key, value])

    def _setitems(self) -> None:
        items = self.pop_mark()
        self._set(self.stack[-1], items)

    def _dict(self) -> None:
        items, found = self.pop_mark(), {}  # type: list, dict
        self._set(found, items)
        self.append(found)

    def _extend(self, items: list) -> None:
        if type(self.stack[-1]) is not list:
            raise RefusedError("puts items into something that is no list")
        self.stack[-1].extend(items)

    def _append_one(self) -> None:
        self._extend([self.stack.pop()])

    def _append_many(self) -> None:
        self._extend(self.pop_mark())

    def _empty_set(self) -> None:
        self.append([])

    def _frozen_set(self) -> None:
        self.append(self.pop_mark())


_AS_THEY_ARE = (
    "PROTO", "STOP", "NONE", "NEWTRUE", "NEWFALSE", "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4",
    "FLOAT", "BINFLOAT", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "UNICODE",
    "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "EMPTY_LIST",
    "LIST", "EMPTY_DICT", "MARK", "POP", "POP_MARK", "DUP", "GET", "BINGET", "LONG_BINGET", "PUT", "BINPUT",
    "LONG_BINPUT", "MEMOIZE", "GLOBAL", "STACK_GLOBAL",
)  # fmt: skip
_OURS = {
    "REDUCE": Machine._reduce, "NEWOBJ": Machine._newobj, "NEWOBJ_EX": Machine._newobj_ex, "BUILD": Machine._build,
    "SETITEM": Machine._setitem, "SETITEMS": Machine._setitems, "DICT": Machine._dict,
    "APPEND": Machine._append_one, "APPENDS": Machine._append_many, "ADDITEMS": Machine._append_many,
    "FRAME": Machine._frame, "BYTEARRAY8": Machine._bytearray, "INST": Machine._inst,
    "EMPTY_SET": Machine._empty_set, "FROZENSET": Machine._frozen_set,
}  # fmt: skip


class Table(dict):
    """Opcode -> what it does; one that is not in it is refused by its number."""

    def __missing__(self, code: int) -> object:
        raise RefusedError(f"uses the pickle operation {bytes([code])!r}, which is not admitted")


Machine.dispatch = Table(
    {getattr(pickle, name)[0]: pickle._Unpickler.dispatch[getattr(pickle, name)[0]] for name in _AS_THEY_ARE}
    | {getattr(pickle, name)[0]: action for name, action in _OURS.items()}
)


def unpickle(file: BinaryIO, size: int, kind: type[Machine] = Machine) -> object:
    """The object in a pickle, made of plain values and `shells`.

    size: bytes that the pickle may read. kind: the machine, one that admits more. Raises RefusedError, one sentence
    about the content, for what is not admitted, truncated or forged.
    """
    machine = kind(file, size)
    try:
        return machine.load()
    except RefusedError:
        if machine.operations == 1 and machine.proto == 0:
            raise RefusedError("is neither a pickle nor a .npz; give the model file as it was downloaded") from None
        raise
    except (EOFError, IndexError, KeyError, AttributeError, ValueError, OverflowError) as error:
        raise RefusedError(f"is not a whole pickle ({type(error).__name__}); fetch the file again") from error
    except (pickle.UnpicklingError, UnicodeError, TypeError, AssertionError, ImportError) as error:
        raise RefusedError(f"is not a readable pickle ({type(error).__name__}); fetch the file again") from error
    except (MemoryError, RecursionError) as error:
        raise RefusedError("asks for more memory than a real model needs") from error
