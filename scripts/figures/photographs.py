"""The table of photographs, from `semantify evaluate --photographs`."""

from typing import Any

from scripts.figures.measured import Measured
from scripts.figures.pages import table
from semantify_blender.training.fitter.measured_photographs import FIGURES

STAGES = {"fitted": "first", "refined": "refined"}


def photographs(measured: Measured) -> str | None:
    """Of bodies."""
    figures = measured.figures("body", "photographs", FIGURES)
    return None if figures is None else photographs_text(figures)


def faces(measured: Measured) -> str | None:
    """How many faces were found: a part of its own, since each subject may be measured without the other."""
    figures = measured.figures("face", "photographs", FIGURES)
    return None if figures is None else f"Of faces {figures['found'][0]} of {figures['found'][1]} were found."


def photographs_text(figures: dict[str, Any]) -> str:
    """Rows of what was found, ranks, outlines, joints, heights and times."""
    found, refused = figures["found"], figures["refused"]
    stages = {name: figures[stage] for name, stage in STAGES.items() if stage in figures}
    rows = [
        ["found, bodies", f"{found[0]} of {found[1]}"],
        ["refused, others", f"{refused[0]} of {refused[1]}"],
        *(
            [f"rank correlation of *{word}* with labels by eye, 95 % interval", *ranks]
            for word, ranks in _ranks(stages)
        ),
        *([["women told from men (AUC), 95 % interval", *sexes]] if any(sexes := _sexes(stages)) else []),
        ["outline, mean IoU", *(f"{stage['iou']:.2f}" for stage in stages.values())],
        ["joints off, of the figure's height", *(_share(stage.get("joints")) for stage in stages.values())],
        ["heights", *(_range(stage.get("height")) for stage in stages.values())],
    ]
    if "seconds" in figures:
        seconds = figures["seconds"]
        rows.append(["time a picture, median, most", f"{seconds['median']:.2f}, {seconds['most']:.2f} s"])
    rows = [row + [""] * (len(stages) + 1 - len(row)) for row in rows]
    return table([f"{found[1] + refused[1]} photographs", *stages], rows, numbers=True)


def summary(measured: Measured) -> str | None:
    """README's sentence."""
    figures = measured.figures("body", "photographs", FIGURES)
    return None if figures is None else summary_text(figures)


def summary_text(figures: dict[str, Any]) -> str:
    """Found, outlines, ranks of fitted photographs."""
    found, stage = figures["found"], figures.get("first", {"iou": float("nan"), "ranks": {}})
    ranks = [f"*{word}* by {one['spearman']:.2f} ({_interval(one)})" for word, one in stage["ranks"].items()]
    told = f" Rank correlations with labels given by eye, 95 % interval: {', '.join(ranks)}." if ranks else ""
    if "sex" in stage:
        told += f" Women are told from men by {stage['sex']['auc']:.2f} (AUC, {_interval(stage['sex'])})."
    return (
        f"Of {found[1]} photographs of people (`semantify evaluate --photographs`) {found[0]} were found; the fitted "
        f"outline covers {stage['iou']:.2f} of the person's (IoU).{told}"
    )


def _ranks(stages: dict[str, dict[str, Any]]) -> list[tuple[str, list[str]]]:
    words = dict.fromkeys(word for stage in stages.values() for word in stage["ranks"])
    return [(word, [_rank(stage["ranks"].get(word)) for stage in stages.values()]) for word in words]


def _sexes(stages: dict[str, dict[str, Any]]) -> list[str]:
    found = [stage.get("sex") for stage in stages.values()]
    return [
        "" if one is None else f"{one['auc']:.2f} [{one['interval'][0]:.2f}, {one['interval'][1]:.2f}]" for one in found
    ]


def _rank(one: dict[str, Any] | None) -> str:
    return "" if one is None else f"{one['spearman']:.2f} [{one['interval'][0]:.2f}, {one['interval'][1]:.2f}]"


def _interval(one: dict[str, Any]) -> str:
    return f"{one['interval'][0]:.2f} to {one['interval'][1]:.2f}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _range(values: list[float] | None) -> str:
    return "" if values is None else f"{values[0]:.2f}–{values[1]:.2f} m"
