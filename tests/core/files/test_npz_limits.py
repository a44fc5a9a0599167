"""What is written can be read: no file is larger than its reader's limits."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files import npz
from semantify_blender.core.files.npz import load_npz, save_npz


def test_more_than_a_reader_takes_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(npz, "MAXIMUM_BYTES", 1 << 20)
    arrays = {"basis": np.zeros((300, 1000), np.float32)}
    with pytest.raises(FileFormatError, match="would hold 1 MiB, and 1 are the most that is read back; nothing was"):
        save_npz(tmp_path / "large.npz", "test/1", arrays, {})
    assert not list(tmp_path.iterdir())
    save_npz(tmp_path / "small.npz", "test/1", {"basis": np.zeros((100, 1000), np.float32)}, {})
    assert len(load_npz(tmp_path / "small.npz", "test/1", {})[0]["basis"]) == 100


def test_hardly_anything_but_zeros_is_no_zip_bomb(tmp_path: Path) -> None:
    """60 keys that move two eyelids of a large body."""
    basis = np.zeros((60, 120_000, 3), np.float16)
    basis[:, :3] = 1.0
    save_npz(tmp_path / "sparse.npz", "test/1", {"basis": basis}, {})
    assert np.array_equal(load_npz(tmp_path / "sparse.npz", "test/1", {})[0]["basis"], basis)
