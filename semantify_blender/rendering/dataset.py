"""The dataset loop (paper section 3.1): coefficients -> shape -> a picture per view -> shards."""

import re
from collections.abc import Iterator
from pathlib import Path

from ..core.dataset_spec import POSED, SPEC_FILE, DatasetSpec
from ..core.errors import FileFormatError, OutputError, SemantifyError
from ..core.files.shards import ForeignShardError, Sample
from ..core.files.writing import unwritable
from ..core.looks.choice import look_of
from ..core.looks.gait import random_gait
from ..core.model.morphable_model import MorphableModel
from ..core.model.random_poses import picture_pose
from ..core.model.sampling import POSE, view_generator
from .progress import Progress, Silent
from .shape_sources import CoefficientsSource, ShapeSource
from .stage.garments import with_garments
from .stage.leftovers import process_is_alive
from .stage.quiet import quiet
from .stage.scene import Stage
from .wardrobe import LAYERED, Wardrobe


def render_samples(
    spec: DatasetSpec,
    model: MorphableModel,
    source: CoefficientsSource | ShapeSource,
    folder: str | Path,
    progress: Progress | None = None,
    part: tuple[int, int] = (0, 1),
    log: str | Path | None = None,
) -> int:
    """Render the missing shards of a dataset into `folder`, in this process. Takes over Blender's current scene.

    source: sample number -> (K,) coefficients, see `coefficients_source`; or -> coefficients and (V, 3) vertices.
    part: (i, n) renders shards i, i + n, i + 2n, … so that n workers share one folder.
    Whole shards that exist are kept, whoever made them: a run that was killed is resumed by running it again, and the
    result is byte for byte that of an undisturbed run; damaged ones are rendered again. Returns the number of pictures
    rendered.
    Raises SemantifyError when the folder holds another dataset, cannot be written or the engine cannot run.
    """
    progress = progress or Silent()
    folder = Path(folder)
    if model.checksum != spec.model_checksum:
        raise SemantifyError(f"model {model.name!r} is not the one of this dataset ({spec.model_checksum[:12]}…)")
    try:
        claim_folder(spec, folder)
        shards = range(part[0], spec.shard_count, part[1])
        _remove_leftovers(spec, folder, shards)
        missing = [shard for shard in shards if not _is_there(spec, folder, shard, progress)]
        views = len(spec.views)
        total = views * sum(len(spec.shard_range(shard)) for shard in shards)
        done = total - views * sum(len(spec.shard_range(shard)) for shard in missing)
        already = done

        def counted(samples: Iterator[Sample]) -> Iterator[Sample]:
            nonlocal done
            for sample in samples:
                yield sample
                done += views
                progress.advance(done, total)

        if done:
            progress.note(f"{done} of {total} pictures are there already")
        if missing:
            with (
                quiet(log),
                _stage(spec, model) as stage,
            ):
                progress.note(f"rendering with {spec.engine} on {stage.device}")
                progress.advance(done, total)
                for shard in missing:
                    spec.write_shard(folder, shard, counted(rendered(stage, spec, source, shard)))
        if not missing:
            progress.advance(total, total)
        return total - already
    except OSError as error:
        raise unwritable(error, error.filename or folder) from error


def _is_there(spec: DatasetSpec, folder: Path, shard: int, progress: Progress) -> bool:
    """Whether a shard is there and whole: a damaged one is rendered again. Raises ForeignShardError for another's."""
    path = spec.shard_path(folder, shard)
    if not path.is_file():
        return False
    try:
        for _ in spec.read_shard(folder, shard):
            pass
    except ForeignShardError:
        raise
    except FileFormatError as error:
        progress.note(f"{path.name} is damaged and will be rendered again ({error.field})")
        return False
    return True


def _stage(spec: DatasetSpec, model: MorphableModel) -> Stage:
    posed = spec.look in POSED
    return Stage(
        with_garments(model) if posed else model,
        spec.size,
        spec.engine,
        spec.engine_samples,
        spec.image_format,
        spec.textured,
        transparent=posed,
    )


def rendered(stage: Stage, spec: DatasetSpec, source: CoefficientsSource | ShapeSource, shard: int) -> Iterator[Sample]:
    """Render the samples of a shard one by one: (sample number, coefficients, view name -> encoded picture)."""
    wardrobe = Wardrobe(stage, spec)
    for sample in spec.shard_range(shard):
        found = source(sample)
        coefficients, given = found if isinstance(found, tuple) else (found, None)
        worn = wardrobe.dress(sample, coefficients)
        vertices = worn.vertices(coefficients, given)
        if spec.look not in POSED:
            stage.shape(stage.framing.place(vertices))
        images = {}
        for number, view in enumerate(spec.views):
            look = look_of(spec.look, spec.seed, sample, number, spec.textured)
            if spec.look in POSED:
                rng = view_generator(spec.seed, sample, POSE, number)
                layers = wardrobe.layers(sample, number, look)
                pose = {} if worn.rig is None else picture_pose(rng)
                gait = random_gait(rng) if worn.legs is not None and spec.look == LAYERED else None
                look = worn.show(worn.posed(vertices, layers, pose, gait), layers, look)
            stage.aim(view.azimuth, look)
            images[view.name] = stage.render(seed=sample * len(spec.views) + number)
        yield sample, coefficients, images


def claim_folder(spec: DatasetSpec, folder: Path) -> None:
    """Write the spec into a new folder, or check that the folder holds the same dataset."""
    if (folder / SPEC_FILE).is_file():
        difference = spec.difference(DatasetSpec.load(folder))
        if difference:
            raise SemantifyError(
                f"{folder} holds another dataset (wanted: {difference}): choose another --out or delete that folder"
            )
        return
    if folder.is_dir() and any(folder.glob("shard-*.tar")):
        raise SemantifyError(f"{folder} holds shards without a {SPEC_FILE}: choose another --out or delete that folder")
    try:
        spec.save(folder)
    except OutputError:
        # another worker of the same dataset may have tidied our temporary file away; then its own is there
        if not (folder / SPEC_FILE).is_file():
            raise
        claim_folder(spec, folder)


def _remove_leftovers(spec: DatasetSpec, folder: Path, shards: range) -> None:
    """Delete temporary files that killed runs left behind for the shards that are ours to render."""
    ours = {spec.shard_path(folder, shard).name for shard in shards} | {SPEC_FILE}
    for path in folder.glob(".*.part"):
        match = re.fullmatch(r"\.(.+)\.(\d+)\.part", path.name)
        if match and match[1] in ours and not process_is_alive(int(match[2])):
            path.unlink(missing_ok=True)
