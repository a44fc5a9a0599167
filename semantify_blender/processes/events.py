"""What child processes say, one JSON object a line: read so that nothing a child prints can break its parent."""

import json
import math
from typing import Any


def event_of(line: str | bytes) -> dict[str, Any]:
    """One JSON object; whatever else some library printed becomes {}."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


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
