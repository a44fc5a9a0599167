"""Image embeddings of a whole dataset, computed once and kept beside it (design: new words cost no image encoding).

Each shard has a file of its own, which knows the checksum of every sample that it was made of. So a killed run loses
the shards that it was at, a dataset that grew has its new shards encoded, and no more than a few shards are in memory.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Lock, Thread

import numpy as np

from ...core.dataset import Dataset
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.bounds import EMBEDDING, SAMPLES, VIEWS
from ...core.files.claims import POLL, available, clear_leftovers, release
from ...core.files.npz import Field, load_npz, save_npz
from ...core.files.writing import check_writable, make_folder, sha256_of_array, unwritable
from ...core.progress import PictureProgress
from .clip import Clip, all_places, file_name

SCHEMA = "semantify.embeddings/1"
FOLDER = "embeddings"
FAR = 0.02
"""Largest 1 − cosine of an embedding and the same picture encoded again, on whatever device."""
NEARER = 2e-3
"""By how much the wrong row may be nearer to a picture: float16 rounds as much."""
_FIELDS = {
    "embeddings": Field("f", ("n", "views", "D"), most=max(SAMPLES, EMBEDDING, VIEWS)),
    "samples": Field("u", ("n", 32)),
}


@dataclass(frozen=True, eq=False)
class Embeddings:
    """values: (N, views, D) float16, L2-normalised; the rest says from what they were made."""

    values: np.ndarray
    clip: str
    clip_checksum: str
    dataset: str


@dataclass(frozen=True, eq=False)
class ShardEmbeddings:
    """What one file holds. values: (n, views, D) float16. samples: (n, 32) uint8, the SHA-256 of each sample."""

    values: np.ndarray
    samples: np.ndarray
    clip: str
    clip_checksum: str

    def save(self, path: str | Path) -> None:
        """Write it."""
        arrays: dict[str, np.ndarray] = {
            "embeddings": self.values.astype(np.float16),
            "samples": self.samples.astype(np.uint8),
        }
        metadata = {"clip": self.clip, "clip_checksum": self.clip_checksum}
        save_npz(path, SCHEMA, arrays, {**metadata, "checksum": _sum(arrays)}, packed=False)

    @classmethod
    def load(cls, path: str | Path) -> "ShardEmbeddings":
        """Read it. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, _FIELDS)
        if metadata.get("checksum") != _sum(arrays):
            raise FileFormatError(path, "embeddings", "do not match their checksum; delete the file and encode again")
        clip, checksum = (str(metadata.get(name, "")) for name in ("clip", "clip_checksum"))
        return cls(arrays["embeddings"], arrays["samples"], clip, checksum)


def embeddings_folder(dataset: Dataset, clip: Clip) -> Path:
    """Where a dataset keeps the embeddings of a CLIP model."""
    return dataset.folder / FOLDER / file_name(clip.name)


def embeddings_path(dataset: Dataset, clip: Clip, shard: int) -> Path:
    """The file of one shard's."""
    return embeddings_folder(dataset, clip) / f"{shard:06d}.npz"


def embed_dataset(
    dataset: Dataset, clip: Clip, progress: PictureProgress | None = None, devices: Sequence[str] = ()
) -> tuple[Embeddings, bool]:
    """Embeddings of every image of a dataset; encoded now, or read where they are there for these weights and images.

    What is there is made anew unless it fits in every respect: pictures, weights, rows, views, length, and what the
    encoder says of some pictures now. Several processes may do this for one dataset: each encodes a
    shard at a time. devices: where to encode, see `core.devices`; none for all of the kind that the CLIP is on.
    Returns the embeddings and whether all were re-used. Raises SemantifyError for a damaged shard, and for an
    unreadable image, which it names.
    """
    checksum = dataset.checksum
    work = _Encoding(dataset, clip, progress)
    try:
        reused = work.encode([clip.on(device) for device in devices or all_places(clip)])
    except OSError as error:
        raise unwritable(error, error.filename or work.folder) from error
    return Embeddings(work.values(), clip.name, clip.checksum, checksum), reused


