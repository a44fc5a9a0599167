"""Files of words that people write with any editor: UTF-8 with or without a byte order mark, or UTF-16 with one."""

import codecs
import unicodedata
from pathlib import Path

from ..descriptors import distinct_words
from ..errors import FileFormatError

MAXIMUM_BYTES = 16 << 20
"""Far more than any list of words; a device or a film named by mistake is not read to its end."""


def read_word_file(path: str | Path) -> tuple[str, ...]:
    """The words of a text file, one a line, each once.

    Raises FileFormatError when it cannot be read, is no text, or holds no word.
    """
    words = distinct_words(read_text(path).splitlines())
    if not words:
        raise FileFormatError(path, "words", "holds no word; write one a line")
    return words


def read_text(path: str | Path) -> str:
    """The text of a file. Raises FileFormatError when it cannot be read or is neither UTF-8 nor UTF-16 with a mark."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FileFormatError(path, "file", f"cannot be read ({reason}); give a text file of words") from error
    if len(data) > MAXIMUM_BYTES:
        raise FileFormatError(path, "file", f"is larger than {MAXIMUM_BYTES >> 20} MiB; give a text file of words")
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    wide = data.startswith(marks) and not data.startswith(codecs.BOM_UTF32_LE)
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
        # what other encodings leave behind when they happen to decode: UTF-16 without its mark is full of NULs
        if any(unicodedata.category(letter) == "Cc" and not letter.isspace() for letter in text):
            raise ValueError("holds control characters")
    except ValueError as error:
        raise FileFormatError(path, "file", "is no text in UTF-8 or UTF-16; save it as UTF-8") from error
    return text
