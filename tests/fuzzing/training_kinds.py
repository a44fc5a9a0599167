"""The kinds of files that only training and Blender read; PyTorch, Pillow and bpy are needed here."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from semantify_blender.blender.pictures import read_picture
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.probe import probe
from semantify_blender.rendering.shape_sources import load_coefficients, load_shapes, shapes_source
from semantify_blender.training.evaluation.step import FIGURES
from semantify_blender.training.reports.report import write_report
from semantify_blender.training.reports.result_files import chosen_words, load_figures
from semantify_blender.training.reports.summary import summary_text
from semantify_blender.training.scoring.embeddings import ShardEmbeddings
from semantify_blender.training.scoring.scores import Scores, score_embeddings
from semantify_blender.training.selection.lexicon import Lexicon
from semantify_blender.training.step_memory import StepMemory
from semantify_blender.training.telling import Teller
from tests.free_model_files import write_mhr
from tests.fuzzing.free_kinds import use_converted
from tests.fuzzing.hammer import Kind
from tests.fuzzing.mutations import NPZ, spoil_archive, spoil_bytes, spoil_json_bytes, spoil_npy
from tests.picture_files import colours, tiff_bytes, with_alpha
from tests.synthetic import synthetic_model
from tests.training.reports.result_values import figures, selection

JSON = (spoil_json_bytes, spoil_json_bytes, spoil_json_bytes, spoil_bytes)
_SHAPE = synthetic_model(rings=4, segments=5, components=3)


def training_kinds(folder: Path) -> list[Kind]:
    """As `kinds.core_kinds`."""
    rng = np.random.default_rng(4)
    values = rng.normal(size=(6, 2, 8))
    values = (values / np.linalg.norm(values, axis=-1, keepdims=True)).astype(np.float16)
    sums = rng.integers(0, 256, (6, 32), np.uint8)
    embeddings = _saved(folder, ShardEmbeddings(values, sums, "small", "c" * 64))
    scores = _saved(folder, Scores(rng.normal(20, 1, (6, 2)).astype(np.float32), ("tall", "fat"), "small", "c" * 64))
    lexicon = {"words": {"tall": {"synonyms": ["high"], "antonyms": ["short"]}}}
    return [
        Kind("figures.json", ".json", (_json(figures()),), JSON, _use_figures),
        Kind("selection.json", ".json", (_json(selection()),), JSON, _use_selection),
        Kind("lexicon", ".json", (_json(lexicon),), JSON, _use_lexicon),
        Kind(
            "steps.json",
            ".json",
            (_json({"render": {"key": "a", "outputs": {"case.json": "x"}}, "score": {"key": "b", "outputs": {}}}),),
            JSON,
            _use_steps,
        ),
        Kind("embeddings", ".npz", (embeddings,), NPZ, _use_embeddings),
        Kind("scores", ".npz", (scores,), NPZ, _use_scores),
        Kind("shard", ".tar", (_shard(folder),), (spoil_bytes,), _use_shard),
        Kind("coefficients", ".npy", (_npy(folder, np.zeros((4, 3))),), (spoil_npy, spoil_bytes), _use_coefficients),
        Kind("shapes", ".npy", (_npy(folder, _shapes()),), (spoil_npy, spoil_bytes), _use_shapes),
        Kind("torch archive", ".pt", (_torch_archive(folder),), (spoil_archive,), use_converted),
        Kind("picture", ".picture", _pictures(folder), (spoil_bytes,), _use_picture),
    ]


def _saved(folder: Path, value: Any) -> bytes:
    value.save(folder / "valid")
    return (folder / "valid").read_bytes()


def _torch_archive(folder: Path) -> bytes:
    write_mhr(folder / "valid.pt")
    return (folder / "valid.pt").read_bytes()


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _npy(folder: Path, array: np.ndarray) -> bytes:
    np.save(folder / "valid.npy", array)
    return (folder / "valid.npy").read_bytes()


def _shapes() -> np.ndarray:
    return _SHAPE.vertices(np.zeros((2, 3), np.float32))


def _spec() -> DatasetSpec:
    return DatasetSpec("synthetic", "c" * 64, 2, 0, "4.5", shard_size=2)


def _shard(folder: Path) -> bytes:
    samples = [(i, np.zeros(3, np.float32), {"front": b"abc", "side": b"defg"}) for i in range(2)]
    _spec().write_shard(folder, 0, samples)
    return _spec().shard_path(folder, 0).read_bytes()


def _pictures(folder: Path) -> tuple[bytes, ...]:
    found = [tiff_bytes(colours())]
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "GIF"):
        Image.fromarray(colours()).save(folder / "picture", kind)
        found.append((folder / "picture").read_bytes())
    Image.fromarray(with_alpha()).save(folder / "picture", "PNG")
    return (*found, (folder / "picture").read_bytes())


def _use_figures(path: Path, rng: np.random.Generator) -> Any:
    target = path.parent / "evaluation"
    target.mkdir(exist_ok=True)
    (target / FIGURES).write_bytes(path.read_bytes())
    text = summary_text(load_figures(target / FIGURES))
    page = write_report(target).read_text(encoding="utf-8")
    assert "<script" not in page
    text.encode()


def _use_selection(path: Path, rng: np.random.Generator) -> Any:
    target = path.parent / "selected"
    target.mkdir(exist_ok=True)
    (target / FIGURES).write_bytes(_json(figures()))
    chosen_words(path)
    page = write_report(target, None, path).read_text(encoding="utf-8")
    assert "<script" not in page


def _use_lexicon(path: Path, rng: np.random.Generator) -> Any:
    lexicon = Lexicon.load(path)
    lexicon.relation("tall", "short")


def _use_steps(path: Path, rng: np.random.Generator) -> Any:
    target = path.parent / "steps"
    target.mkdir(exist_ok=True)
    (target / "steps.json").write_bytes(path.read_bytes())
    steps = StepMemory(target, Teller())
    steps.fresh("render", "a", path)
    steps.finish("render", "b", path)
    steps.forget("score")


def _use_embeddings(path: Path, rng: np.random.Generator) -> Any:
    found = ShardEmbeddings.load(path)
    return score_embeddings(found.values, np.ones((1, found.values.shape[2]), np.float32))


def _use_scores(path: Path, rng: np.random.Generator) -> Any:
    found = Scores.load(path)
    return [found.of(found.words[:1]), found.values.var(0)]


def _use_shard(path: Path, rng: np.random.Generator) -> Any:
    target = path.parent / "rendered"
    target.mkdir(exist_ok=True)
    _spec().save(target)
    _spec().shard_path(target, 0).write_bytes(path.read_bytes())
    dataset = Dataset.open(target)
    return [dataset.coefficients(), len(list(dataset.images()))]


def _use_coefficients(path: Path, rng: np.random.Generator) -> Any:
    values = load_coefficients(path, _SHAPE)
    return [values, _SHAPE.vertices(values)]


def _use_shapes(path: Path, rng: np.random.Generator) -> Any:
    model: MorphableModel = _SHAPE
    shape = shapes_source(model, load_shapes(path, model))
    return list(shape(0))


def _use_picture(path: Path, rng: np.random.Generator) -> Any:
    if probe(path).format == "gif":
        return None  # not every Blender decodes one
    picture = read_picture(path)
    return None if picture.width * picture.height > 10**6 else cut_figure(picture, 32).pixels
