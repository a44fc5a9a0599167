"""Sentences for people: messages of the program begin in the middle of one, or with a file's name."""

import re

_FILE = re.compile(r"[^:]*\.\w{1,5}: ")


def as_sentence(text: str) -> str:
    """A message with a capital letter, unless it begins with a file: "animal-01.jpg: …" names that very one."""
    return text if _FILE.match(text) else text[:1].upper() + text[1:]
