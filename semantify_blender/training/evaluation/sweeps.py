"""Slider fidelity and cross-talk: sweep every slider, really render the shapes, score them again."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.dataset import Dataset
from ...core.dataset_spec import DatasetSpec
from ...core.descriptors import measured_attributes
from ...core.files.writing import make_folder, write_aside
from ...core.mapper import Mapper
from ...core.model.measurements import measure
from ...core.model.morphable_model import MorphableModel
from ...core.progress import PictureProgress
from ...processes.blender import render
from ...processes.requests import DatasetRequest
from ...processes.seats import Seat
from ..scoring.clip import Clip
from ..scoring.embeddings import embed_dataset
from ..scoring.scores import encode_words, score_embeddings
from ..statistics import spearman
from .quality import sweep_scores

STEPS = 21


@dataclass(frozen=True, eq=False)
class Sweeps:
    """asked: (d, steps, d) scores set. got: (d, steps, d) of the rendered shapes. coefficients: (d, steps, K)."""

    asked: np.ndarray
    got: np.ndarray
    coefficients: np.ndarray


def render_sweeps(
    mapper: Mapper,
    model_path: str | Path,
    spec: DatasetSpec,
    clip: Clip,
    folder: str | Path,
    templates: tuple[str, ...] = ("{}",),
    steps: int = STEPS,
    blender: str | None = None,
    progress: PictureProgress | None = None,
    note: Callable[[str], None] | None = None,
    device: str | None = None,
) -> Sweeps:
    """Render each slider's sweep as the training samples were rendered (plain look), encode and score the pictures.

    spec: of the training dataset, for views, size and engine. folder: kept, so that a second run only reads. device: of
    Blender, as in `training.rendered.render`.
    """
    asked = sweep_scores(mapper, steps)
    coefficients = mapper.coefficients(asked)
    folder = make_folder(folder)
    rows = folder / "coefficients.npy"
    with write_aside(rows) as aside, open(aside, "wb") as file:
        np.save(file, coefficients.reshape(-1, coefficients.shape[-1]).astype(np.float32))
    request = DatasetRequest(
        model=str(model_path),
        out=folder / "pictures",
        coefficients=rows,
        size=spec.size,
        engine=spec.engine,
        engine_samples=spec.engine_samples,
        format=spec.image_format,
        textured=spec.textured,
        outfit=spec.outfit,
        views=tuple(f"az:{view.azimuth:g}" for view in spec.views),
    )
    render(request, blender, progress, note, Seat.on(device))
    embeddings, _ = embed_dataset(Dataset.open(folder / "pictures"), clip)
    text = encode_words(clip, mapper.descriptors, templates)
    return Sweeps(asked, score_embeddings(embeddings.values, text).reshape(asked.shape), coefficients)


def slider_figures(mapper: Mapper, sweeps: Sweeps) -> dict[str, Any]:
    """Per slider: Spearman ρ of position and re-scored value, and the share of its range that is reached.

    reach: (value at the high end − at the low end) / (high − low), ends of a quadratic fitted through the sweep so that
    render noise of single pictures does not count. cross_talk: (d, d), row i the slider moved, column j how far the
    other descriptor's re-scored value ranges meanwhile, over its own high − low; the diagonal is left at 0.
    """
    d, steps, _ = sweeps.asked.shape
    position = np.linspace(-1, 1, steps)
    width = mapper.high - mapper.low
    rho = [spearman(position, sweeps.got[i, :, i]) for i in range(d)]
    ends = [np.polyval(np.polyfit(position, sweeps.got[i, :, i], 2), [-1, 1]) for i in range(d)]
    talk = (sweeps.got.max(1) - sweeps.got.min(1)) / width
    np.fill_diagonal(talk, 0.0)
    others = talk[~np.eye(d, dtype=bool)]
    return {
        "steps": steps,
        "rho": [float(value) for value in rho],
        "reach": [float((high - low) / width[i]) for i, (low, high) in enumerate(ends)],
        "cross_talk": talk.tolist(),
        "cross_talk_mean": float(others.mean()) if d > 1 else 0.0,
        "cross_talk_max": float(others.max()) if d > 1 else 0.0,
        "largest_coefficient": float(np.abs(sweeps.coefficients).max()),
    }


def attribute_figures(
    mapper: Mapper, model: MorphableModel, coefficients: np.ndarray, steps: int = STEPS, most: int = 500
) -> list[dict[str, Any]]:
    """Whether the measured attribute that a word names follows its slider; independent of any CLIP.

    coefficients: (N, K) of the dataset, whose 5th to 95th percentile is the range to cover.
    Returns one entry per descriptor that names an attribute this model can be measured for: rho and covered (share of
    the range between the slider's ends, signed so that 1 is the full range in the right direction), and the two ends.
    """
    population = measure_shapes(model, coefficients[:most])
    swept = mapper.coefficients(sweep_scores(mapper, steps))
    named = measured_attributes(str(model.metadata.get("family", "")))
    found = []
    for i, word in enumerate(mapper.descriptors):
        attribute, sign = named.get(word, ("", 0))
        if attribute not in population:
            continue
        values = measure_shapes(model, swept[i])[attribute]
        low, high = np.percentile(population[attribute], [5, 95])
        found.append(
            {
                "word": word,
                "attribute": attribute,
                "sign": sign,
                "rho": sign * spearman(np.arange(steps), values),
                "covered": float(sign * (values[-1] - values[0]) / max(high - low, 1e-9)),
                "at_low": float(values[0]),
                "at_high": float(values[-1]),
            }
        )
    return found


def measure_shapes(model: MorphableModel, coefficients: np.ndarray) -> dict[str, np.ndarray]:
    """`measure` in pieces that fit in memory. coefficients: (N, K). Returns name -> (N,)."""
    parts = [
        measure(model, model.vertices(coefficients[i : i + 100]), coefficients[i : i + 100])
        for i in range(0, len(coefficients), 100)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
