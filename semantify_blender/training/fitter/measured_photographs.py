"""`semantify evaluate --photographs`: what fits make of photographs, against labels that people gave them."""

from pathlib import Path
from typing import Any

from ...core.files.writing import make_folder, write_json
from ...core.finders.subjects import kind_of
from ...core.fitting.choose import Shelf, choose
from ...core.library import load_mapper, load_model
from ..telling import Tell, Teller
from .photograph_figures import figures_of
from .photograph_sheet import save_sheet
from .photographs import fitted, labelled

FIGURES, SHEET = "photographs.json", "photographs.png"


def measure_photographs(
    folder: Path,
    mapper: str | Path,
    out: Path,
    *,
    labels: Path | None = None,
    model: str | Path | None = None,
    refined: bool = True,
    progress: Tell | None = None,
) -> dict[str, Any]:
    """Fit all photographs of a folder as the panel does, and write figures and a sheet to look at into `out`.

    labels: a table of tab-separated columns; "file" names pictures, "kind" (body, face, animal) says what they show:
    those of the mapper's kind should be found and all others refused. A column named like a slider (or fatness, muscle)
    is compared with it by ranks. Without it all pictures of the folder should be found. refined: refine, too.
    Raises SemantifyError without pictures, FileFormatError for labels that are none.
    """
    opened = load_mapper(mapper)
    shape = load_model(model or opened.model_name)
    tools = choose(opened, shape, Shelf())
    kind = kind_of(shape)
    teller = Teller(progress)
    rows = labelled(folder, labels)
    make_folder(out)
    found = []
    for number, row in enumerate(rows):
        expected = row.get("kind", kind) == kind
        found.append(fitted(folder / row["file"], row, expected, tools, refined))
        teller.images(number + 1, len(rows), 0.0)
    figures = {"mapper": opened.model_name, "kind": kind, **figures_of(found, tools)}
    write_json(out / FIGURES, figures)
    save_sheet(out / SHEET, found)
    return figures
