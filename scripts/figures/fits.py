"""Tables of fits to pictures, from `semantify evaluate --image-to-shape`."""

from collections.abc import Callable
from typing import Any

from scripts.figures.measured import Measured
from scripts.figures.pages import full_table, table
from semantify_blender.training.fitter.image_to_shape import (
    FIGURES,
    GIRTHS,
    OURS,
    PAPER_ROW,
    POINTLESS,
    REFINED,
    SCORED_ROW,
)
from semantify_blender.training.fitter.known_figures import CASES

ALIGNED, RAW, SCALED = "centroid-aligned", "raw", "height-aligned"
KNOWN = ", height known"
MEAN, RIDGE = "mean shape", "ridge on the embedding"
FOUND = "busy, no crop"
ROWS: dict[str, tuple[str, str]] = {
    "mean shape": ("alpha", MEAN),
    "the paper: scores by the small CLIP → mapper, cut out": ("alpha", PAPER_ROW),
    "the same by the encoder that knows looks": ("alpha", SCORED_ROW),
    "ridge regression on the embedding, cut out": ("alpha", RIDGE),
    "ours, plain backdrop": ("plain", OURS),
    "ours, cut out": ("alpha", OURS),
    "ours, cut out, refined": ("alpha", REFINED),
    "ours, busy backdrop, crop box by hand": ("busy", OURS),
    "ours, busy backdrop, no crop box": (FOUND, OURS),
    "the same without the points of the face": (FOUND, POINTLESS),
    "ours, busy backdrop, no crop box, refined": (FOUND, REFINED),
}
"""Row of a table -> backdrop and method, the simplest first."""
SURE = {
    "cut out": ("alpha", OURS),
    "cut out, refined": ("alpha", REFINED),
    "busy backdrop, no crop box": (FOUND, OURS),
    "busy backdrop, no crop box, refined": (FOUND, REFINED),
}
SIZES = ("height", "weight", "chest", "waist", "hips")
Row = dict[str, Any]


def cell_of(figures: dict[str, Any], backdrop: str, method: str, pictures: int = 1, known: str = "") -> Row | None:
    """The means of one method on one case, None where it was not measured."""
    case = f"{backdrop}, {pictures} picture{'s' * (pictures > 1)}{known}"
    return figures["cases"].get(case, {}).get(method)


def bodies(measured: Measured) -> str | None:
    """Without the height, and with it."""
    figures = measured.figures("body", "fits", FIGURES)
    return None if figures is None else bodies_text(figures)


def bodies_text(figures: dict[str, Any]) -> str:
    """The two tables of bodies, a sentence above and one on what was refused."""
    unknown: dict[str, Callable[[str, str], str]] = {
        "1 picture": lambda backdrop, method: _number(cell_of(figures, backdrop, method), ALIGNED),
        "2 pictures": lambda backdrop, method: _number(cell_of(figures, backdrop, method, 2), ALIGNED),
        "1 picture, heights aligned": lambda backdrop, method: _number(cell_of(figures, backdrop, method), SCALED),
    }
    known: dict[str, Callable[[str, str], str]] = {
        "1 picture": lambda backdrop, method: _number(cell_of(figures, backdrop, method, 1, KNOWN), ALIGNED),
        "2 pictures": lambda backdrop, method: _number(cell_of(figures, backdrop, method, 2, KNOWN), ALIGNED),
        f"worst of {figures['subjects']}, 1 picture": lambda b, m: _worst(cell_of(figures, b, m, 1, KNOWN)),
        "chest, waist, hips, 1 picture": lambda b, m: _girths(cell_of(figures, b, m, 1, KNOWN)),
    }
    refused = figures["refused"].get(FOUND, 0)
    told = f" Of the busy pictures without a crop box {refused} were refused and do not count." if refused else ""
    return (
        f"{figures['subjects']} bodies, mean distance of the vertices in mm, centroid on centroid.{told}\n\n"
        f"{_rows('height not known', unknown)}\n\n{_rows('height known', known)}"
    )


def faces(measured: Measured) -> str | None:
    """Face shapes; expressions."""
    shape = measured.figures("face", "fits-shape", FIGURES)
    expression = measured.figures("face", "fits-expression", FIGURES)
    return None if shape is None or expression is None else faces_text(shape, expression)


def faces_text(shape: dict[str, Any], expression: dict[str, Any]) -> str:
    """Both tables: expressions are compared as they stand, since they are displacements of a head at rest."""
    return (
        f"{shape['subjects']} heads, mean distance of the vertices in mm; shapes centroid on centroid, expressions as "
        f"they stand.\n\n{_one_or_two('face shape', shape, ALIGNED)}\n\n{_one_or_two('expression', expression, RAW)}"
    )


