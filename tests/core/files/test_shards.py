"""One shard: what is written is read back, is a plain WebDataset tar, and no damage passes unnoticed."""

import random
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files import shards
from semantify_blender.core.files.shards import Sample, read_shard, write_shard

DATASET = "ab" * 32
NUMBERS = range(3, 6)
VIEWS = ("front", "side")


def samples(numbers: Iterable[int] = NUMBERS) -> Iterator[Sample]:
    for i in numbers:
        yield i, np.arange(4) + i, {"front": b"F%d" % i * 300, "side": b"S%d" % i}


def write(path: Path, source: Iterable[Sample] | None = None) -> Path:
    write_shard(path, samples() if source is None else source, NUMBERS, DATASET)
    return path


def read(path: Path) -> list[tuple[int, list[float], dict[str, bytes]]]:
    return [(i, xi.tolist(), images) for i, xi, images in read_shard(path, NUMBERS, DATASET, VIEWS)]


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    return write(tmp_path / "shard-000001.tar")


def test_what_is_written_is_read_back_and_always_the_same_bytes(shard: Path, tmp_path: Path) -> None:
    assert read(shard) == [(i, (np.arange(4.0) + i).tolist(), images) for i, _, images in samples()]
    assert next(iter(read_shard(shard, NUMBERS, DATASET, VIEWS)))[1].dtype == np.float32
    assert write(tmp_path / "again").read_bytes() == shard.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "shard-000001.tar"]


def test_half_a_shard_is_never_seen(tmp_path: Path) -> None:
    def breaks() -> Iterator[Sample]:
        yield from samples(range(3, 5))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write(tmp_path / "shard-000001.tar", breaks())
    with pytest.raises(SemantifyError, match="2 samples came, not the 3 it is to hold"):
        write(tmp_path / "shard-000001.tar", samples(range(3, 5)))
    with pytest.raises(SemantifyError, match=r"sample 3 of shard-000001\.tar: its coefficients are not finite"):
        write(tmp_path / "shard-000001.tar", [(3, np.array([0, np.nan]), {})])
    assert list(tmp_path.iterdir()) == []


def test_it_is_a_plain_tar_whose_first_member_other_readers_pass_over(shard: Path) -> None:
    with tarfile.open(shard) as archive:
        names = archive.getnames()
        assert {(member.mtime, member.uid, member.uname) for member in archive} == {(0, 0, "")}
        held = archive.extractfile("000004.front.jpg")
        assert held is not None
        assert held.read() == b"F4" * 300
    assert names[:4] == ["__checksums__", "000003.front.jpg", "000003.side.jpg", "000003.coefficients.npy"]
    assert len(names) == 10
    assert shard.stat().st_size % tarfile.RECORDSIZE == 0


@pytest.mark.parametrize("pictures", range(0, 21, 4))
def test_the_end_of_the_archive_is_whole_for_any_length(tmp_path: Path, pictures: int) -> None:
    source = [(i, np.zeros(2), {"front": bytes(512 * pictures + 1)}) for i in NUMBERS]
    path = write(tmp_path / "shard", source)
    assert len(list(read_shard(path, NUMBERS, DATASET, ["front"]))) == 3
    with tarfile.open(path) as archive:
        assert len(archive.getnames()) == 7
    assert path.read_bytes().endswith(bytes(1024))


def test_webdataset_reads_them(shard: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    rows = list(webdataset.WebDataset([str(shard)], shardshuffle=False))
    assert [row["__key__"] for row in rows] == ["000003", "000004", "000005"]
    assert rows[1]["side.jpg"] == b"S4"


def test_every_kind_of_damage_is_one_sentence_that_names_the_shard(shard: Path) -> None:
    """Or it changed nothing that is read, such as what fills a block."""
    whole, wanted = shard.read_bytes(), read(shard)
    rng = random.Random(0)
    for turn in range(600):
        data = bytearray(whole)
        at, kind = rng.randrange(len(data)), turn % 5
        if kind == 0:
            del data[at:]
        elif kind == 1:
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 2:
            data[at : at + rng.randrange(1, 2000)] = bytes(rng.randrange(1, 2000))
        elif kind == 3:
            data += rng.randbytes(rng.randrange(1, 1000))
        else:
            data[at:at] = data[:512]
        shard.write_bytes(data)
        said = ""
        try:
            assert read(shard) == wanted
        except FileFormatError as error:
            said = str(error)
        assert said == "" or said.startswith(f"{shard}: ")
        assert "\n" not in said
    shard.write_bytes(b"")
    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: file: is empty; run the same render command again"):
        read(shard)


def test_coefficients_that_are_not_finite_or_no_numbers_are_named(shard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a shard can only come from another program; its checksums are right."""
    bad = [b"\x93NUMPY", shards.npy_bytes(np.array(["a"])), shards.npy_bytes(np.float32([0, np.inf]))]
    for number, data in enumerate(bad):
        with monkeypatch.context() as patch:
            patch.setattr(shards, "npy_bytes", lambda _, data=data: data)
            write(shard)
        with pytest.raises(FileFormatError, match="NaN or infinite" if number == 2 else r"no \(K,\) array") as caught:
            read(shard)
        assert caught.value.field == "sample 3"


def test_absent_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        with pytest.raises(FileFormatError, match="cannot be read"):
            read(path)
