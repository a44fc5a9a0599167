"""What an evaluation and a whole line give: the figures, and where everything is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import SemantifyError
from ..core.model.morphable_model import MorphableModel


@dataclass(frozen=True, eq=False)
class Result:
    """figures: as in `figures.json`. files: what was written, by what it is; only files that are there.

    model: the one that was measured.
    """

    figures: dict[str, Any]
    files: dict[str, Path]
    model: MorphableModel


class PicturesMissing(SemantifyError):  # noqa: N818 - told as a sentence like every other SemantifyError
    """Some pictures could not be made; all else is there, in `result`."""

    def __init__(self, message: str, result: Result) -> None:
        super().__init__(message)
        self.result = result
