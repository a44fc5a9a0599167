"""Names that come out of files: plain enough to be shown, to name a file and to name Blender's data."""

import re
from collections.abc import Sequence
from typing import Any

from ..errors import FileFormatError

MAXIMUM_NAME, MAXIMUM_TEXT = 120, 2000
"""Characters of a name and of any other text."""
_UNPLAIN = re.compile(r'[/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Names that Windows keeps for devices."""


def is_plain(name: str) -> bool:
    """Whether a name can be a file's name, in any folder and on any system, and never leads out of that folder."""
    return (
        0 < len(name) <= MAXIMUM_NAME
        and name.isprintable()
        and name == name.strip(" .")
        and not _UNPLAIN.search(name)
        and not _RESERVED.fullmatch(name)
    )


def plain_name(text: str, otherwise: str = "unnamed") -> str:
    """A plain name as close to a text as can be: what cannot be in a file's name becomes "_"."""
    name = "".join(c if c.isprintable() and not _UNPLAIN.match(c) else "_" for c in text)[: MAXIMUM_NAME - 1].strip(
        " ."
    )
    return f"_{name}" if _RESERVED.fullmatch(name) else name or otherwise


def check_name(path: object, field: str, name: Any) -> str:
    """The name that a file states. Raises FileFormatError unless it is plain."""
    if not isinstance(name, str):
        raise FileFormatError(path, field, "missing; expected a name")
    if not is_plain(name):
        raise FileFormatError(
            path,
            field,
            f'is {name[:60]!r}: expected 1 to {MAXIMUM_NAME} characters without / \\ : * ? " < > |, not beginning or '
            "ending with a dot or a blank",
        )
    return name


def check_text(path: object, field: str, text: Any, most: int = MAXIMUM_TEXT) -> str:
    """A text that a file states. Raises FileFormatError unless it is one line of at most `most` characters."""
    if (
        not isinstance(text, str)
        or len(text) > most
        or not all(c.isprintable() or c == "\N{NO-BREAK SPACE}" for c in text)
    ):
        raise FileFormatError(path, field, f"expected one line of text of at most {most} characters")
    return text


def check_words(path: object, field: str, words: Sequence[str], most: int) -> tuple[str, ...]:
    """Descriptors or other labels that a file lists.

    Raises FileFormatError unless they are 1 to `most` texts, none of them empty or longer than a name, each there once.
    """
    if not 0 < len(words) <= most:
        raise FileFormatError(path, field, f"has {len(words)} entries, expected 1 to {most}")
    for word in words:
        if not isinstance(word, str) or not word.strip() or len(word) > MAXIMUM_NAME or not word.isprintable():
            raise FileFormatError(path, field, f"has {word!r:.80}: expected a word of 1 to {MAXIMUM_NAME} characters")
    if len(set(words)) < len(words):
        raise FileFormatError(path, field, "has the same entry twice")
    return tuple(words)
