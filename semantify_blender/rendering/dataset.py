"""The dataset loop (paper section 3.1): coefficients -> shape -> a picture per view -> shards."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..core.dataset_spec import POSED, SPEC_FILE, DatasetSpec
from ..core.errors import FileFormatError, SemantifyError
from ..core.files.claims import clear_leftovers, release, shared, take
from ..core.files.shards import ForeignShardError, Sample, ShortShardError
from ..core.files.writing import make_folder, unwritable
from ..core.looks.choice import look_of
from ..core.looks.gait import random_gait
from ..core.model.morphable_model import MorphableModel
from ..core.model.random_poses import picture_pose
from ..core.model.sampling import POSE, view_generator
from .progress import Progress, Silent
from .shape_sources import CoefficientsSource, ShapeSource
from .stage.garments import with_garments
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
    worker: tuple[int, int] | None = None,
) -> int:
    """Render the missing shards of a dataset into `folder`, in this process. Takes over Blender's current scene.

    source: sample number -> (K,) coefficients, see `coefficients_source`; or -> coefficients and (V, 3) vertices.
    part: (i, n) renders shards i, i + n, i + 2n, … and no others.
    worker: (i, n) for one of n processes that render them together: it looks after a share of those that are there,
    begins elsewhere than the others, and tells of every sample. Any number of processes on any number of machines may
    fill one folder, each a shard at a time; this one ends when all are there, see `core.files.claims`.
    Whole shards that exist are kept, whoever made them: a run that was killed is resumed by running it again, and the
    result is byte for byte that of an undisturbed run; damaged ones are rendered again. A dataset of fewer samples is
    extended; of one that has more the first shards are seen to. Returns the number of pictures rendered here.
    Raises SemantifyError when the folder holds another dataset, cannot be written or the engine cannot run.
    """
    progress = progress or Silent()
    folder = Path(folder)
    if model.checksum != spec.model_checksum:
        raise SemantifyError(f"model {model.name!r} is not the one of this dataset ({spec.model_checksum[:12]}…)")
    try:
        whole = claim_folder(spec, folder)
        shards = range(part[0], spec.shard_count, part[1])
        clear_leftovers(folder, {SPEC_FILE, *(spec.shard_path(folder, shard).name for shard in shards)})
        return _Work(whole, folder, progress, worker).render(spec, model, source, shards, log)
    except OSError as error:
        raise unwritable(error, error.filename or folder) from error


class _Work:
    """What one process does for a dataset."""

    def __init__(self, spec: DatasetSpec, folder: Path, progress: Progress, worker: tuple[int, int] | None) -> None:
        """spec: of all that the folder is to hold."""
        self.spec, self.folder, self.progress, self.worker = spec, folder, progress, worker
        self.views = len(spec.views)
        self.done = self.total = self.mine = 0
        """Pictures there when this process began, in all, and rendered here."""
        self.read: set[int] = set()
        """Shards that were read from end to end; of others' it is enough that they are there."""
        self.damaged: dict[int, tuple[int, int]] = {}
        """Shard -> the time and length of a file that is no good."""

    def render(
        self,
        wanted: DatasetSpec,
        model: MorphableModel,
        source: CoefficientsSource | ShapeSource,
        shards: range,
        log: str | Path | None,
    ) -> int:
        """As `render_samples`. wanted: the specification with as many samples as are asked for now."""
        progress = self.progress
        number, count = self.worker or (0, 1)
        self.read = {shard for at, shard in enumerate(shards) if at % count != number}
        missing = [shard for shard in shards if not self._is_made(shard)]
        sizes = {shard: self.views * len(wanted.shard_range(shard)) for shard in shards}
        # a shard is rendered whole, however few of its samples are asked for
        sizes |= {shard: self.views * len(self.spec.shard_range(shard)) for shard in missing}
        self.total = sum(sizes.values())
        self.done = self.total - sum(sizes[shard] for shard in missing)
        if self.worker:
            sized = [[shard, sizes[shard]] for shard in missing]
            progress.event("missing", shards=sized, total=self.total)
        if self.done:
            progress.note(f"{self.done} of {self.total} pictures are there already")
        if missing:
            with quiet(log), _stage(self.spec, model) as stage:
                progress.note(f"rendering with {self.spec.engine} on {stage.device}")
                progress.advance(self.done, self.total)
                for shard in shared(self._order(missing), self._path, self._is_made, self._waiting):
                    try:
                        self.spec.write_shard(self.folder, shard, self._samples(stage, source, shard))
                    finally:
                        release(self._path(shard))
                    self.read.add(shard)
                    if self.worker:
                        progress.event("shard", number=shard)
        if self.done + self.mine != self.total or not missing:
            progress.advance(self.total, self.total)
        return self.mine

    def _order(self, missing: list[int]) -> list[int]:
        """First our share, then from the end what others have not begun."""
        number, count = self.worker or (0, 1)
        others = [shard for at, shard in enumerate(missing) if at % count != number]
        return [*missing[number::count], *reversed(others)]

    def _path(self, shard: int) -> Path:
        return self.spec.shard_path(self.folder, shard)

    def _waiting(self, shards: int) -> None:
        if self.worker is None:
            self.progress.note(f"waiting for shards that other processes render: {shards}")

    def _samples(self, stage: Stage, source: CoefficientsSource | ShapeSource, shard: int) -> Iterator[Sample]:
        """All samples of a shard: those of a shorter one as they are, the others rendered."""
        kept = self._kept(shard)
        if kept:
            yield from self.spec.read_shard(self.folder, shard, kept)
        self.mine += kept * self.views
        for count, sample in enumerate(rendered(stage, self.spec, source, shard, kept), kept + 1):
            yield sample
            self.mine += self.views
            self.progress.advance(self.done + self.mine, self.total)
            if self.worker:
                self.progress.event("sample", shard=shard, done=count * self.views)

    def _is_made(self, shard: int) -> bool:
        """Whether a shard is there, whole and long enough. Raises ForeignShardError for another dataset's."""
        path = self._path(shard)
        try:
            found = path.stat()
        except FileNotFoundError:
            return False
        version = found.st_mtime_ns, found.st_size
        if self.damaged.get(shard) == version:
            return False
        try:
            if shard in self.read:
                return len(self.spec.shard_sums(self.folder, shard)) >= len(self.spec.shard_range(shard))
            for _ in self.spec.read_shard(self.folder, shard):
                pass
        except ForeignShardError:
            raise
        except ShortShardError:
            return False
        except FileFormatError as error:
            self.progress.note(f"{path.name} is damaged and will be rendered again ({error.field})")
            self.damaged[shard] = version
            return False
        self.read.add(shard)
        return True

    def _kept(self, shard: int) -> int:
        """How many samples a shard has that was made when the dataset was smaller, all of them sound."""
        try:
            held = len(self.spec.shard_sums(self.folder, shard))
            if held >= len(self.spec.shard_range(shard)):
                return 0
            for _ in self.spec.read_shard(self.folder, shard, held):
                pass
        except FileFormatError:
            return 0
        return held


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


