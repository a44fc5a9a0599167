"""Reading NPZ files that are truncated, foreign, forged or hostile."""

import io
import json
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.npz import Field, load_npz, save_npz

FIELDS = {"a": Field("f", (None,))}


def written(path: Path) -> Path:
    save_npz(path, "semantify.test/1", {"a": np.arange(1000.0)}, {"x": 1})
    return path


def test_round_trip(tmp_path: Path) -> None:
    arrays, metadata = load_npz(written(tmp_path / "f.npz"), "semantify.test/1", FIELDS)
    assert np.array_equal(arrays["a"], np.arange(1000.0))
    assert metadata == {"x": 1}


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    assert written(tmp_path / "1.npz").read_bytes() == written(tmp_path / "2.npz").read_bytes()


@pytest.mark.parametrize("kept", [0, 10, 100, 0.5, 0.9])
def test_truncated_files_are_refused(tmp_path: Path, kept: float) -> None:
    path = written(tmp_path / "f.npz")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    with pytest.raises(FileFormatError, match="truncated"):
        load_npz(path, "semantify.test/1", FIELDS)


def test_flipped_bytes_never_load_as_other_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "f.npz")
    whole = bytearray(path.read_bytes())
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            arrays, _ = load_npz(path, "semantify.test/1", FIELDS)
        except FileFormatError:
            continue
        assert np.array_equal(arrays["a"], np.arange(1000.0))  # a byte that carries no content, such as a time stamp


def test_other_kinds_and_versions_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path / "f.npz")
    with pytest.raises(FileFormatError, match="choose the right kind"):
        load_npz(path, "semantify.model/1", FIELDS)
    with pytest.raises(FileFormatError, match="update the add-on"):
        load_npz(path, "semantify.test/2", FIELDS)
    np.savez(tmp_path / "g.npz", a=np.zeros(3))
    with pytest.raises(FileFormatError, match=r"not a semantify\.test file"):
        load_npz(tmp_path / "g.npz", "semantify.test/1", FIELDS)
    (tmp_path / "h.npz").write_text("hello")
    with pytest.raises(FileFormatError, match="not a readable"):
        load_npz(tmp_path / "h.npz", "semantify.test/1", FIELDS)
    with pytest.raises(FileFormatError, match="does not exist"):
        load_npz(tmp_path / "none.npz", "semantify.test/1", FIELDS)


def test_pickled_objects_are_refused_unread(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "executed",))

    np.savez(
        tmp_path / "f.npz", schema=np.array("semantify.test/1"), metadata=np.array("{}"), a=np.array([Trap()], object)
    )
    with pytest.raises(FileFormatError, match="Python objects"):
        load_npz(tmp_path / "f.npz", "semantify.test/1", FIELDS)
    assert not (tmp_path / "executed").exists()


def forged(path: Path, shape: tuple[int, ...], body: bytes) -> Path:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + body
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in (("schema", "semantify.test/1"), ("metadata", json.dumps({}))):
            buffer = io.BytesIO()
            np.save(buffer, np.array(value))
            archive.writestr(f"{name}.npy", buffer.getvalue())
        archive.writestr("a.npy", member)
    return path


def test_a_ten_gigabyte_header_allocates_nothing(tmp_path: Path) -> None:
    path = forged(tmp_path / "f.npz", (10 * 2**30 // 8,), b"\0" * 64)
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="promises"):
        load_npz(path, "semantify.test/1", FIELDS)
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "f.npz", (600 * 2**20 // 8,), b"\0" * (600 * 2**20))
    assert path.stat().st_size < 1e6
    with pytest.raises(FileFormatError, match="refused"):
        load_npz(path, "semantify.test/1", FIELDS)


def test_zeros_that_unpack_a_thousandfold_are_refused(tmp_path: Path) -> None:
    path = forged(tmp_path / "f.npz", (290 * 2**20 // 8,), b"\0" * (290 * 2**20))
    assert path.stat().st_size < 300e3
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="of this size may; refused"):
        load_npz(path, "semantify.test/1", FIELDS)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_a_directory_of_many_members_is_not_even_listed(tmp_path: Path) -> None:
    path = tmp_path / "f.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number}.npy", b"")
    with pytest.raises(FileFormatError, match="declares 3000 members"):
        load_npz(path, "semantify.test/1", FIELDS)


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_only_what_numpy_packs_is_unpacked(tmp_path: Path, method: int) -> None:
    path = tmp_path / "f.npz"
    buffer = io.BytesIO()
    np.save(buffer, np.array("semantify.test/1"))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("schema.npy", buffer.getvalue())
    with pytest.raises(FileFormatError, match="unusual way"):
        load_npz(path, "semantify.test/1", FIELDS)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "f.npz")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("a.npy", b"")
    with pytest.raises(FileFormatError, match="two members"):
        load_npz(path, "semantify.test/1", FIELDS)


def test_numbers_beyond_single_precision_are_refused(tmp_path: Path) -> None:
    save_npz(tmp_path / "f.npz", "semantify.test/1", {"a": np.array([1e39])}, {})
    with pytest.raises(FileFormatError, match="beyond single precision"):
        load_npz(tmp_path / "f.npz", "semantify.test/1", FIELDS)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = written(tmp_path / "f.npz")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_npz(path, "semantify.test/1", {}, {"x": object()})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["f.npz"]
