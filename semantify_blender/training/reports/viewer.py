"""What a report begins with: the mapper's sliders, to be tried before the figures are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import SemantifyError
from ...core.library import load_model
from ...core.mapper import SUFFIX, Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.page.page import page_html
from ...core.page.tab import Subject


@dataclass(frozen=True, eq=False)
class Tried:
    """A mapper and its model; None where it is not at hand. with_geometry: also where its licence says otherwise."""

    mapper: Mapper
    model: MorphableModel | None
    with_geometry: bool = False

    def html(self, figures: dict[str, Any]) -> str:
        """A whole page, which a report holds in a frame of its own. figures: of `figures.json`."""
        subject = Subject(self.mapper.model_name, self.mapper, self.model, figures=figures)
        return page_html([subject], with_geometry=self.with_geometry)[0]

    @classmethod
    def of(cls, mapper: Mapper, model: str | Path | None = None, with_geometry: bool = False) -> "Tried":
        """With the model of that name or path, else the one that the mapper names, where there is one.

        Raises SemantifyError for a model that is not there or not the mapper's.
        """
        try:
            found = load_model(model or mapper.model_name)
            mapper.check_model(found)
        except SemantifyError:
            if model is not None:
                raise
            return cls(mapper, None)
        return cls(mapper, found, with_geometry)

    @classmethod
    def beside(cls, folder: Path, figures: dict[str, Any], with_geometry: bool = False) -> "Tried | None":
        """The mapper in an evaluation's own folder, as `run` leaves it there; None without one that was evaluated."""
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            mapper = Mapper.load(path)
            if list(mapper.descriptors) == figures["descriptors"] and mapper.model_name == figures["model"]:
                return cls.of(mapper, None, with_geometry)
        return None
