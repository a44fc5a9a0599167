"""`semantify fitter` and `semantify evaluate --image-to-shape`."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import open_clip

from ..core.clip_names import SMALL
from ..core.dataset import Dataset
from ..core.descriptors import subject_of
from ..core.errors import FileFormatError, SemantifyError
from ..core.files.npy import load_npy
from ..core.files.npz import one_array
from ..core.files.writing import make_folder, write_aside
from ..core.fitting.fitter import SUFFIX, Fitter
from ..core.library import find, load_mapper, load_model
from ..core.mapper import Mapper
from ..core.model.morphable_model import MorphableModel
from ..core.model.sampling import default_k, default_sampler, sample_shape
from ..processes.blender import render
from ..processes.requests import DatasetRequest
from .console import Console
from .fitter.data import fitter_data
from .fitter.image_to_shape import Tools, ridge_of, run, table
from .fitter.picture_encoder import ClipEncoder, load_picture_encoder, picture_size
from .fitter.train import FitterRecipe
from .fitter.train import train_fitter as fit_fitter
from .scoring.clip import SMALL_NAMES, load_clip

PICTURE_SAMPLES = 16
"""Render samples per pixel of the test pictures."""
UNSEEN_SEED = 90_000
"""Seed of the test looks, far from those of training sets."""


def train_fitter(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify fitter`."""
    console = Console(quiet=options.quiet)
    models = [load_model(name) for name in options.model]
    if len({model.vertex_count for model in models}) > 1:
        raise SemantifyError("these models show different things: train a fitter for each by itself")
    encoder = load_picture_encoder(options.clip, models[0], options.device, options.batch)
    if isinstance(encoder, ClipEncoder) and encoder.clip.remark:
        console.note(encoder.clip.remark)
    console.step(f"Embedding pictures with {encoder.name}, {options.passes} variations of each")
    data = fitter_data(options.dataset, models, encoder, options.passes, options.seed, console.images)
    recipe = FitterRecipe(epochs=options.epochs, seed=options.seed)
    make_folder(options.out)
    result = {}
    for model, own in zip(models, data, strict=True):
        console.step(f"Training the fitter of {model.name}")
        provenance = {
            "datasets": [folder.name for folder in options.dataset],
            "pictures": own.embeddings.shape[1],
            "encoder": encoder.name,
            "seed": options.seed,
            "date": datetime.now(UTC).date().isoformat(),
        }
        fitter = fit_fitter(own, model, encoder, recipe, provenance)
        path = options.out / f"{model.name}{SUFFIX}"
        fitter.save(path)
        yaw, pitch = fitter.angle_deviations.tolist()
        result[model.name] = {"fitter": str(path), "yaw": yaw, "pitch": pitch, "caution": fitter.caution}
        if not options.json:
            print(f"{path}: yaw within {yaw:.1f}°, pitch within {pitch:.1f}°")
    return result


def evaluate_image_to_shape(options: argparse.Namespace) -> dict[str, Any]:
    """`semantify evaluate --image-to-shape`."""
    console = Console(quiet=options.quiet)
    mapper = load_mapper(options.mapper)
    model = load_model(options.model or mapper.model_name)
    mapper.check_model(model)
    fitter = Fitter.load(find("fitters", options.fitter or model.name))
    encoder = load_picture_encoder(options.clip, model, options.device, options.batch)
    fitter.check(model, encoder)
    shapes, truth = _shapes(options, model)
    make_folder(options.out)
    datasets = _render(options, model, shapes, console)
    console.step("Ridge regression on the training pictures, to compare with")
    data = fitter_data(options.dataset, [model], encoder, 1, progress=console.images)[0]
    ridge = ridge_of(data.embeddings[0], data.coefficients)
    spec = options.clip if options.clip != SMALL else clip_named_by(mapper)
    clip = load_clip(spec, options.device, subject_of(str(model.metadata.get("family", ""))), options.batch)
    if clip.remark:
        console.note(clip.remark)
    tools = Tools(model, mapper, fitter, encoder, ridge, ClipEncoder(clip, picture_size(clip)))
    console.step(f"Fitting {len(truth)} subjects")
    figures = run(tools, datasets, truth, options.out, console, refine=not options.no_refine)
    if not options.json:
        print(table(figures))
    return figures


def clip_named_by(mapper: Mapper) -> str:
    """The CLIP that a mapper states, for `load_clip`: one of the small ones, or NAME:TAG.

    Raises SemantifyError for anything else: what a file states is never taken for a path.
    """
    stated = str(mapper.provenance.get("clip") or SMALL)
    name, _, tag = stated.partition(":")
    if stated in (SMALL, *SMALL_NAMES.values()) or tag in open_clip.list_pretrained_tags_by_model(name):
        return stated
    raise SemantifyError(f"this mapper was trained with CLIP {stated[:80]!r}: say where that is with --clip")


def _shapes(options: argparse.Namespace, model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    """What to render (N, V, 3), and what the model should give for it (N, V, 3): the same, unless a file tells."""
    if options.shapes is None:
        rows = [
            sample_shape(model, default_sampler(model), UNSEEN_SEED, i, default_k(model))
            for i in range(options.subjects)
        ]
        vertices = model.vertices(np.stack(rows))
        return vertices, vertices
    shapes = load_npy(options.shapes, "f", mapped=True)
    if shapes.ndim != 3 or shapes.shape[1:] != model.template.shape or not len(shapes):
        raise FileFormatError(options.shapes, "array", f"expected (N, {model.vertex_count}, 3) numbers")
    shapes = shapes[: options.subjects]
    beside = options.shapes.with_name(options.shapes.name.removesuffix(".shapes.npy") + ".targets.npz")
    if beside.is_file():
        truth = one_array(beside, f"{model.name}/vertices")
        if truth is not None:
            truth = truth[: options.subjects]
            if truth.dtype.kind != "f" or truth.shape != shapes.shape:
                raise FileFormatError(beside, f"{model.name}/vertices", f"expected numbers of shape {shapes.shape}")
            return shapes, truth
    return shapes, shapes


def _render(options: argparse.Namespace, model: MorphableModel, shapes: np.ndarray, console: Console) -> list[Path]:
    """Datasets of look "unseen", the subjects shared out among the engines; what is there already is kept."""
    folders = []
    parts = np.array_split(np.arange(len(shapes)), len(options.engines))
    if any(len(part) == 0 for part in parts):
        raise SemantifyError(f"--subjects {len(shapes)} is fewer than the engines {', '.join(options.engines)}")
    for number, (engine, part) in enumerate(zip(options.engines, parts, strict=True)):
        console.step(f"Rendering {len(part)} subjects with {engine}")
        file = options.out / f"{engine}.shapes.npy"
        with write_aside(file) as aside, open(aside, "wb") as stream:
            np.save(stream, np.asarray(shapes[part], np.float32))
        folder = options.out / engine
        request = DatasetRequest(
            model=str(find("models", options.model or model.name)),
            out=folder,
            shapes=file,
            look="unseen",
            seed=UNSEEN_SEED + number,
            views=views_of(model),
            size=options.picture_size,
            engine=engine,
            engine_samples=options.picture_samples or PICTURE_SAMPLES,
        )
        render(request, options.blender, console.images, console.note)
        Dataset.open(folder)
        folders.append(folder)
    return folders


def views_of(model: MorphableModel) -> tuple[str, ...]:
    """Two views of a subject: the model's own, a face's at 45° beside the front, or front and side."""
    if subject_of(str(model.metadata.get("family", ""))) == "face":
        return "front", "az:45"
    return "front", "side"
