"""`semantify evaluate --image-to-shape`: shapes rendered in looks that training never had, fitted, and compared."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import open_clip

from ...core.clip_names import SMALL, SMALL_NAMES
from ...core.dataset import Dataset
from ...core.descriptors import subject_of
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.npy import load_npy
from ...core.files.npz import one_array
from ...core.files.writing import make_folder, write_aside
from ...core.fitting.fitter import Fitter
from ...core.library import find, load_mapper, load_model
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.model.sampling import default_k, default_sampler, sample_shape
from ...processes.blender import render
from ...processes.requests import DatasetRequest
from ..scoring.clip import load_clip
from ..telling import Tell, Teller
from .data import fitter_data
from .image_to_shape import Compared, ridge_of, run
from .picture_encoder import ClipEncoder, load_picture_encoder, picture_size

PICTURE_SAMPLES = 16
"""Render samples per pixel of the test pictures."""
UNSEEN_SEED = 90_000
"""Seed of the test looks, far from those of training sets."""


@dataclass(frozen=True)
class PicturePlan:
    """Whose pictures are fitted, and how they are rendered.

    count: how many. shapes: PREFIX.shapes.npy (N, V, 3), metres; None draws them from the model. engines: share them.
    size: pixels. samples: per pixel. outfit: what all wear, None for any. blender: the program (default: $BLENDER, else
    the bpy wheel).
    """

    count: int = 100
    shapes: Path | None = None
    engines: tuple[str, ...] = ("cycles", "workbench")
    size: int = 256
    samples: int = PICTURE_SAMPLES
    outfit: str | None = None
    blender: str | None = None


def measure_fits(
    mapper: str | Path,
    datasets: list[Path],
    out: Path,
    plan: PicturePlan = PicturePlan(),
    *,
    model: str | Path | None = None,
    fitter: str | Path | None = None,
    refine: bool = True,
    clip: str = SMALL,
    device: str | None = None,
    batch: int | None = None,
    progress: Tell | None = None,
) -> dict[str, Any]:
    """Render subjects, fit them in every way there is, and write how far off each way is: `image_to_shape.json`.

    mapper, model, fitter: names or paths; None for what belongs to the mapper. datasets: folders of the fitter's
    training, to compare with a ridge regression. refine: also the refined fits. clip: of the mapper's own scores.
    Raises SemantifyError for what does not belong together, and shapes that are not the model's.
    """
    teller = Teller(progress)
    loaded = load_mapper(mapper)
    shape = load_model(model or loaded.model_name)
    loaded.check_model(shape)
    found = Fitter.load(find("fitters", fitter or shape.name))
    encoder = load_picture_encoder(clip, shape, device, batch)
    found.check(shape, encoder)
    shapes, truth = _shapes(plan, shape)
    make_folder(out)
    rendered = _render(plan, str(find("models", model or shape.name)), shape, shapes, out, teller)
    teller.step("Ridge regression on the training pictures, to compare with")
    data = fitter_data(datasets, [shape], encoder, 1, progress=teller.images)[0]
    ridge = ridge_of(data.embeddings[0], data.coefficients)
    spec = clip if clip != SMALL else clip_named_by(loaded)
    own = load_clip(spec, device, subject_of(str(shape.metadata.get("family", ""))), batch)
    if own.remark:
        teller.note(own.remark)
    tools = Compared(shape, loaded, found, encoder, ridge, ClipEncoder(own, picture_size(own)))
    teller.step(f"Fitting {len(truth)} subjects")
    return run(tools, rendered, truth, out, teller, refine)


def clip_named_by(mapper: Mapper) -> str:
    """The CLIP that a mapper states, for `load_clip`: one of the small ones, or NAME:TAG.

    Raises SemantifyError for anything else: what a file states is never taken for a path.
    """
    stated = str(mapper.provenance.get("clip") or SMALL)
    name, _, tag = stated.partition(":")
    if stated in (SMALL, *SMALL_NAMES.values()) or tag in open_clip.list_pretrained_tags_by_model(name):
        return stated
    raise SemantifyError(f"this mapper was trained with CLIP {stated[:80]!r}: say where that is with --clip")


def _shapes(plan: PicturePlan, model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    """What to render (N, V, 3), and what the model should give for it (N, V, 3): the same, unless a file tells."""
    if plan.shapes is None:
        sampler, k = default_sampler(model), default_k(model)
        rows = [sample_shape(model, sampler, UNSEEN_SEED, i, k) for i in range(plan.count)]
        vertices = model.vertices(np.stack(rows))
        return vertices, vertices
    return shapes_and_truth(plan.shapes, model, plan.count)


def shapes_and_truth(path: Path, model: MorphableModel, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Shapes of a file, PREFIX.shapes.npy, and what the model should give for them, if PREFIX.targets.npz tells.

    count: how many at most. Both (N, V, 3) metres; truth is NaN for what a model has no part in.
    Raises FileFormatError for files that are none of this model.
    """
    shapes = load_npy(path, "f", mapped=True)
    if shapes.ndim != 3 or shapes.shape[1:] != model.template.shape or not len(shapes):
        raise FileFormatError(path, "array", f"expected (N, {model.vertex_count}, 3) numbers")
    shapes = shapes[:count]
    beside = path.with_name(path.name.removesuffix(".shapes.npy") + ".targets.npz")
    if beside.is_file():
        truth = one_array(beside, f"{model.name}/vertices")
        if truth is not None:
            truth = truth[:count]
            if truth.dtype.kind != "f" or truth.shape != shapes.shape:
                raise FileFormatError(beside, f"{model.name}/vertices", f"expected numbers of shape {shapes.shape}")
            return shapes, truth
    return shapes, shapes


def _render(
    plan: PicturePlan, path: str, model: MorphableModel, shapes: np.ndarray, out: Path, teller: Teller
) -> list[Path]:
    """Datasets of look "unseen", the subjects shared out among the engines; what is there already is kept.

    path: the model's file.
    """
    folders = []
    parts = np.array_split(np.arange(len(shapes)), len(plan.engines))
    if any(len(part) == 0 for part in parts):
        raise SemantifyError(f"--subjects {len(shapes)} is fewer than the engines {', '.join(plan.engines)}")
    for number, (engine, part) in enumerate(zip(plan.engines, parts, strict=True)):
        teller.step(f"Rendering {len(part)} subjects with {engine}")
        file = out / f"{engine}.shapes.npy"
        with write_aside(file) as aside, open(aside, "wb") as stream:
            np.save(stream, np.asarray(shapes[part], np.float32))
        folder = out / engine
        request = DatasetRequest(
            model=path,
            out=folder,
            shapes=file,
            look="unseen",
            seed=UNSEEN_SEED + number,
            views=views_of(model),
            size=plan.size,
            engine=engine,
            engine_samples=plan.samples,
            outfit=plan.outfit,
        )
        render(request, plan.blender, teller.images, teller.note)
        Dataset.open(folder)
        folders.append(folder)
    return folders


def views_of(model: MorphableModel) -> tuple[str, ...]:
    """Two views of a subject: the model's own, a face's at 45° beside the front, or front and side."""
    if subject_of(str(model.metadata.get("family", ""))) == "face":
        return "front", "az:45"
    return "front", "side"
