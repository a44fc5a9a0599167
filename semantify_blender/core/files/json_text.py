"""JSON from a file, read so that what comes back is plain, finite, shallow and can be written again."""

import json
import math
import re
from pathlib import Path
from typing import Any

from ..errors import FileFormatError, is_file
from ..foreign_errors import foreign_errors_told

MAXIMUM_BYTES = 8 << 20
"""Largest JSON text accepted; the largest that this program writes, what was measured of 33 sliders, has half a MB."""
MAXIMUM_DEPTH = 40
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse_json(text: str) -> Any:
    """The value of a JSON text.

    Raises ValueError, a phrase on what is wrong: no JSON, too large, nested deeper than MAXIMUM_DEPTH, a number that is
    not finite or a whole number beyond 64 bits, text that is no Unicode, a name that is there twice.
    """
    if len(text) > MAXIMUM_BYTES:
        raise ValueError(f"more than {MAXIMUM_BYTES >> 20} MiB of JSON")
    if text.count("[") + text.count("{") > MAXIMUM_DEPTH:
        _check_depth(text)
    value = json.loads(
        text, parse_constant=_refused, parse_float=_finite, parse_int=_whole, object_pairs_hook=_each_once
    )
    if "\\u" in text:
        # an escape may stand for half a character, which no file and no name of Blender's can hold
        json.dumps(value, ensure_ascii=False).encode()
    return value


def decode_json(data: bytes) -> Any:
    """The same for UTF-8 bytes, with or without a byte order mark."""
    if len(data) > MAXIMUM_BYTES:
        raise ValueError(f"more than {MAXIMUM_BYTES >> 20} MiB of JSON")
    return parse_json(data.decode("utf-8-sig"))


def read_json(path: str | Path, way_out: str) -> dict[str, Any]:
    """The JSON object in a file. way_out: what to do when it is none, the end of the sentence.

    Raises FileFormatError when the file cannot be read, is larger than MAXIMUM_BYTES or holds anything else.
    """
    path = Path(path)
    if not is_file(path):
        raise FileFormatError(path, "file", f"does not exist or is no file; {way_out}")
    with foreign_errors_told(path, "file", "is not readable JSON", way_out):
        with open(path, "rb") as file:
            value = decode_json(file.read(MAXIMUM_BYTES + 1))
        if not isinstance(value, dict):
            raise FileFormatError(path, "file", f"expected a JSON object; {way_out}")
    return value


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        depth += 1 if mark in "[{" else -1 if mark in "]}" else 0
        if depth > MAXIMUM_DEPTH:
            raise ValueError(f"nested deeper than {MAXIMUM_DEPTH} levels")


def _refused(name: str) -> float:
    raise ValueError(f"{name} in place of a number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:24]} is beyond what can be computed with")
    return value


def _whole(text: str) -> int:
    # Python's own limit is on digits, and what is below it still overflows when it becomes a float
    if len(text) > 20 or not -(2**63) <= int(text) < 2**64:
        raise ValueError(f"the number {text[:24]} is beyond what can be computed with")
    return int(text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name that is there twice")
    return value
