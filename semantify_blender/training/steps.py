"""The training line, one function per step; each reads and writes files and can be run alone (design section 2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..core.dataset import Dataset
from ..core.errors import FileFormatError, SemantifyError
from ..core.files.json_text import read_json
from ..core.files.writing import write_json
from ..core.library import find, load_model
from ..core.mapper import Mapper
from ..core.model.morphable_model import MorphableModel
from ..core.model.sampling import POPULATION
from .mapper.curves import write_curves, write_tensorboard
from .mapper.recipe import Recipe
from .mapper.train import split, test_rows, train_mapper
from .scoring.clip import Clip
from .scoring.embeddings import Embeddings, embed_dataset
from .scoring.scores import BARE_WORD, Scores, score_words
from .selection.clusters import pictures_clustered
from .selection.selection import Selection, SelectionOptions
from .selection.selector import select_descriptors
from .telling import Teller

_ROUNDING = 1e-4
"""Of a limit, in float32."""


@dataclass(frozen=True)
class Source:
    """A dataset with the model it was rendered from. model_path: the file to hand to the rendering child."""

    dataset: Dataset
    model: MorphableModel
    model_path: Path


def open_source(dataset: Dataset | str | Path, model: str | Path | None = None) -> Source:
    """A dataset, opened or by its folder, with its model. model: name or path; None takes what the dataset states.

    Raises SemantifyError when the model is not the one that was rendered.
    """
    opened = dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)
    spec, stated = opened.spec, f"{opened.folder} was rendered from model {opened.spec.model!r}"
    try:
        path = find("models", model or spec.model)
    except SemantifyError as error:
        raise SemantifyError(f"{stated}: {error} (--model)") from error
    loaded = load_model(path)
    if loaded.checksum != spec.model_checksum:
        raise SemantifyError(
            f"{stated} with checksum {spec.model_checksum[:12]}…, but {path.name} has {loaded.checksum[:12]}…; "
            "give the right --model"
        )
    return Source(opened, loaded, path)


def encode(dataset: Dataset, clip: Clip, teller: Teller, devices: Sequence[str] = ()) -> Embeddings:
    """Embed the dataset's pictures, or re-use what is there. devices: where, as in `embed_dataset`."""
    embeddings, reused = embed_dataset(dataset, clip, teller.images, devices)
    teller.note(f"embeddings {embeddings.values.shape} {'re-used' if reused else f'encoded on {clip.device.type}'}")
    return embeddings


def score(
    dataset: Dataset, clip: Clip, words: Sequence[str], teller: Teller, templates: Sequence[str] = (BARE_WORD,)
) -> Scores:
    """Score a dataset for words."""
    clip.check_words([word for word in words if word.strip()])
    return score_words(clip, encode(dataset, clip, teller), words, templates)


def select(dataset: Dataset, embeddings: Embeddings, scores: Scores, options: SelectionOptions) -> Selection:
    """Select descriptors among the scored words. Raises SemantifyError when none follows the shape."""
    _same_dataset(dataset, scores)
    views = [view.name for view in dataset.spec.views]
    pictures = pictures_clustered(embeddings.values, views, options.cluster_views)
    selection = select_descriptors(scores.values, scores.words, pictures, dataset.coefficients(), options)
    selection.check_chosen(scores.clip, dataset.spec.model)
    return selection


