"""What the Texts say in which a .blend carries mappers and models; no Blender is needed here.

The first line is a JSON object that says what follows. A mapper's bytes are in the lines after it, in base64; a model's
are a custom property of the Text.
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
MODEL_SCHEMA = "semantify.embedded-model/1"
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
    return header(SCHEMA, name, checksum(content)) + "\n".join(body[i : i + LINE] for i in range(0, len(body), LINE))


def header(schema: str, name: str, known_by: str) -> str:
    """The first line. known_by: SHA-256 of a mapper's file, or a model's own checksum."""
    return json.dumps({"schema": schema, "name": name, "sha256": known_by}) + "\n"


def checksum_in(first_line: str, schema: str = SCHEMA) -> str:
    """The checksum that a text's first line states; empty for a text of another schema, or of whatever else."""
    # texts are the user's own: scripts, notes, and anything that somebody put into a file that was passed on
    if len(first_line) > _LONGEST_HEADER or not first_line.startswith("{"):
        return ""
    try:
        said = parse_json(first_line)
    except FOREIGN:
        return ""
    stated = said.get("sha256") if isinstance(said, dict) and said.get("schema") == schema else None
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
