"""The HTML report of an evaluation: one file with its pictures inside, readable without network."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from PIL import Image

from ...core.dataset import Dataset
from ...core.files.writing import write_text
from ...core.foreign_errors import foreign_errors_told
from ..evaluation.step import FIGURES, INFLUENCE, SHEET
from ..scoring.scores import Scores
from .page import html_page, rendered
from .result_files import load_figures, load_selection
from .selection_part import selection_values
from .small_charts import bars, heat_map, sweep_chart
from .viewer import Tried


def write_report(
    folder: str | Path,
    dataset: Dataset | None = None,
    selection: str | Path | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
    tried: Tried | None = None,
) -> Path:
    """Write `report.html` for an evaluation's folder.

    dataset: to show example pictures of the clusters. selection: `selection.json`; scores: `scores.npz`, for
    histograms; None leaves those parts out. tried: the mapper whose sliders the report begins with, in a frame of its
    own, so that it stays one file; None for the one in the folder, if there is one.
    Raises FileFormatError when `figures.json` or another file cannot be read.
    """
    folder = Path(folder)
    figures = load_figures(folder / FIGURES)
    shown = {"sliders": None, "verdict": None, **figures}
    values: dict[str, Any] = {"figures": shown, **_charts(figures), "selection": None}
    values |= {"sheet": _picture(folder / SHEET), "influence": _picture(folder / INFLUENCE)}
    if selection:
        table = Scores.load(scores) if scores else None
        values |= selection_values(load_selection(selection), table, dataset)
    tried = tried or Tried.beside(folder, figures)
    values["viewer"] = None if tried is None else tried.html(figures)
    path = Path(out) if out else folder / "report.html"
    write_text(path, html_page(f"Semantify: {figures['model']}", rendered("report.html", **values)))
    return path


def embedded_image(path: Path, widest: int = 1800) -> str:
    """A picture as a JPEG data URI, shrunk to `widest` pixels. Raises FileFormatError when it is none."""
    with foreign_errors_told(path, "file", "is not a readable picture", "run semantify evaluate again"):
        image = Image.open(path).convert("RGB")
        if image.width > widest:
            image = image.resize((widest, round(image.height * widest / image.width)), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _picture(path: Path) -> str | None:
    return embedded_image(path) if path.is_file() else None


def _charts(figures: dict[str, Any]) -> dict[str, Any]:
    """What the template shows of an evaluation beside the plain numbers."""
    words, cover, reach = figures["descriptors"], figures["coverage"], figures["reach"]
    r2 = [0.0 if value is None else value for value in figures["fit"]["r2"]]
    ways = {
        "mean shape": reach["mean_shape_mm"],
        "as many raw components": reach["raw_sliders_mm"],
        "sliders": reach["sliders_mm"],
        "best 10 components": reach["best_components_mm"],
    }
    entries = {entry["word"]: entry for entry in figures["attributes"]}
    several = len(words) > 1
    return {
        "attributes": {word: entries.get(word) for word in words},
        "sweeps": _sweeps(figures),
        "cross_talk": (
            heat_map(words, words, np.array(figures["sliders"]["cross_talk"]), signed=False)
            if several and "sliders" in figures
            else None
        ),
        "shares": bars(words, cover["per_descriptor"], largest=1.0),
        "overlaps": heat_map(words, words, np.array(cover["iou"]), signed=False) if several else None,
        "r2": bars([f"ξ{i + 1}" for i in range(len(r2))], r2, largest=1.0),
        "ways": bars(list(ways), list(ways.values()), " mm"),
    }


def _sweeps(figures: dict[str, Any]) -> list[Markup]:
    if "sliders" not in figures:
        return []
    asked, got = (np.array(figures["sliders"][name], float) for name in ("asked", "got"))
    position = np.linspace(-1, 1, asked.shape[1])
    return [sweep_chart(position, asked[i, :, i], got[i, :, i], word) for i, word in enumerate(figures["descriptors"])]