class _Encoding:
    """The embeddings of one dataset by one CLIP, shard by shard."""

    def __init__(self, dataset: Dataset, clip: Clip, progress: PictureProgress | None) -> None:
        self.dataset, self.clip, self.progress = dataset, clip, progress
        self.folder = embeddings_folder(dataset, clip)
        self.views = len(dataset.spec.views)
        self.shards = range(dataset.spec.shard_count)
        self.lock = Lock()
        self.done = self.already = 0
        self.error: BaseException | None = None

    def encode(self, clips: Sequence[Clip]) -> bool:
        """Encode what is missing, on each of several devices a shard at a time. Returns whether nothing was."""
        there = [shard for shard in self.shards if self._load(shard) is not None]
        if not all(self._agrees(shard) for shard in {*there[:1], *there[-1:]}):
            self._forget(there)
            there = []
        missing = [shard for shard in self.shards if shard not in {*there}]
        if not missing:
            return True
        check_writable(self._path(missing[0]))
        make_folder(self.folder)
        clear_leftovers(self.folder, {self._path(shard).name for shard in self.shards})
        self.done = self.already = sum(self._pictures(shard) for shard in there)
        began = time.monotonic()
        while missing:
            others: list[int] = []
            todo = available(missing, self._path, lambda shard: self._load(shard) is not None, others)
            self._pass(clips, todo, began)
            if len(others) == len(missing):
                time.sleep(POLL)
            missing = others
        if self.progress and self.done < self._total:  # others did some
            self.progress(self._total, self._total, 0.0)
        return False

    def _pass(self, clips: Sequence[Clip], todo: Iterator[int], began: float) -> None:
        """Encode those shards that nobody else does now."""
        threads = [Thread(target=self._try, args=(clip, todo, began), daemon=True) for clip in clips[1:]]
        for thread in threads:
            thread.start()
        try:
            self._work(clips[0], todo, began)
        except BaseException as error:
            self.error = self.error or error
            raise
        finally:
            for thread in threads:
                thread.join()
        if self.error is not None:
            raise self.error

    def values(self) -> np.ndarray:
        """(N, views, D) float16 of all shards."""
        found = None
        for shard in self.shards:
            numbers = self.dataset.spec.shard_range(shard)
            rows = self._load(shard)
            if rows is None:  # somebody changed it this moment
                raise FileFormatError(self._path(shard), "embeddings", "are not those of this shard; encode again")
            if found is None:
                found = np.empty((len(self.dataset), *rows.shape[1:]), np.float16)
            found[numbers.start : numbers.stop] = rows
        assert found is not None
        return found

    def _try(self, clip: Clip, todo: Iterator[int], began: float) -> None:
        """In a thread."""
        try:
            self._work(clip, todo, began)
        except BaseException as error:
            self.error = self.error or error

    def _work(self, clip: Clip, todo: Iterator[int], began: float) -> None:
        """Encode shards on one device until there are none left, or something failed anywhere."""
        claimed: list[int] = []

        def groups() -> Iterator[tuple[int, Iterator[bytes]]]:
            while True:
                with self.lock:
                    shard = None if self.error is not None else next(todo, None)
                if shard is None:
                    return
                claimed.append(shard)
                yield shard, (image for _, _, image in self.dataset.shard_images(shard))

        parts: list[np.ndarray] = []
        try:
            for shard, part in clip.iterate_group_batches(groups()):
                parts.append(part)
                if sum(map(len, parts)) == self._pictures(shard):
                    self._save(shard, np.concatenate(parts))
                    release(self._path(shard))
                    claimed.remove(shard)
                    parts = []
                self._count(len(part), began)
        except FileFormatError:
            raise
        except SemantifyError:
            self._name_unreadable(claimed)
            raise
        finally:
            for shard in claimed:
                release(self._path(shard))

    def _save(self, shard: int, rows: np.ndarray) -> None:
        if not np.isfinite(rows).all():
            raise SemantifyError(f"CLIP {self.clip.name!r} gives numbers that are not finite: give another --clip")
        values = rows.reshape(len(self.dataset.spec.shard_range(shard)), self.views, -1)
        made = ShardEmbeddings(values, self._sums(shard), self.clip.name, self.clip.checksum)
        made.save(self._path(shard))

    def _count(self, pictures: int, began: float) -> None:
        with self.lock:
            self.done += pictures
            if self.progress:
                rate = (self.done - self.already) / max(time.monotonic() - began, 1e-9)
                self.progress(self.done, self._total, rate)

    @property
    def _total(self) -> int:
        return len(self.dataset) * self.views

    def _path(self, shard: int) -> Path:
        return embeddings_path(self.dataset, self.clip, shard)

    def _pictures(self, shard: int) -> int:
        return len(self.dataset.spec.shard_range(shard)) * self.views

    def _sums(self, shard: int) -> np.ndarray:
        """(n, 32) uint8 of the samples that are wanted of a shard."""
        sums = self.dataset.spec.shard_sums(self.dataset.folder, shard)
        wanted = [bytes.fromhex(sums[sample]) for sample in self.dataset.spec.shard_range(shard)]
        return np.frombuffer(b"".join(wanted), np.uint8).reshape(-1, 32)

    def _load(self, shard: int) -> np.ndarray | None:
        """(n, views, D) of a shard's samples, None unless its file is sound and of these pictures and weights."""
        path = self._path(shard)
        if not path.is_file():
            return None
        try:
            kept = ShardEmbeddings.load(path)
        except SemantifyError:
            return None  # unreadable: it is only a cache, make it again
        sums = self._sums(shard)
        values = kept.values[: len(sums)]
        if kept.clip_checksum != self.clip.checksum or not np.array_equal(kept.samples[: len(sums)], sums):
            return None
        if values.shape[1:] != (self.views, self.clip.dimension):
            return None
        lengths = np.linalg.norm(values.astype(np.float32), axis=-1)
        return values if np.allclose(lengths, 1.0, atol=5e-3) else None

    def _agrees(self, shard: int) -> bool:
        """Whether the encoder still says the same of a shard's first and last picture, and of no others."""
        values = self._load(shard)
        if values is None:
            return False
        rows = values.reshape(-1, values.shape[-1]).astype(np.float32)
        images = (image for _, _, image in self.dataset.shard_images(shard))
        first = next(images)
        ends = [first, deque(chain([first], images), maxlen=1)[0]]
        near = self.clip.encode_images(ends).astype(np.float32) @ rows.T
        own = near[[0, 1], [0, -1]]
        return bool((own > 1 - FAR).all() and (own > near.max(1) - NEARER).all())

    def _forget(self, shards: Sequence[int]) -> None:
        """Have shards encoded again, by whomever."""
        for shard in shards:
            self._path(shard).unlink(missing_ok=True)

    def _name_unreadable(self, shards: Sequence[int]) -> None:
        """Raise FileFormatError for the first picture of some shards that cannot be decoded."""
        for shard in shards:
            for sample, view, image in self.dataset.shard_images(shard):
                try:
                    self.clip.loader.decode(image)
                except SemantifyError as error:
                    path = self.dataset.spec.shard_path(self.dataset.folder, shard)
                    raise FileFormatError(path, f"sample {sample}, view {view}", str(error)) from error


def _sum(arrays: dict[str, np.ndarray]) -> str:
    return sha256_of_array(arrays["embeddings"]) + sha256_of_array(arrays["samples"])