def rendered(
    stage: Stage, spec: DatasetSpec, source: CoefficientsSource | ShapeSource, shard: int, skip: int = 0
) -> Iterator[Sample]:
    """Render the samples of a shard one by one: (sample number, coefficients, view name -> encoded picture).

    skip: leave out so many at the beginning.
    """
    wardrobe = Wardrobe(stage, spec)
    for sample in spec.shard_range(shard)[skip:]:
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


def claim_folder(spec: DatasetSpec, folder: Path) -> DatasetSpec:
    """Write the spec into a new folder, or check that the folder holds the same dataset, of however many samples.

    Returns what the folder is to hold: the spec, with more samples where there are more. A smaller one is extended.
    """
    path = folder / SPEC_FILE
    if path.is_file():
        there = DatasetSpec.load(folder)
        difference = spec.difference(replace(there, samples=spec.samples))
        if difference:
            raise SemantifyError(
                f"{folder} holds another dataset (wanted: {difference}): choose another --out or delete that folder"
            )
        if there.samples >= spec.samples:
            return there
    elif folder.is_dir() and any(folder.glob("shard-*.tar")):
        raise SemantifyError(f"{folder} holds shards without a {SPEC_FILE}: choose another --out or delete that folder")
    make_folder(folder)
    # two that extend it at once: the larger number must stay
    while not take(path):
        time.sleep(0.05)
    try:
        if not path.is_file() or DatasetSpec.load(folder).samples < spec.samples:
            spec.save(folder)
    finally:
        release(path)
    return claim_folder(spec, folder)
