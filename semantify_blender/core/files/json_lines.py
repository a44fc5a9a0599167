"""JSON objects one a line, as processes speak and growing files are kept: nothing on a line can break its reader.

Whoever reads the lines limits how long they are; numbers and texts are checked where they are taken out.
"""

import json
import math
from typing import Any


def object_of(line: str | bytes) -> dict[str, Any]:
    """The JSON object on a line. Raises ValueError for anything else, however deeply nested."""
    try:
        found = json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def event_of(line: str | bytes) -> dict[str, Any]:
    """The same of what a child process prints; whatever else some library printed becomes {}."""
    try:
        return object_of(line)
    except ValueError:
        return {}


def number_of(event: dict[str, Any], name: str) -> float:
    """A number of an event, 0 where there is none that is finite."""
    value = event.get(name)
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return 0.0
    return number if math.isfinite(number) else 0.0


def text_of(event: dict[str, Any], name: str) -> str:
    """A text of an event as every terminal and file can take it, "" where there is none."""
    value = event.get(name)
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
