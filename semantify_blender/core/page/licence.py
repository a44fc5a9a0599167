"""Whose geometry may be in a page that is passed on."""

from ..families.research_model import RESEARCH
from ..model.morphable_model import MorphableModel

FREE = ("CC0", "CC-BY", "CC BY", "MIT", "Apache", "BSD", "public domain")
"""How licences begin that let one pass geometry on."""


def missing(model: MorphableModel) -> str | None:
    """A sentence on why a model's geometry is not in a page; None where its licence lets one pass it on."""
    licence = str(model.metadata.get("licence", "")).strip()
    if licence.casefold().startswith(tuple(free.casefold() for free in FREE)):
        return None
    if licence.startswith(RESEARCH):
        told = licence.split(";")[0].removeprefix(RESEARCH).strip(" ,") or "its licence"
        return f"The geometry of {model.name} is for research only ({told}) and not in this page: the sliders are."
    return f"Nobody says that the geometry of {model.name} may be passed on: it is not in this page, the sliders are."
