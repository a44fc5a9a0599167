"""A rendered dataset on disk, WebDataset shards beside `dataset.json`: the reader that training uses."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from .dataset_spec import DatasetSpec
from .errors import FileFormatError, SemantifyError


@dataclass(frozen=True)
class Dataset:
    """A whole rendered dataset, or the first samples of a larger one, read shard by shard.

    >>> dataset = Dataset.open("out/mine/dataset")
    >>> dataset.coefficients().shape  # (N, K) standard deviations
    (16, 40)
    >>> sample, view, picture = next(dataset.images())
    >>> sample, view, picture[:3]
    (0, 'front', b'\\xff\\xd8\\xff')
    """

    folder: Path
    spec: DatasetSpec

    @classmethod
    def open(cls, folder: str | Path, samples: int | None = None) -> "Dataset":
        """Open a folder. samples: only the first so many, which are all that such a dataset would hold.

        Raises FileFormatError for a bad `dataset.json`, SemantifyError when shards are missing, or there are not so
        many samples.
        """
        spec = DatasetSpec.load(folder)
        if samples is not None:
            if samples > spec.samples:
                raise SemantifyError(
                    f"{folder} has {spec.samples} samples but {samples} are wanted: ask for fewer, or run its render "
                    f"command again with --samples {samples}"
                )
            spec = replace(spec, samples=samples)
        there = {path.name for path in Path(folder).iterdir()}
        missing = [i for i in range(spec.shard_count) if spec.shard_path(folder, i).name not in there]
        if missing:
            raise SemantifyError(
                f"{folder}: {len(missing)} of {spec.shard_count} shards are missing (first: "
                f"{spec.shard_path(folder, missing[0]).name}); run the same render command again to resume"
            )
        return cls(Path(folder), spec)

    def __len__(self) -> int:
        """N, the number of samples."""
        return self.spec.samples

    def coefficients(self) -> np.ndarray:
        """(N, K) float32 coefficients in standard deviations, in sample order.

        Raises FileFormatError naming the shard and the sample when anything in the dataset is damaged.
        """
        return self._whole[1]

    @property
    def checksum(self) -> str:
        """Hex SHA-256 of the specification and all samples. Reads every shard once, and so notices damage in any."""
        return self._whole[0]

    @cached_property
    def _whole(self) -> tuple[str, np.ndarray]:
        """The checksum, and the coefficients (N, K)."""
        digest = hashlib.sha256(self.spec.checksum.encode())
        rows: list[np.ndarray] = []
        for shard in range(self.spec.shard_count):
            for sample, coefficients, images in self.spec.read_shard(self.folder, shard):
                if rows and coefficients.shape != rows[0].shape:
                    raise FileFormatError(
                        self.spec.shard_path(self.folder, shard),
                        f"sample {sample}",
                        f"has {len(coefficients)} coefficients, sample 0 has {len(rows[0])}; render the dataset again",
                    )
                rows.append(coefficients)
                for data in (coefficients.tobytes(), *images.values()):
                    digest.update(len(data).to_bytes(8, "big") + data)
        return digest.hexdigest(), np.stack(rows)

    def images(self) -> Iterator[tuple[int, str, bytes]]:
        """Every image as (sample, view name, encoded bytes): in sample order, a sample's views in the spec's order."""
        for shard in range(self.spec.shard_count):
            yield from self.shard_images(shard)

    def shard_images(self, shard: int) -> Iterator[tuple[int, str, bytes]]:
        """The same for one shard, so that several readers can share a dataset."""
        for sample, _, images in self.spec.read_shard(self.folder, shard):
            for view, data in images.items():
                yield sample, view, data
