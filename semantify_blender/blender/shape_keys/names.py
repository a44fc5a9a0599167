"""Names as people read them: files of old programs hold some that are no valid UTF-8, which Python cannot read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.files.names import MAXIMUM_NAME


def readable(owner: Any, otherwise: str, field: str = "name") -> str:
    """A text property of anything in Blender; `otherwise` where its bytes are no valid UTF-8."""
    try:
        return str(getattr(owner, field))
    except UnicodeDecodeError:
        return otherwise


def label(owner: Any, otherwise: str) -> str:
    """A name as the files of models take it: one line that can be printed, not blank, not overlong."""
    name = "".join(c if c.isprintable() else "_" for c in readable(owner, otherwise))
    return name.strip()[: MAXIMUM_NAME - len(" 1001")] or otherwise


def listed(names: Sequence[str], most: int = 6) -> str:
    """A list for a sentence, cut short when it is long: a, b, c and 49 more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
