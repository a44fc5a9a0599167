"""Where figures lie: what `make figures` measured, what `make models` printed, and what the shipped files hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.repository import DATA
from semantify_blender.core.files.json_text import read_json

SUBJECT_OF = {
    "anny-body-neutral": "body",
    "anny-body-male": "body",
    "anny-body-female": "body",
    "anny-face-expression": "face",
    "anny-face-shape": "face",
    "quadruped": "animal",
}
"""Shipped model -> subject, in the order of the pages."""


@dataclass(frozen=True)
class Measured:
    """build: the folder of `make models` and `make figures`. data: the package's."""

    build: Path
    data: Path = DATA

    def file(self, *parts: str) -> Path:
        """A file of `make figures`, there or not."""
        return self.build.joinpath("figures", *parts)

    def figures(self, *parts: str) -> dict[str, Any] | None:
        """The JSON file of a measurement, None where it was not made."""
        path = self.file(*parts)
        return read_json(path, "measure again: make figures") if path.is_file() else None

    def models(self, subject: str) -> list[str]:
        """The shipped models of a subject: body, face or animal."""
        return [name for name, its in SUBJECT_OF.items() if its == subject]
