"""What the package ships, told from the files: how many vertices and components, how large."""

from pathlib import Path

import numpy as np

from scripts.figures.measured import SUBJECT_OF, Measured
from scripts.figures.pages import between, full_table
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel


def shipped(measured: Measured) -> str:
    """A table of the models, and a sentence of all else."""
    rows = [_model(measured.data / "models" / f"{name}{SUFFIX}") for name in SUBJECT_OF]
    models = full_table(list(HEADINGS), rows, numbers=True)
    others = ", ".join(f"{what} {_megabytes(measured.data, pattern)}" for what, pattern in OTHERS.items())
    finders = sum(path.stat().st_size for path in measured.data.glob("finders/*.finder.npz")) / 1e6
    return f"{models}\n\nThe other files, in MB each: {others}; finders {finders:.1f} in all."


HEADINGS = ("model", "vertices", "faces", "components", "parts", "members of its population kept", "MB")
OTHERS = {
    "small CLIPs": "clip/*/open_clip_model.safetensors",
    "mappers": "mappers/*.mapper.npz",
    "encoders": "encoders/*.encoder.npz",
    "fitters": "fitters/*.fitter.npz",
}


def _model(path: Path) -> list[str]:
    model = MorphableModel.load(path)
    with np.load(path, allow_pickle=False) as stored:
        members = len(stored["population"]) if "population" in stored.files else 0
    counts = [model.vertex_count, model.face_count, model.component_count, len(model.parts), members]
    return [f"`{model.name}`", *(f"{count:,}" if count else "" for count in counts), f"{_size(path):.1f}"]


def _megabytes(data: Path, pattern: str) -> str:
    return between([_size(path) for path in data.glob(pattern)], 1)


def _size(path: Path) -> float:
    return path.stat().st_size / 1e6
