"""Image embeddings of a whole dataset, computed once and kept beside it (design: new words cost no image encoding)."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.dataset import SPEC_FILE, Dataset
from ..core.errors import SemantifyError
from ..core.files import check_writable
from ..core.npz import Field, load_npz, save_npz
from .clip import Clip, file_name

SCHEMA = "semantify.embeddings/1"
FOLDER = "embeddings"
Progress = Callable[[int, int, float], None]
"""Called with images done, images in all, and images per second."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """values: (N, views, D) float16, L2-normalised; the rest says from what they were made."""

    values: np.ndarray
    clip: str
    clip_checksum: str
    dataset: str

    def save(self, path: str | Path) -> None:
        """Write `<clip>.npz`."""
        metadata = {"clip": self.clip, "clip_checksum": self.clip_checksum, "dataset": self.dataset}
        save_npz(path, SCHEMA, {"embeddings": self.values.astype(np.float16)}, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "Embeddings":
        """Read `<clip>.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, {"embeddings": Field("f", ("N", "views", "D"))})
        keys = ("clip", "clip_checksum", "dataset")
        return cls(arrays["embeddings"], **{key: str(metadata.get(key, "")) for key in keys})


def dataset_fingerprint(dataset: Dataset) -> str:
    """Hex SHA-256 over `dataset.json` and every shard's size: what the embeddings depend on, without reading images."""
    digest = hashlib.sha256((dataset.folder / SPEC_FILE).read_bytes())
    for shard in range(dataset.spec.shard_count):
        digest.update(str(dataset.spec.shard_path(dataset.folder, shard).stat().st_size).encode())
    return digest.hexdigest()


def embeddings_path(dataset: Dataset, clip: Clip) -> Path:
    """Where a dataset keeps the embeddings of a CLIP model."""
    return dataset.folder / FOLDER / f"{file_name(clip.name)}.npz"


def embed_dataset(dataset: Dataset, clip: Clip, progress: Progress | None = None) -> tuple[Embeddings, bool]:
    """Embeddings of every image of a dataset; encoded now, or read when already there for these weights and images.

    Returns the embeddings and whether they were re-used. Raises SemantifyError for an unreadable image.
    """
    path = embeddings_path(dataset, clip)
    fingerprint = dataset_fingerprint(dataset)
    if path.is_file():
        try:
            kept = Embeddings.load(path)
        except SemantifyError:
            kept = None  # unreadable: it is only a cache, make it again
        if kept and (kept.clip_checksum, kept.dataset) == (clip.checksum, fingerprint):
            return kept, True
    check_writable(path)
    views = len(dataset.spec.views)
    total = dataset.spec.samples * views
    parts: list[np.ndarray] = []
    start = time.monotonic()
    done = 0
    for part in clip.iterate_image_batches(image for _, _, image in dataset.images()):
        parts.append(part)
        done += len(part)
        if progress:
            progress(done, total, done / max(time.monotonic() - start, 1e-9))
    values = np.concatenate(parts).reshape(dataset.spec.samples, views, -1)
    embeddings = Embeddings(values, clip.name, clip.checksum, fingerprint)
    embeddings.save(path)
    return embeddings, False
