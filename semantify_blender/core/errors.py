"""Errors whose message is one sentence meant for the person at the keyboard."""

from pathlib import Path


class SemantifyError(Exception):
    """Something the user can put right; `str(error)` says what is wrong, where, and the way out.

    >>> try:
    ...     raise SemantifyError("--count is 0: give a whole number from 1 to 1,000")
    ... except SemantifyError as error:
    ...     print(f"error: {error}")
    error: --count is 0: give a whole number from 1 to 1,000
    """


class FileFormatError(SemantifyError):
    """A file that is not what it should be: names the file, the field and what was expected."""

    def __init__(self, path: object, field: str, problem: str) -> None:
        super().__init__(f"{_shown(path)}: {_shown(field)}: {_shown(problem)}")
        self.path = path
        self.field = field
        self.problem = problem


class OutputError(SemantifyError):
    """A file or folder that cannot be written: the disk is full, the place is read-only, something is in the way."""


def missing_package(error: ModuleNotFoundError) -> SemantifyError:
    """The sentence for a Python package that training needs and that is not there."""
    return SemantifyError(f"this verb needs the Python package {error.name!r}: pip install 'semantify_blender[train]'")


def is_file(path: Path) -> bool:
    """Whether there is such a file; False as well for a name that no file can have: too long, or with a null in it."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """The same for folders."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def reason_of(error: BaseException) -> str:
    """A few words on an error of the standard library or NumPy: its first line, or what kind it is."""
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    lines = str(error).strip().splitlines()
    return lines[0][:160] if lines else type(error).__name__


def _shown(value: object) -> str:
    """Text as it can be printed everywhere: one line, no lone surrogates, of a length that can be read."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    return text if len(text) <= 600 else text[:597] + "…"
