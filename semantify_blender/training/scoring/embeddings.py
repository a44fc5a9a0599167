"""Image embeddings of a whole dataset, computed once and kept beside it (design: new words cost no image encoding)."""

import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.dataset import Dataset
from ...core.errors import FileFormatError, SemantifyError
from ...core.files.npz import Field, load_npz, save_npz
from ...core.files.writing import check_writable, sha256_of_array
from ...core.progress import PictureProgress
from .clip import Clip, file_name

SCHEMA = "semantify.embeddings/1"
FOLDER = "embeddings"
FAR = 0.02
"""Largest 1 − cosine of an embedding and the same picture encoded again, on whatever device."""
NEARER = 2e-3
"""By how much the wrong row may be nearer to a picture: float16 rounds as much."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """values: (N, views, D) float16, L2-normalised; the rest says from what they were made."""

    values: np.ndarray
    clip: str
    clip_checksum: str
    dataset: str

    def save(self, path: str | Path) -> None:
        """Write `<clip>.npz`."""
        values = self.values.astype(np.float16)
        metadata = {"clip": self.clip, "clip_checksum": self.clip_checksum, "dataset": self.dataset}
        save_npz(path, SCHEMA, {"embeddings": values}, {**metadata, "checksum": sha256_of_array(values)})

    @classmethod
    def load(cls, path: str | Path) -> "Embeddings":
        """Read `<clip>.npz`. Raises FileFormatError naming the file and the field when anything is off."""
        arrays, metadata = load_npz(path, SCHEMA, {"embeddings": Field("f", ("N", "views", "D"))})
        if metadata.get("checksum") != sha256_of_array(arrays["embeddings"]):
            raise FileFormatError(path, "embeddings", "do not match their checksum; delete the file and encode again")
        keys = ("clip", "clip_checksum", "dataset")
        return cls(arrays["embeddings"], **{key: str(metadata.get(key, "")) for key in keys})


def embeddings_path(dataset: Dataset, clip: Clip) -> Path:
    """Where a dataset keeps the embeddings of a CLIP model."""
    return dataset.folder / FOLDER / f"{file_name(clip.name)}.npz"


def embed_dataset(dataset: Dataset, clip: Clip, progress: PictureProgress | None = None) -> tuple[Embeddings, bool]:
    """Embeddings of every image of a dataset; encoded now, or read when already there for these weights and images.

    What is there is made anew unless it fits in every respect: pictures, weights, rows, views, length, and what the
    encoder says of the first and the last picture now. Returns the embeddings and whether they were re-used.
    Raises SemantifyError for a damaged shard, and for an unreadable image, which it names.
    """
    path = embeddings_path(dataset, clip)
    if path.is_file():
        try:
            kept = Embeddings.load(path)
        except SemantifyError:
            kept = None  # unreadable: it is only a cache, make it again
        if kept and _fits(kept, dataset, clip):
            return kept, True
    check_writable(path)
    views = len(dataset.spec.views)
    total = dataset.spec.samples * views
    parts: list[np.ndarray] = []
    start = time.monotonic()
    done = 0
    try:
        for part in clip.iterate_image_batches(image for _, _, image in dataset.images()):
            parts.append(part)
            done += len(part)
            if progress:
                progress(done, total, done / max(time.monotonic() - start, 1e-9))
    except FileFormatError:
        raise
    except SemantifyError:
        _name_unreadable(dataset, clip)
        raise
    values = np.concatenate(parts).reshape(dataset.spec.samples, views, -1)
    if not np.isfinite(values).all():
        raise SemantifyError(f"CLIP {clip.name!r} gives numbers that are not finite: give another --clip")
    embeddings = Embeddings(values, clip.name, clip.checksum, dataset.checksum)
    embeddings.save(path)
    return embeddings, False


def _fits(kept: Embeddings, dataset: Dataset, clip: Clip) -> bool:
    """Whether embeddings are those of these pictures, by this encoder, in this order."""
    if (kept.clip_checksum, kept.dataset) != (clip.checksum, dataset.checksum):
        return False
    if kept.values.shape[:2] != (len(dataset), len(dataset.spec.views)):
        return False
    rows = kept.values.reshape(-1, kept.values.shape[-1]).astype(np.float32)
    if not np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=5e-3):
        return False
    last = deque(dataset.shard_images(dataset.spec.shard_count - 1), maxlen=1)[0][2]
    again = clip.encode_images([next(dataset.images())[2], last]).astype(np.float32)
    if again.shape[1] != rows.shape[1]:
        return False
    near = again @ rows.T
    own = near[[0, 1], [0, -1]]
    return bool((own > 1 - FAR).all() and (own > near.max(1) - NEARER).all())


def _name_unreadable(dataset: Dataset, clip: Clip) -> None:
    """Raise FileFormatError for the first picture that cannot be decoded."""
    for sample, view, image in dataset.images():
        try:
            clip.loader.decode(image)
        except SemantifyError as error:
            shard = dataset.spec.shard_path(dataset.folder, sample // dataset.spec.shard_size)
            raise FileFormatError(shard, f"sample {sample}, view {view}", str(error)) from error
