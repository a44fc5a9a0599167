"""From what the `dataset` verb is asked to a specification, its shapes, and their rendering."""

from pathlib import Path

import bpy
import numpy as np

from ..core.dataset_spec import DatasetSpec
from ..core.errors import SemantifyError
from ..core.files.writing import sha256_of_file
from ..core.library import load_model
from ..core.parts import part_from, part_of
from ..processes.requests import DatasetRequest
from .dataset import render_samples
from .progress import Progress
from .shape_sources import (
    CoefficientsSource,
    ShapeSource,
    coefficients_checksum,
    coefficients_source,
    load_coefficients,
    load_shapes,
    shapes_source,
)


def render_dataset(request: DatasetRequest, progress: Progress, log: Path | None = None) -> int:
    """Render what is missing of a dataset, in this process. Takes over Blender's current scene.

    log: file for Blender's own messages. Returns the number of pictures rendered; see `render_samples`.
    Raises SemantifyError for what cannot be had or does not go together.
    """
    model = load_model(request.model)
    if request.coefficients and request.shapes:
        raise SemantifyError("--coefficients and --shapes both say what to render: give one of them")
    idle = [f"--{name}" for name in ("sampler", "k", "components") if getattr(request, name) is not None]
    if idle and (request.coefficients or request.shapes):
        file = "--coefficients" if request.coefficients else "--shapes"
        raise SemantifyError(f"{', '.join(idle)}: nothing is drawn where {file} gives the shapes; leave one out")
    given = None if request.coefficients is None else load_coefficients(request.coefficients, model)
    if request.shapes is not None:
        given = load_shapes(request.shapes, model)
    samples = request.samples
    if samples is None:
        samples = 3000 if given is None else len(given)
    if given is not None and samples > len(given):
        raise SemantifyError(
            f"{request.coefficients or request.shapes} has {len(given)} rows but --samples asks for {samples}"
        )
    spec = DatasetSpec.of(
        model,
        samples=samples,
        seed=request.seed,
        blender_version=bpy.app.version_string,
        sampler=request.sampler if given is None else "file",
        k=request.k,
        components=request.components,
        views=request.views,
        size=request.size,
        engine=request.engine,
        engine_samples=request.engine_samples,
        image_format=request.format,
        look=request.look,
        textured=request.textured,
        outfit=request.outfit,
        shard_size=request.shard_size,
        coefficients_checksum=_given_checksum(request, given),
    )
    part = part_of(request.shard, request.out)
    source: CoefficientsSource | ShapeSource
    if request.shapes is not None and given is not None:
        source = shapes_source(model, given)
    else:
        source = coefficients_source(spec, model, given)
    worker = None if request.worker is None else part_from(request.worker, "--worker")
    return render_samples(spec, model, source, request.out, progress, part, log, worker)


def _given_checksum(request: DatasetRequest, given: np.ndarray | None) -> str | None:
    if given is None:
        return None
    # shapes may be larger than memory
    return coefficients_checksum(given) if request.shapes is None else sha256_of_file(request.shapes)
