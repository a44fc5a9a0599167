"""The .npy reader: all that NumPy writes, and nothing that its header could do to Python's parser."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.npy import load_npy, read_array


def saved(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def with_header(text: str, body: bytes = b"\0" * 64) -> bytes:
    data = text.encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(data)) + data + body


def header(descr: str = "'<f8'", fortran: str = "False", shape: str = "(8,)") -> bytes:
    return with_header(f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n")


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array(7),
        np.array("ξ – Ω"),
        np.array(["a", "bcd", ""]),
        np.array([True, False]),
        np.arange(5, dtype=">i2"),
        np.array(["Ω", "b"], ">U3"),
        np.zeros((0, 3), np.float16),
        np.zeros((2, 0), np.float32),
    ],
)
def test_what_numpy_writes_comes_back(array: np.ndarray) -> None:
    again = read_array(saved(array))
    assert np.array_equal(again, array)
    assert again.shape == array.shape
    assert again.flags.writeable
    assert again.dtype.isnative


def test_other_writers_spellings_are_read() -> None:
    assert read_array(with_header("{'shape': (2L, 4L), 'fortran_order': False, \"descr\": '<f8'}")).shape == (2, 4)
    assert read_array(header(shape="( 8 , )")).shape == (8,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        with_header("{"),
        with_header("[" * 4000),
        with_header("{'descr': " + "-" * 3900 + "1}"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (8,)"),
        with_header("{'descr': '<f8', 'fortran_order': False}"),
        with_header("{'descr': '<f8', 'fortran_order': False, 'shape': (8,), 'x': (1,)}"),
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{}",
        b"\x93NUMPY\x07\x00" + struct.pack("<H", 2) + b"{}",
        header(descr="()"),
        header(descr="'<f16'"),
        header(descr="'<m8[s]'"),
        header(descr="[('a', '<f8')]"),
        header(descr="'<f8"),
        header(descr="'" + "9" * 3000 + "'"),
        header(fortran="0"),
        header(shape="True"),
        header(shape="(True,)"),
        header(shape="(8)"),
        header(shape=f"({10**30},)"),
        header(shape="(-8,)"),
        header(shape="(1, 1, 1, 1, 1, 1, 1, 1, 8)"),
        header(shape="(281474976710655, 281474976710655)"),
        header(shape="(9,)"),
        header(shape="(7,)"),
        header(descr="'<U16'", shape="(1,)")[:-64] + b"\xff" * 64,
        header(descr="'<U16'", shape="(1,)")[:-64] + b"\x00\xd8\x00\x00" * 16,
        header(descr="'|b1'", shape="(64,)")[:-64] + b"\x02" * 64,
        saved(np.array([None])),
    ],
)
def test_everything_else_is_a_phrase(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        read_array(data)


def test_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    for content, words in (
        (None, "does not exist"),
        (b"", "not a readable"),
        (b"PK\x03\x04" + bytes(100), "not a readable"),
        (saved(np.array([object])), "Python objects"),
        (saved(np.array(["a"])), "dtype"),
        (saved(np.arange(9.0))[:-1], "promises 72 bytes but holds 71"),
        (saved(np.arange(9.0)) + b"\0", "promises 72 bytes but holds 73"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(FileFormatError, match=words):
            load_npy(path)
    with pytest.raises(FileFormatError, match="no file"):
        load_npy(tmp_path)


def test_a_mapped_array_stays_on_disk(tmp_path: Path) -> None:
    for array in (np.arange(12.0).reshape(3, 4), np.asfortranarray(np.arange(12.0).reshape(3, 4)), np.zeros((0, 4))):
        np.save(tmp_path / "a.npy", array)
        mapped = load_npy(tmp_path / "a.npy", "f", mapped=True)
        assert np.array_equal(mapped, array)
        assert isinstance(mapped, np.memmap) == bool(array.size)
