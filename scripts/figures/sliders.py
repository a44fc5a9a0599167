"""Tables of what sliders do, from `semantify evaluate`; where that was not run again, from what the mappers hold."""

from collections.abc import Callable
from typing import Any

from scripts.figures.measured import Measured
from scripts.figures.pages import between, full_table
from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.mapper import SUFFIX, Mapper
from semantify_blender.training.evaluation.step import FIGURES, summary

POOR = 0.5
"""A slider that covers less of its attribute's range is named."""


def figures_of(measured: Measured, subject: str, model: str) -> dict[str, Any]:
    """As `training.evaluation.step.summary` keeps them, with the words beside.

    Raises FileFormatError for figures of another version of this program.
    """
    mapper = Mapper.load(measured.data / "mappers" / f"{model}{SUFFIX}")
    again = measured.figures(subject, model, FIGURES)
    try:
        found = mapper.figures if again is None else summary(again)
    except KeyError as error:
        path = measured.file(subject, model, FIGURES)
        raise FileFormatError(path, str(error), f"is missing: remove {path.parent}.sliders and make figures") from error
    if again is not None and again["fit"]["samples"] == again["samples"]:
        # none of them was known as one that it learned from: these are not its own pictures, but rendered alike
        found["fit"] = mapper.figures["fit"]
    return {"words": list(mapper.descriptors), **found}


def sliders_table(columns: dict[str, dict[str, Any]]) -> str:
    """One column a mapper, one row a figure that any of them has. columns: name -> figures."""
    rows = [[name, *(cell(figures) for figures in columns.values())] for name, cell in ROWS.items()]
    return full_table(["", *columns], rows)


def bodies(measured: Measured) -> str:
    """README's table of bodies."""
    return _of(measured, ("body",))


def faces_and_animals(measured: Measured) -> str:
    """README's table of the others."""
    return _of(measured, ("face", "animal"))


def _of(measured: Measured, subjects: tuple[str, ...]) -> str:
    columns = {}
    for subject in subjects:
        for model in measured.models(subject):
            name = model.removeprefix("anny-body-").removeprefix("anny-").replace("-", " ")
            columns[name] = figures_of(measured, subject, model)
    return sliders_table(columns)


def _sliders(figures: dict[str, Any], name: str, text: Callable[[list[float]], str]) -> str:
    values = figures.get("sliders", {}).get(name)
    return text(values) if values else ""


def _rho(values: list[float]) -> str:
    text = between(values)
    return text if "–" in text else f"{text} each"


def _cross_talk(figures: dict[str, Any]) -> str:
    found = figures.get("sliders")
    return f"{found['cross_talk_mean']:.2f} / {found['cross_talk_max']:.2f}" if found else ""


def _attributes(figures: dict[str, Any]) -> str:
    entries = figures.get("attributes") or []
    if not entries:
        return ""
    lowest = f"{min(one['rho'] for one in entries):.2f}"
    good = [100 * one["covered"] for one in entries if one["covered"] >= POOR]
    poor = [f"*{one['word']}* {100 * one['covered']:.0f} %" for one in entries if one["covered"] < POOR]
    shares = [f"{between(good, 0)} %"] if good else []
    return ", ".join(["1.00" if lowest == "1.00" else f"≥ {lowest}", *shares, *poor])


def _coefficients(figures: dict[str, Any]) -> str:
    far = figures["extremes"]
    return f"{far['largest_sweep']:.2f} / {far['largest_random']:.2f}"


def _inside(figures: dict[str, Any]) -> str:
    inside = figures["extremes"].get("inside")
    return "" if inside is None else (
        f"{inside['largest_corner']:.1f} / {inside['largest_far_corner']:.1f} / {inside['largest_random']:.1f}; "
        f"{inside['radius']:.1f}"
    )  # fmt: skip


def _muscles(figures: dict[str, Any]) -> str:
    share = figures.get("body", {}).get("muscle_motion")
    return "" if share is None else f"{100 * share:.0f} %"


def _arms(figures: dict[str, Any]) -> str:
    arms = figures.get("body", {}).get("arms", {})
    return ", ".join(
        f"{name.removesuffix(' girth')} {100 * one['rest']:.1f} : {100 * one['lean_and_muscular']:.1f}"
        for name, one in arms.items()
    )


def _body_mass_index(figures: dict[str, Any]) -> str:
    ends = figures.get("body", {}).get("fat_bmi")
    if ends is not None:
        return f"{ends['low']:.1f}–{ends['high']:.1f}"
    for one in figures.get("attributes") or []:
        if one["attribute"] == "bmi" and one["word"] == "fat":
            return between([one["at_low"], one["at_high"]], 1)
    return ""


def _fit(figures: dict[str, Any]) -> str:
    fit = figures["fit"]
    cycle = fit.get("cycle_over_plain_mse")
    return f"{fit['relative_mse']:.3f}" + ("" if cycle is None else f", {cycle:.3f}")


def _coverage(figures: dict[str, Any]) -> str:
    return f"{100 * figures['coverage']:.0f} / {100 * figures['overlap']:.0f} %"


ROWS: dict[str, Callable[[dict[str, Any]], str]] = {
    "sliders": lambda figures: ", ".join(figures["words"]),
    "ρ, slider : re-scored": lambda figures: _sliders(figures, "rho", _rho),
    "range reached": lambda figures: _sliders(figures, "reach", between),
    "cross-talk mean / largest": _cross_talk,
    "measured attribute: ρ, share of its 5–95 % range": _attributes,
    "share of the source's own muscle motion along *muscular*": _muscles,
    "body mass index along *fat*": _body_mass_index,
    "girths of arms in cm, at rest : *fat* −1 and *muscular* +1": _arms,
    "largest abs(ξ): sweeps / 1,000 random": _coefficients,
    "Mahalanobis distance at most: corners / farthest ends / random; 99.9 % of the population": _inside,
    "fit: MSE of variance, × without cycle term": _fit,
    "coverage / overlap": _coverage,
}
"""Row -> its cell, empty where it was not measured."""