def animals(measured: Measured) -> str | None:
    """Animals in a table."""
    figures = measured.figures("animal", "fits", FIGURES)
    return None if figures is None else animals_text(figures)


def animals_text(figures: dict[str, Any]) -> str:
    """One table; a trunk is 1 m long."""
    return (
        f"Animals, {figures['subjects']} of the model's own shapes, mm where a trunk is 1 m, centroid on centroid; the "
        "encoder saw 6,000 others, in two views each (`scripts/models.mk`).\n\n"
        + _one_or_two("animals", figures, ALIGNED)
    )


def known(measured: Measured) -> str | None:
    """What it is worth to know something."""
    figures = measured.figures("body", "fits", FIGURES)
    return None if figures is None or "known" not in figures else known_text(figures)


def known_text(figures: dict[str, Any]) -> str:
    """Errors by what is told."""
    rows = []
    for case in (case for case in CASES if case in figures["known"]):
        row = figures["known"][case]
        girths = [f"{100 * row[name]:.1f}" for name in ("chest", "waist", "hips") if name in row]
        height = f"{100 * row['height']:.1f} cm" if "height" in row else ""
        weight = f"{row['weight']:.1f} kg" if "weight" in row else ""
        rows.append([case, f"{row['vertices']:.1f} mm", height, f"{', '.join(girths)} cm" if girths else "", weight])
    columns = ["known", "vertices, centroids aligned", "height", "chest, waist, hips", "weight"]
    return f"{figures['subjects']} bodies, one picture cut out, not refined, mean errors:\n\n" + table(
        columns, rows, numbers=True
    )


def sure(measured: Measured) -> str | None:
    """How often the truth lies within one deviation of what a fit says."""
    figures = measured.figures("body", "fits", FIGURES)
    return None if figures is None else sure_text(figures)


def sure_text(figures: dict[str, Any]) -> str:
    """Shares of one picture's fits, the height not known."""
    rows = []
    for name, (backdrop, method) in SURE.items():
        found = cell_of(figures, backdrop, method)
        if found is not None:
            shares = [found.get(f"{size} inside") for size in SIZES]
            rows.append([name, *("" if share is None else f"{100 * share:.0f} %" for share in shares)])
    return table(["inside one deviation", *SIZES], rows, numbers=True)


def summary(measured: Measured) -> str | None:
    """README's few numbers."""
    figures = measured.figures("body", "fits", FIGURES)
    return None if figures is None else summary_text(figures)


def summary_text(figures: dict[str, Any]) -> str:
    """Two rows, the height known and not."""
    ways = {
        "mean shape": ("alpha", MEAN, 1),
        "1 picture, cut out": ("alpha", OURS, 1),
        "refined": ("alpha", REFINED, 1),
        "2 pictures, cut out": ("alpha", OURS, 2),
        "refined ": ("alpha", REFINED, 2),
        "1 picture, busy backdrop": (FOUND, OURS, 1),
    }
    rows = []
    for name, case in (("height known", KNOWN), ("height not known", "")):
        cells = [_number(cell_of(figures, b, m, count, case), ALIGNED) for b, m, count in ways.values()]
        if case:  # the mean shape is told nothing: it is scaled
            cells[0] = _number(cell_of(figures, "alpha", MEAN), SCALED)
        rows.append([name, *cells])
    return full_table([f"mm, {figures['subjects']} bodies", *(name.strip() for name in ways)], rows, numbers=True)


def _one_or_two(heading: str, figures: dict[str, Any], measure: str) -> str:
    columns: dict[str, Callable[[str, str], str]] = {
        "1 picture": lambda backdrop, method: _number(cell_of(figures, backdrop, method), measure),
        "2 pictures": lambda backdrop, method: _number(cell_of(figures, backdrop, method, 2), measure),
    }
    return _rows(heading, columns)


def _rows(heading: str, columns: dict[str, Callable[[str, str], str]]) -> str:
    rows = [[name, *(cell(*where) for cell in columns.values())] for name, where in ROWS.items()]
    return full_table([heading, *columns], rows, numbers=True)


def _number(row: Row | None, name: str) -> str:
    return "" if row is None else f"{row[name]:.1f}"


def _worst(row: Row | None) -> str:
    return "" if row is None else f"{max(row['each']):.1f}"


def _girths(row: Row | None) -> str:
    if row is None or not all(f"{name} cm" in row for name in GIRTHS):
        return ""
    return ", ".join(f"{row[f'{name} cm']:.1f}" for name in GIRTHS) + " cm"
