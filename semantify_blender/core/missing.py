"""What a dataset's folder lacks, and which tasks of a job array have to be run again for it."""

from dataclasses import dataclass
from pathlib import Path

from .dataset_spec import DatasetSpec
from .errors import FileFormatError
from .files.claims import is_claimed
from .files.shards import ForeignShardError
from .parts import Parts


@dataclass(frozen=True)
class Missing:
    """shards: how many there are to be. missing: those that nobody renders; running: that somebody does.

    parts: as the folder remembers them, else one for each shard. remembered: whether it does.
    """

    shards: int
    missing: tuple[int, ...]
    running: tuple[int, ...]
    parts: Parts
    remembered: bool

    @property
    def tasks(self) -> list[int]:
        """The numbers of the array's tasks whose parts lack a shard."""
        return self.parts.tasks({shard % self.parts.count for shard in self.missing})


def missing_of(folder: str | Path) -> Missing:
    """Look at a dataset's folder. Only the beginning of each shard is read: damage inside is found by rendering.

    Raises FileFormatError for a folder that holds no dataset, and for a shard of another one.
    """
    spec, remembered = DatasetSpec.load(folder), Parts.load(folder)
    lacking = [shard for shard in range(spec.shard_count) if not _is_there(spec, Path(folder), shard)]
    running = [shard for shard in lacking if is_claimed(spec.shard_path(folder, shard))]
    return Missing(
        spec.shard_count,
        tuple(shard for shard in lacking if shard not in {*running}),
        tuple(running),
        remembered or Parts(spec.shard_count),
        remembered is not None,
    )


def _is_there(spec: DatasetSpec, folder: Path, shard: int) -> bool:
    if not spec.shard_path(folder, shard).is_file():
        return False
    try:
        return len(spec.shard_sums(folder, shard)) >= len(spec.shard_range(shard))
    except ForeignShardError:
        raise
    except FileFormatError:
        return False
