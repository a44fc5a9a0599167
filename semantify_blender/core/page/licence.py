"""Whose geometry may be in a page that is passed on."""

import re

from ..families.research_model import RESEARCH
from ..model.morphable_model import MorphableModel

_FREE = re.compile(r"(?i:cc0|cc[- ]by([- ]sa)?|apache|bsd|public domain)(?![a-zA-Z])|MIT(?![a-zA-Z])")
"""How licences begin that let one pass geometry on, changed a little as a page does."""
_BUT = re.compile(
    r"research|commercial|proprietary|redistribut|deriv|max planck|\b(n[cd]|only|style|no|not|non|none)\b", re.I
)
"""What such a line may not say beside it: a page rather leaves out what one may pass on than the other way round."""


def missing(model: MorphableModel) -> str | None:
    """A sentence on why a model's geometry is not in a page; None where its licence lets one pass it on."""
    licence = str(model.metadata.get("licence", "")).strip()
    if _FREE.match(licence) and not _BUT.search(licence):
        return None
    if licence.startswith(RESEARCH):
        told = licence.split(";")[0].removeprefix(RESEARCH).strip(" ,") or "its licence"
        return f"The geometry of {model.name} is for research only ({told}) and not in this page: the sliders are."
    return f"Nobody says that the geometry of {model.name} may be passed on: it is not in this page, the sliders are."
