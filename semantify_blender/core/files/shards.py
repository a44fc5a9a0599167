"""One WebDataset shard: a plain tar of samples that begins with their checksums, and the reader that checks them.

The first member, named so that WebDataset readers pass it over, says which dataset the shard belongs to and what each
sample's bytes must sum to. Only what `write_shard` writes is read: damage anywhere is noticed, and the sample named.
"""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import FileFormatError, SemantifyError
from .writing import write_aside

CHECKSUMS = "__checksums__"
COEFFICIENTS_SUFFIX = "coefficients.npy"
Sample = tuple[int, np.ndarray, dict[str, bytes]]
"""Sample number, coefficients (K,), and the encoded picture of each view by its name."""
_BLOCK = 512
_NPY_HEADER = 128
_SUM = hashlib.sha256(b"").hexdigest()
_ADVICE = "run the same render command again, it makes this shard anew"


class ForeignShardError(FileFormatError):
    """A whole shard, but of another dataset."""


class ShortShardError(FileFormatError):
    """A whole shard, made when the dataset had fewer samples."""


def write_shard(
    path: str | Path, samples: Iterable[Sample], numbers: Sequence[int], dataset: str, image_format: str = "jpg"
) -> None:
    """Write one shard; the same samples always give the same bytes, and half a shard is never seen.

    samples: consumed one at a time. numbers: of the samples that must come, in order. dataset: the checksum of all that
    the specification says but how many samples there are.
    Raises SemantifyError for coefficients that are not finite, and for other samples than promised.
    """
    with write_aside(path) as aside, open(aside, "wb") as file:
        _add(file, CHECKSUMS, _index(dataset, dict.fromkeys(numbers, _SUM)))  # its place is kept, its sums come last
        sums: dict[int, str] = {}
        for sample, coefficients, images in samples:
            values = np.asarray(coefficients, np.float32)
            if not np.isfinite(values).all():
                raise SemantifyError(f"sample {sample} of {Path(path).name}: its coefficients are not finite numbers")
            members = {f"{view}.{image_format}": data for view, data in images.items()}
            members[COEFFICIENTS_SUFFIX] = npy_bytes(values)
            for suffix, data in members.items():
                _add(file, f"{sample:06d}.{suffix}", data)
            sums[sample] = _sum(members.values())
        if list(sums) != list(numbers):
            raise SemantifyError(f"{Path(path).name}: {len(sums)} samples came, not the {len(numbers)} it is to hold")
        file.write(_end(file.tell()))
        file.seek(0)
        _add(file, CHECKSUMS, _index(dataset, sums))


def read_shard(
    path: str | Path, numbers: Sequence[int], dataset: str, views: Sequence[str], image_format: str = "jpg"
) -> Iterator[Sample]:
    """The samples of a shard, one at a time and each checked; parameters as in `write_shard`.

    numbers: of those that are wanted, from the shard's first on; it may hold more.
    Raises FileFormatError naming the sample where the shard is cut short, damaged, has no checksums or other samples,
    or holds coefficients that are not finite; ForeignShardError when it belongs to another dataset, ShortShardError
    when it has fewer samples.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            sums = _sums(path, file, numbers[0], dataset)
            if len(sums) < len(numbers):
                raise ShortShardError(
                    path, "samples", f"has {len(sums)} of {len(numbers)}; run the same render command again to go on"
                )
            for sample in numbers:
                suffixes = [*(f"{view}.{image_format}" for view in views), COEFFICIENTS_SUFFIX]
                members = [_member(path, file, f"{sample:06d}.{suffix}") for suffix in suffixes]
                if _sum(members) != sums[sample]:
                    raise FileFormatError(path, f"sample {sample}", f"does not match its checksum; {_ADVICE}")
                yield sample, _coefficients(path, sample, members[-1]), dict(zip(views, members, strict=False))
            if len(numbers) < len(sums):
                return
            end = _end(file.tell())
            if file.read(len(end) + 1) != end:
                raise FileFormatError(path, "end", f"is not where it should be; {_ADVICE}")
    except OSError as error:
        raise FileFormatError(path, "file", f"cannot be read ({error.strerror or error}); {_ADVICE}") from error


def read_sums(path: str | Path, first: int, dataset: str) -> dict[int, str]:
    """Sample number -> hex SHA-256 of what a shard holds of it, from its beginning alone; first: its first sample.

    Raises as `read_shard`. It says what the samples were when they were written, not whether they still are that.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            return _sums(path, file, first, dataset)
    except OSError as error:
        raise FileFormatError(path, "file", f"cannot be read ({error.strerror or error}); {_ADVICE}") from error


def npy_bytes(array: np.ndarray) -> bytes:
    """The bytes of an `.npy` file."""
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
    return buffer.getvalue()


def _header(name: str, size: int) -> bytes:
    # TarInfo's own defaults are what we want: mtime 0, uid 0, gid 0, no names, mode 644
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


def _add(file: BinaryIO, name: str, data: bytes) -> None:
    file.write(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))


def _end(position: int) -> bytes:
    """What closes an archive that is so long: two empty blocks, filled up to a whole record."""
    return bytes(2 * _BLOCK + -(position + 2 * _BLOCK) % tarfile.RECORDSIZE)


def _index(dataset: str, sums: dict[int, str]) -> bytes:
    return "".join([f"dataset {dataset}\n", *(f"{sample:06d} {value}\n" for sample, value in sums.items())]).encode()


def _sum(members: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for data in members:
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


def _sums(path: Path, file: BinaryIO, number: int, dataset: str) -> dict[int, str]:
    """Sample number -> checksum, of the shard's first member. number: of its first sample."""
    data = _member(path, file, CHECKSUMS)
    first, *lines = data.decode("ascii", "replace").split("\n")
    if re.fullmatch(r"dataset [0-9a-f]{64}", first) and first != f"dataset {dataset}":
        raise ForeignShardError(
            path,
            "dataset",
            "is another one than dataset.json beside it describes; move it away and run the same render command again",
        )
    sums = {number + i: line[7:] for i, line in enumerate(lines[:-1])}
    if _index(dataset, sums) != data or not sums:
        raise FileFormatError(path, CHECKSUMS, f"are damaged, or of other samples than this file's; {_ADVICE}")
    return sums


def _member(path: Path, file: BinaryIO, name: str) -> bytes:
    header = file.read(_BLOCK)
    try:
        size = int(header[124:135], 8)
        if size < 0 or header != _header(name, size):
            raise ValueError
    except ValueError:
        what = "is empty" if file.tell() == 0 else f"is no whole shard, {name} is not where it should be"
        raise FileFormatError(path, "file", f"{what}; {_ADVICE}") from None
    left = os.fstat(file.fileno()).st_size - file.tell()
    data = file.read(size) if size <= left else b""
    if len(data) < size:
        raise FileFormatError(path, name, f"is cut short; {_ADVICE}")
    file.seek(-size % _BLOCK, io.SEEK_CUR)
    return data


def _coefficients(path: Path, sample: int, data: bytes) -> np.ndarray:
    body = data[_NPY_HEADER:]
    values = np.frombuffer(body[: len(body) // 4 * 4], "<f4")
    if npy_bytes(values) != data:
        raise FileFormatError(path, f"sample {sample}", "its coefficients are no (K,) array of float32")
    if not np.isfinite(values).all():
        raise FileFormatError(path, f"sample {sample}", f"its coefficients hold NaN or infinite numbers; {_ADVICE}")
    return values
