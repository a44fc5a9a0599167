"""The HTML report of an evaluation: one file with its pictures inside, readable without network."""

import base64
import io
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..core.dataset import Dataset
from ..core.files import write_text
from .evaluate_step import FIGURES, INFLUENCE, SHEET
from .page import html_page
from .report_selection import selection_sections
from .scores import Scores
from .steps import load_json
from .svg import bars, heat_map, sweep_chart


def write_report(
    folder: str | Path,
    dataset: Dataset | None = None,
    selection: str | Path | None = None,
    scores: str | Path | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write `report.html` for an evaluation's folder.

    dataset: to show example pictures of the clusters. selection: `selection.json`; scores: `scores.npz`, for
    histograms; None leaves those parts out. Raises FileFormatError when `figures.json` or another file cannot be read.
    """
    folder = Path(folder)
    figures = load_json(folder / FIGURES)
    sections = [_header(figures), _tiles(figures), _sliders(figures, folder), _geometry(figures, folder), _fit(figures)]
    if selection:
        table = Scores.load(scores) if scores else None
        sections += selection_sections(load_json(selection), table, dataset)
    path = Path(out) if out else folder / "report.html"
    write_text(path, html_page(f"Semantify: {figures['model']}", "".join(sections)))
    return path


def embedded_image(path: Path, widest: int = 1800) -> str:
    """A picture as a JPEG data URI, shrunk to `widest` pixels."""
    image = Image.open(path).convert("RGB")
    if image.width > widest:
        image = image.resize((widest, round(image.height * widest / image.width)), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def _header(figures: dict[str, Any]) -> str:
    words = ", ".join(figures["descriptors"])
    return (
        f"<header><h1>{escape(figures['model'])}</h1>"
        f"<p>{len(figures['descriptors'])} sliders: <b>{escape(words)}</b></p>"
        f"<p class=muted>Trained on {figures['samples']:,} shapes, scored by CLIP <b>{escape(figures['clip'])}</b>.</p>"
        "</header>"
    )


def _tiles(figures: dict[str, Any]) -> str:
    fit, cover, reach = figures["fit"], figures["coverage"], figures["reach"]
    tiles = []
    if "sliders" in figures:
        sliders = figures["sliders"]
        tiles += [
            (f"{min(sliders['rho']):.2f}", "lowest ρ of slider and re-scored value"),
            (f"{np.mean(sliders['reach']):.0%}", f"of its range a slider reaches (lowest {min(sliders['reach']):.0%})"),
            (f"{sliders['cross_talk_mean']:.2f}", f"mean cross-talk (largest {sliders['cross_talk_max']:.2f})"),
        ]
    tiles += [
        (f"{cover['coverage']:.0%}", f"of the surface covered, overlap {cover['overlap']:.0%}"),
        (f"{fit['vertex_mm']:.1f} mm", f"error on held-out shapes (mean shape {fit['mean_shape_mm']:.1f})"),
        (f"{reach['sliders_mm']:.1f} mm", f"to new shapes by sliders (as many raw ones {reach['raw_sliders_mm']:.1f})"),
        (f"{figures['extremes']['largest_random']:.2f}", "largest |ξ| in 1,000 random settings"),
    ]
    cells = "".join(f"<div class=tile><b>{value}</b><span>{text}</span></div>" for value, text in tiles)
    return f"<section class=tiles>{cells}</section>"


def _sliders(figures: dict[str, Any], folder: Path) -> str:
    words = figures["descriptors"]
    parts = ["<section><h2>Sliders</h2>"]
    if (folder / SHEET).is_file():
        parts.append(
            f'<img src="{embedded_image(folder / SHEET)}" alt="slider sheet">'
            "<p class=muted>Each row moves one slider from its low to its high end, the others at rest.</p>"
        )
    if "sliders" in figures:
        asked, got = np.array(figures["sliders"]["asked"]), np.array(figures["sliders"]["got"])
        position = np.linspace(-1, 1, asked.shape[1])
        charts = "".join(sweep_chart(position, asked[i, :, i], got[i, :, i], word) for i, word in enumerate(words))
        parts.append(
            "<h3>Asked and scored again</h3><p class=muted>Dashed: the score the slider asks for. Line: the score that "
            f"CLIP gives the rendered shape.</p><div class=row>{charts}</div>"
        )
    parts.append(_slider_table(figures))
    if "sliders" in figures and len(words) > 1:
        parts.append(
            "<h3>Cross-talk</h3><p class=muted>Row: the slider moved over its range. Column: how far another word's "
            "score ranges meanwhile, as a share of that word's own range.</p>"
            + heat_map(words, words, np.array(figures["sliders"]["cross_talk"]), signed=False)
        )
    return "".join(parts) + "</section>"


def _slider_table(figures: dict[str, Any]) -> str:
    attributes = {entry["word"]: entry for entry in figures["attributes"]}
    sliders = figures.get("sliders")
    rows = []
    for i, word in enumerate(figures["descriptors"]):
        cells = [f"{figures['ranges'][key][i]:.2f}" for key in ("low", "default", "high")]
        cells += [f"{sliders['rho'][i]:.3f}", f"{sliders['reach'][i]:.2f}"] if sliders else ["–", "–"]
        entry = attributes.get(word)
        if entry:
            span = f"{entry['at_low']:.3g} → {entry['at_high']:.3g}"
            cells += [escape(entry["attribute"]), span, f"{entry['rho']:.3f}", f"{entry['covered']:.0%}"]
        else:
            cells += ["–"] * 4
        rows.append(f"<tr><th>{escape(word)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    heads = ("slider", "low", "rest", "high", "ρ", "reach", "measured", "from → to", "ρ", "of 5–95 %")
    return (
        f"<table><thead><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr></thead><tbody>{''.join(rows)}</tbody>"
        "</table><p class=muted>Scores are 100 · cosine. The measured columns are lengths, ratios and traits of the "
        "mesh itself: they do not depend on CLIP.</p>"
    )


def _geometry(figures: dict[str, Any], folder: Path) -> str:
    words, cover = figures["descriptors"], figures["coverage"]
    parts = ["<section><h2>Where each word acts</h2>"]
    if (folder / INFLUENCE).is_file():
        parts.append(f'<img src="{embedded_image(folder / INFLUENCE)}" alt="influence heat maps">')
    parts.append(
        f"<p>All together they move <b>{cover['coverage']:.1%}</b> of the vertices by more than {cover['threshold']} "
        f"of their own largest displacement; overlap <b>{cover['overlap']:.1%}</b>.</p><div class=row><div>"
        f"<h3>Share of the surface</h3>{bars(words, cover['per_descriptor'], largest=1.0)}</div>"
    )
    if len(words) > 1:
        matrix = heat_map(words, words, np.array(cover["iou"]), signed=False)
        parts.append(f"<div><h3>Intersection over union</h3>{matrix}</div>")
    return "".join(parts) + "</div></section>"


def _fit(figures: dict[str, Any]) -> str:
    fit, reach = figures["fit"], figures["reach"]
    names = [f"ξ{i + 1}" for i in range(len(fit["r2"]))]
    r2 = [0.0 if value is None else value for value in fit["r2"]]
    ways = {
        "mean shape": reach["mean_shape_mm"],
        "as many raw components": reach["raw_sliders_mm"],
        "sliders": reach["sliders_mm"],
        "best 10 components": reach["best_components_mm"],
    }
    extra = ""
    if "cycle_over_plain_mse" in fit:
        extra = f" The cycle term makes the squared error {fit['cycle_over_plain_mse']:.3f} times that without it."
    return (
        f"<section><h2>Fit</h2><p>On {fit['samples']} held-out shapes: {fit['vertex_mm']:.1f} mm mean vertex error, "
        f"{fit['vertex_share_of_mean_shape']:.0%} of the mean shape's; squared error {fit['relative_mse']:.3f} of the "
        f"coefficients' variance.{extra}</p><div class=row><div><h3>R² per coefficient</h3>"
        f"{bars(names, r2, largest=1.0)}</div><div><h3>Error to {reach['shapes']} new shapes</h3>"
        f"{bars(list(ways), list(ways.values()), ' mm')}</div></div></section>"
    )
