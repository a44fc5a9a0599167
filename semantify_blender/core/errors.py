"""Errors whose message is one sentence meant for the person at the keyboard."""


class SemantifyError(Exception):
    """Something the user can put right; `str(error)` says what is wrong, where, and the way out."""


class FileFormatError(SemantifyError):
    """A file that is not what it should be: names the file, the field and what was expected."""

    def __init__(self, path: object, field: str, problem: str) -> None:
        super().__init__(f"{path}: {field}: {problem}")
        self.path = path
        self.field = field


class OutputError(SemantifyError):
    """A file or folder that cannot be written: the disk is full, the place is read-only, something is in the way."""
