"""What the standard library and NumPy raise over files, told as errors of this project."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import FileFormatError, SemantifyError, reason_of

FOREIGN = (
    ArithmeticError,
    BufferError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the standard library and NumPy raise over files that are damaged, forged, or too large for this machine.

RecursionError and NotImplementedError are RuntimeErrors, UnicodeError and LinAlgError are ValueErrors. AttributeError,
NameError and AssertionError are left out: those are mistakes of this program.
"""


@contextmanager
def foreign_errors_told(path: object, field: str, problem: str, way_out: str) -> Iterator[None]:
    """Turn whatever reading a file raises (FOREIGN) into a FileFormatError, "problem (reason); way_out"."""
    try:
        yield
    except SemantifyError:
        raise
    except FOREIGN as error:
        raise FileFormatError(path, field, f"{problem} ({reason_of(error)}); {way_out}") from error
