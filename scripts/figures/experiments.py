"""The parts of docs/results.md: `semantify table1`, `ablate` and `study` of bodies, and of faces and animals."""

from pathlib import Path

from scripts.figures.measured import Measured
from semantify_blender.training.experiments.experiments import EXPERIMENTS, markdown

FOLDERS = {"": "body", "others": "others"}
"""What follows the experiment's name in the name of a part -> where it was measured."""


def part(name: str, measured: Measured) -> str | None:
    """The command that made it, its tables and its chart. name: "table1", or "table1 others"."""
    verb, _, whose = name.partition(" ")
    folder = measured.file(FOLDERS[whose], "experiments")
    if not (folder / f"{verb}.json").is_file():
        return None
    text = markdown(folder, verb).replace(f"{measured.build}/", "out/models/")
    return f"{text}\n![{EXPERIMENTS[verb][1]}](images/{chart(name)})"


def chart(name: str) -> str:
    """The file of a part's chart, in docs/images."""
    return f"results_{name.replace(' ', '_')}.svg"


def charts(measured: Measured) -> dict[str, Path]:
    """Name in docs/images -> chart as measured, there or not."""
    return {
        chart(f"{verb} {whose}".strip()): measured.file(folder, "experiments", f"{verb}.svg")
        for whose, folder in FOLDERS.items()
        for verb in EXPERIMENTS
        if not (whose and verb == "ablate")
    }
