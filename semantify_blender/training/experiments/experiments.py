"""`semantify table1`, `ablate`, `study`: run one, keep its result, write tables, charts and the common report."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from markupsafe import Markup

from ...core.errors import FileFormatError
from ...core.files.npy import load_npy
from ...core.files.writing import make_folder, write_json, write_text
from ..made import made
from ..reports.page import html_page, rendered
from ..reports.tables import Table, csv_text
from ..steps import load_json
from . import ablation_tables, study, table1

REPORT = "report.html"


class Experiment(Protocol):
    """What a module must offer to be shown: tables and one chart of a result."""

    def tables(self, result: dict[str, Any]) -> list[Table]:
        """The result as tables."""

    def chart(self, result: dict[str, Any]) -> str:
        """The result as an SVG document."""


EXPERIMENTS: dict[str, tuple[Experiment, str]] = {
    "table1": (table1, "Coverage and overlap"),
    "ablate": (ablation_tables, "Ablations"),
    "study": (study, "Simulated user study"),
}
"""Verb -> its module, and the heading of its part of the report."""


def keep(name: str, result: dict[str, Any], out: Path, command: str) -> Path:
    """Write an experiment's result into a folder, and the tables, charts and report of all in it.

    name: of EXPERIMENTS. command: the line that made it, which the report shows. Returns the report's path.
    """
    make_folder(out)
    result |= {"command": command, "made": made()}
    write_json(out / f"{name}.json", result)
    return show(out)


def tables_text(name: str, result: dict[str, Any]) -> str:
    """An experiment's tables as Markdown."""
    experiment, _ = EXPERIMENTS[name]
    return "\n".join(table.markdown() for table in experiment.tables(result))


def show(folder: Path) -> Path:
    """Write CSV and chart of every experiment in a folder, and the report of all. Returns the report's path."""
    sections: list[dict[str, Any]] = []
    for name, (experiment, title) in EXPERIMENTS.items():
        path = folder / f"{name}.json"
        if not path.is_file():
            continue
        result = load_json(path)
        try:
            picture, tables, records = experiment.chart(result), experiment.tables(result), csv_text(result["records"])
            command = str(result["command"])
        except (KeyError, TypeError, IndexError, ValueError):
            # a result of an older version must not keep the others out of the report
            sections.append({"title": title, "problem": f"{path.name} cannot be shown: {_stale(name)}"})
            continue
        write_text(folder / f"{name}.csv", records)
        write_text(folder / f"{name}.svg", picture)
        sections.append({"title": title, "command": command, "picture": Markup(picture), "tables": tables})
    write_text(folder / REPORT, html_page("Semantify: experiments", rendered("experiments.html", sections=sections)))
    return folder / REPORT


def markdown(folder: Path, name: str) -> str:
    """One experiment of a folder as Markdown: the command that made it, and its tables."""
    path = folder / f"{name}.json"
    result = load_json(path)
    try:
        return f"    {result['command']}\n\n" + tables_text(name, result)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FileFormatError(path, str(error), _stale(name)) from error


def _stale(name: str) -> str:
    return f"it was written by another version of this program; run semantify {name} again"


def load_shapes(path: Path) -> np.ndarray:
    """Shapes of a .npy file. Raises FileFormatError for one that holds NaN or infinite numbers."""
    values = load_npy(path)
    if not np.isfinite(values).all():
        raise FileFormatError(path, "array", "holds NaN or infinite numbers")
    return values