def train(
    source: Source,
    scores: Scores,
    words: Sequence[str],
    recipe: Recipe,
    teller: Teller,
    compare: bool = False,
    curves: Path | None = None,
    tensorboard: Path | None = None,
) -> Mapper:
    """Train a mapper. compare: also train without the cycle term and note how the fits relate.

    curves: a CSV file to write the training to. tensorboard: a folder to log it to, which needs that package.
    """
    _same_dataset(source.dataset, scores)
    used = scores.of(words)
    coefficients = sampled_coefficients(source)
    provenance = {
        "clip": scores.clip,
        "clip_checksum": scores.clip_checksum,
        "templates": list(scores.templates),
        "dataset": source.dataset.checksum,
        "dataset_seed": source.dataset.spec.seed,
        "seed": recipe.seed,
    }
    trained = train_mapper(used, coefficients, words, source.model, recipe, provenance, teller.progress)
    if curves is not None:
        write_curves(trained, curves)
    if tensorboard is not None:
        write_tensorboard(trained, tensorboard)
    mapper = trained.mapper
    if compare and recipe.cycle:
        teller.note("again without the cycle term, to compare")
        plain = train_mapper(used, coefficients, words, source.model, recipe.without_cycle(), progress=teller.progress)
        figures = mapper.figures["fit"]
        ratio = figures["validation_mse"] / plain.mapper.figures["fit"]["validation_mse"]
        mapper = replace(mapper, figures={"fit": {**figures, "cycle_over_plain_mse": ratio}})
    return mapper


def sampled_coefficients(source: Source) -> np.ndarray:
    """(N, K) coefficients of a dataset, each inside what its sampler can draw from the model.

    Raises FileFormatError naming the shard and the sample otherwise.
    """
    spec, rows = source.dataset.spec, source.dataset.coefficients()
    if rows.shape[1] != source.model.component_count:
        raise SemantifyError(
            f"{source.dataset.folder}: its samples have {rows.shape[1]} coefficients, model {source.model.name!r} has "
            f"{source.model.component_count}; render the dataset again"
        )
    if spec.sampler == "file":  # whoever wrote the file may have left the usual range
        return rows
    if spec.sampler == POPULATION:
        outside = _unlikely(source, rows)
    else:
        ranges = source.model.ranges
        low, high = (-spec.k, spec.k) if ranges is None else ranges.T
        outside = ((rows < low - _ROUNDING) | (rows > high + _ROUNDING)).any(1)
    if outside.any():
        sample = int(outside.argmax())
        raise FileFormatError(
            spec.shard_path(source.dataset.folder, sample // spec.shard_size),
            f"sample {sample}",
            f"has coefficients that sampler {spec.sampler!r} cannot give; delete the shard and render it again",
        )
    return rows


def _unlikely(source: Source, rows: np.ndarray) -> np.ndarray:
    """(N,) bool: coefficients that are not drawn from the model's population."""
    people, spec = source.model.people, source.dataset.spec
    if people is None or people.checksum != spec.coefficients_checksum:
        raise SemantifyError(
            f"{source.dataset.folder}: was drawn from another population than model {source.model.name!r} has; give "
            "the model that it was rendered from, or render it again"
        )
    if spec.components is not None:  # what is left of a member without its other coefficients is none
        return np.zeros(len(rows), bool)
    return people.inside.distance(rows) > people.inside.radius * (1 + _ROUNDING)


def held_out_rows(mapper: Mapper, dataset: Dataset) -> np.ndarray:
    """(N,) bool: the samples that neither trained a mapper nor chose its epoch; all of another dataset than its own."""
    count = dataset.spec.samples
    recipe = mapper.provenance.get("recipe", {})
    if mapper.provenance.get("dataset") != dataset.checksum:
        return np.ones(count, bool)
    seed = int(recipe.get("seed", 0))
    return test_rows(split(count, float(recipe.get("validation", 0.2)), seed), float(recipe.get("test", 0)), seed)


def save_selection(selection: Selection, path: str | Path) -> None:
    """Write `selection.json`."""
    write_json(path, selection.to_json())


def load_json(path: str | Path) -> dict[str, Any]:
    """Read a JSON object that another step wrote. Raises FileFormatError otherwise."""
    return read_json(path, "run the step before this one")


def _same_dataset(dataset: Dataset, scores: Scores) -> None:
    if len(scores.values) != dataset.spec.samples or scores.dataset != dataset.checksum:
        raise SemantifyError(
            f"the scores are of {len(scores.values)} samples of other pictures than the {dataset.spec.samples} in "
            f"{dataset.folder}; run semantify score on this dataset"
        )
