"""The words that the embedded small CLIPs know, read from the cards beside them: without torch."""

import json
from functools import cache

from .clip_names import SMALL_NAMES
from .files.writing import read_bytes
from .library import DATA


@cache
def small_words(subject: str) -> frozenset[str]:
    """Those of one subject: "body", "face" or "animal"."""
    card = json.loads(read_bytes(DATA / "clip" / SMALL_NAMES[subject] / "card.json"))
    return frozenset(card["vocabulary"])
