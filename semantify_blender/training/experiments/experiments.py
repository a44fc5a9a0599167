"""`semantify table1`, `ablate`, `study`: run one, keep its result, write tables, charts and the common report."""

import argparse
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from markupsafe import Markup

from ...core.errors import FileFormatError
from ...core.files.npy import load_npy
from ...core.files.writing import make_folder, write_json, write_text
from ...core.library import available, load_model
from ..console import Console
from ..reports.page import html_page, rendered
from ..reports.tables import Table, csv_text
from ..steps import load_json
from . import ablation, study, table1
from .data import Workplace, models_named, named_files

REPORT = "report.html"


class Experiment(Protocol):
    """What a module must offer to be shown: tables and one chart of a result."""

    def tables(self, result: dict[str, Any]) -> list[Table]:
        """The result as tables."""

    def chart(self, result: dict[str, Any]) -> str:
        """The result as an SVG document."""


EXPERIMENTS: dict[str, tuple[Experiment, str]] = {
    "table1": (table1, "Coverage and overlap"),
    "ablate": (ablation, "Ablations"),
    "study": (study, "Simulated user study"),
}
"""Verb -> its module, and the heading of its part of the report."""


def run_table1(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify table1`."""
    place = Workplace(options, Console(quiet=options.quiet))
    models = models_named(options.model, options.only)
    place.check_given([load_model(path).name for path in models])
    counts = sorted(set(options.counts))
    result = table1.run_table1(place, models, options.samples, counts, options.recipes, options.seed)
    return _finish("table1", result, options)


def run_ablate(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify ablate`."""
    grid = ablation.Grid(
        counts=tuple(sorted(set(options.counts))),
        sizes=tuple(sorted(set(options.sizes))),
        seeds=tuple(dict.fromkeys(options.seeds)),
        descriptors=options.descriptors,
        samples=options.samples,
        targets=options.targets,
    )
    place = Workplace(options, Console(quiet=options.quiet))
    (model,) = models_named([], [options.model])
    place.check_given([load_model(model).name])
    return _finish("ablate", ablation.run_ablation(place, model, grid, options.seed), options)


def run_study(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify study`."""
    console = Console(quiet=options.quiet)
    mappers = options.mapper or list(available("mappers"))
    pairs = named_files(options.shapes, "--shapes", "anny-body-neutral=shapes.npy")
    shapes = {name: _load_shapes(path) for name, path in pairs.items()}
    result = study.run_study(
        mappers, options.model, console, options.targets, options.moves, options.noticeable, options.seed, shapes
    )
    return _finish("study", result, options)


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
    experiment, _ = EXPERIMENTS[name]
    try:
        return f"    {result['command']}\n\n" + "\n".join(table.markdown() for table in experiment.tables(result))
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise FileFormatError(path, str(error), _stale(name)) from error


def _finish(name: str, result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    make_folder(options.out)
    result["command"] = options.command
    write_json(options.out / f"{name}.json", result)
    report = show(options.out)
    if not options.json:
        experiment, _ = EXPERIMENTS[name]
        print("\n".join(table.markdown() for table in experiment.tables(result)))
        print(f"report: {report}")
    return result


def _stale(name: str) -> str:
    return f"it was written by another version of this program; run semantify {name} again"


def _load_shapes(path: Path) -> np.ndarray:
    values = load_npy(path)
    if not np.isfinite(values).all():
        raise FileFormatError(path, "array", "holds NaN or infinite numbers")
    return values
