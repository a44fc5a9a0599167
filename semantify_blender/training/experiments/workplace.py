"""The folder that the experiments share: shapes are rendered when missing, and mappers trained only once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from ...core.clip_names import SMALL
from ...core.dataset import Dataset
from ...core.dataset_spec import DatasetSpec
from ...core.descriptors import subject_of
from ...core.errors import SemantifyError
from ...core.files.writing import make_folder
from ...core.library import available, find, load_model
from ...core.mapper import SUFFIX, Mapper
from ...core.model.morphable_model import MorphableModel
from ...processes.requests import DatasetRequest
from .. import steps
from ..evaluation.quality import PAPER_COMPONENTS
from ..mapper.recipe import Recipe
from ..mapper.train import train_mapper
from ..rendered import render_dataset
from ..scoring.clip import Clip, load_clip
from ..scoring.scores import BARE_WORD, encode_words, score_embeddings
from ..scoring.words import default_words
from ..telling import Teller
from .samples import Samples

DATASETS, MAPPERS = "datasets", "fits"
UNTEXTURED = "-untextured"
"""Ending of the name of a dataset that is rendered all grey."""


@dataclass(frozen=True)
class Sources:
    """Where scored shapes come from.

    given: name of a model -> a rendered dataset of it, `UNTEXTURED` at its end for a grey one; others are rendered.
    size: pixels, engine_samples: per pixel, k: limit of the coefficients in standard deviations, seed: of the shapes,
    blender: the program, for those. clip, device, batch: as `load_clip` takes them. models: checksum -> file, of models
    that cannot be found by their names.
    """

    given: Mapping[str, Path] = field(default_factory=dict)
    size: int = 128
    engine_samples: int = 4
    k: float = 2.0
    seed: int = 0
    blender: str | None = None
    clip: str = SMALL
    device: str | None = None
    batch: int | None = None
    models: Mapping[str, Path] = field(default_factory=dict)


class Workplace:
    """The folder of the experiments: `datasets/NAME`, `fits/KEY.mapper.npz`; nothing in it is made twice."""

    def __init__(self, out: str | Path, sources: Sources, teller: Teller) -> None:
        """out: the folder, made where it is not there."""
        self.out, self.sources, self.teller = make_folder(out), sources, teller

    def samples(self, model: str | Path, count: int, textured: bool = True) -> Samples:
        """At least `count` scored shapes of a model (name or path), rendered and encoded where that is not done yet."""
        path = find("models", model)
        loaded = load_model(path)
        family = str(loaded.metadata.get("family", ""))
        clip = load_clip(self.sources.clip, self.sources.device, subject_of(family), self.sources.batch)
        if clip.remark:
            self.teller.note(clip.remark)
        words = default_words(loaded, clip)  # before anything is rendered: there may be none
        name = loaded.name + ("" if textured else UNTEXTURED)
        folder = self.sources.given.get(name)
        if folder is None:
            folder = self.out / DATASETS / name
            self._render(folder, path, count, textured)
        source = steps.open_source(folder, path)
        if source.dataset.spec.textured != textured:
            raise SemantifyError(f"{folder}: expected a {'' if textured else 'un'}textured dataset for {name}")
        if len(source.dataset) < count:
            raise SemantifyError(
                f"{folder} has {len(source.dataset)} samples but {count} are wanted: ask for fewer or give another one"
            )
        return self.scored(source, clip, words)

    def scored(
        self, source: steps.Source, clip: Clip, words: Sequence[str], templates: Sequence[str] = (BARE_WORD,)
    ) -> Samples:
        """Rendered shapes with what a CLIP says of words in their pictures; encoded where that is not done yet."""
        embeddings = steps.encode(source.dataset, clip, self.teller)
        text = encode_words(clip, words, templates)
        return Samples(
            model=source.model,
            words=tuple(words),
            views=tuple(view.name for view in source.dataset.spec.views),
            embeddings=embeddings.values,
            text=text,
            scores=score_embeddings(embeddings.values, text),
            coefficients=steps.sampled_coefficients(source),
            origin={
                "clip": clip.name,
                "clip_checksum": clip.checksum,
                "templates": list(templates),
                "dataset": source.dataset.checksum,
                "dataset_seed": source.dataset.spec.seed,
            },
        )

    def check_given(self, names: Sequence[str]) -> None:
        """Raise SemantifyError for --data NAME=… that no model here has: it would be rendered anew without a word."""
        strangers = sorted(set(self.sources.given) - {full for name in names for full in (name, name + UNTEXTURED)})
        if strangers:
            raise SemantifyError(f"--data {strangers[0]}=…: no such model here; name it as one of {', '.join(names)}")

    def train(self, samples: Samples, words: Sequence[str], recipe: Recipe) -> Mapper:
        """Train a mapper, or read the one that was trained from the same numbers before."""
        scores = samples.of(words)
        path = self.out / MAPPERS / f"{_mapper_key(samples, words, scores, recipe)[:24]}{SUFFIX}"
        key = path.name.removesuffix(SUFFIX)
        if path.is_file():
            try:
                mapper = Mapper.load(path)
                mapper.check_model(samples.model)
                if mapper.provenance.get("fit") == key:
                    return mapper
            except SemantifyError:
                pass  # unreadable: it is only a cache, make it again
        provenance = {**samples.origin, "seed": recipe.seed, "fit": key}
        progress = self.teller.progress
        mapper = train_mapper(
            scores, samples.coefficients, words, samples.model, recipe, provenance, progress=progress
        ).mapper
        mapper.save(path)
        # read back, so that a resumed run has the very same weights (float16 in the file)
        return Mapper.load(path)

    def _render(self, folder: Path, model: Path, count: int, textured: bool) -> None:
        wanted = self.sources
        if (folder / "dataset.json").is_file():
            try:
                dataset = Dataset.open(folder)
                if len(dataset) >= count and _as_asked(dataset.spec, wanted):
                    _ = dataset.checksum
                    return
            except SemantifyError as error:
                self.teller.note(f"{folder.name} is not whole, going on ({error})")
        self.teller.step(f"Rendering {count} shapes: {folder.name}")
        # the paper's own setting, also where a model's population is the default
        paper = load_model(model).population is not None
        request = DatasetRequest(
            model=str(model),
            out=folder,
            samples=count,
            seed=wanted.seed,
            sampler="uniform" if paper else None,
            components=PAPER_COMPONENTS if paper else None,
            k=wanted.k,
            size=wanted.size,
            engine_samples=wanted.engine_samples,
            textured=textured,
        )
        render_dataset(request, wanted.blender, self.teller, wanted.device)


def _as_asked(spec: DatasetSpec, wanted: Sources) -> bool:
    """Whether a dataset was rendered with the options that are given now; if not, the renderer says what differs."""
    return all(getattr(spec, name) == getattr(wanted, name) for name in ("seed", "k", "size", "engine_samples"))


def models_named(extra: Sequence[str], only: Sequence[str]) -> list[Path]:
    """Files of the models to test: all that `semantify models` lists and `extra`; or just `only`."""
    names = list(only) or [*map(str, available("models").values()), *extra]
    return list(dict.fromkeys(find("models", name) for name in names))


def model_of(mapper: Mapper, extra: Sequence[str] = ()) -> MorphableModel:
    """The morphable model that a mapper was trained for: among `extra` (names or paths), else by its name.

    Raises SemantifyError when it is not there or is another one.
    """
    for name in extra:
        model = load_model(name)
        if model.checksum == mapper.model_checksum:
            return model
    model = load_model(mapper.model_name)
    mapper.check_model(model)
    return model


def _mapper_key(samples: Samples, words: Sequence[str], scores: np.ndarray, recipe: Recipe) -> str:
    settings = [samples.model.checksum, list(words), asdict(recipe)]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for array in (scores, samples.coefficients):
        digest.update(np.ascontiguousarray(array, np.float32).tobytes())
    return digest.hexdigest()
