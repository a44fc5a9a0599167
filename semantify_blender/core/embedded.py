"""A mapper's bytes as lines of text, the form in which a .blend carries them; no Blender is needed here.

The first line is a JSON object that says what follows, the others are base64.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from .errors import SemantifyError
from .files.json_text import parse_json
from .foreign_errors import FOREIGN
from .mapper import SUFFIX, Mapper

SCHEMA = "semantify.embedded-mapper/1"
LINE = 2048
"""Characters a line: few lines keep saving quick, and the text editor still opens the block."""
_LONGEST_HEADER = 4096
_MOST_CHARACTERS = 256 << 20


def checksum(content: bytes) -> str:
    """Hex SHA-256, what a character knows its mapper by."""
    return hashlib.sha256(content).hexdigest()


def packed(name: str, content: bytes) -> str:
    """The text that holds a mapper's bytes."""
    body = base64.b64encode(content).decode("ascii")
    header = json.dumps({"schema": SCHEMA, "name": name, "sha256": checksum(content)})
    return header + "\n" + "\n".join(body[i : i + LINE] for i in range(0, len(body), LINE))


def checksum_in(first_line: str) -> str:
    """The checksum that a text's first line states; empty for any text that is no mapper, whatever is in it."""
    # texts are the user's own: scripts, notes, and anything that somebody put into a file that was passed on
    if len(first_line) > _LONGEST_HEADER or not first_line.startswith("{"):
        return ""
    try:
        header = parse_json(first_line)
    except FOREIGN:
        return ""
    stated = header.get("sha256") if isinstance(header, dict) and header.get("schema") == SCHEMA else None
    return stated if isinstance(stated, str) else ""


def unpacked(lines: Iterable[str], expected: str) -> Mapper:
    """The mapper in the lines after the first one.

    Raises SemantifyError when its bytes are not those that were embedded, or are no mapper.
    """
    parts: list[str] = []
    count = 0
    for line in lines:
        parts.append(line)
        count += len(line)
        if count > _MOST_CHARACTERS:
            raise SemantifyError("the text is longer than any mapper's")
    try:
        content = base64.b64decode("".join(parts), validate=True)
    except FOREIGN as error:
        raise SemantifyError("the text is not a mapper's any more") from error
    if checksum(content) != expected:
        raise SemantifyError("the text was changed, its checksum differs")
    return Mapper.load(Path(f"embedded{SUFFIX}"), content)
