"""Files are written aside and renamed; what cannot be written is one sentence that names the file."""

import errno
import os
from pathlib import Path

import pytest

from semantify_blender.core.errors import OutputError
from semantify_blender.core.files.writing import (
    check_writable,
    file_trouble,
    make_folder,
    write_aside,
    write_json,
    write_text,
)


def in_the_way(folder: Path) -> list[Path]:
    """Paths that nobody can write."""
    (folder / "file").write_text("in the way")
    (folder / "folder").mkdir(exist_ok=True)
    return [
        folder / "file" / "out.json",
        folder / "file" / "a" / "out.json",
        folder / "folder",
        Path("/proc/x/out.json"),
    ]


def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    for path in in_the_way(tmp_path):
        with pytest.raises(OutputError, match=rf"^cannot write {path} \(.*\): choose another --out$"):
            write_json(path, {})
        with pytest.raises(OutputError, match=rf"^cannot write .*{path.parent.name}.*choose another --out$"):
            check_writable(path)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
    with pytest.raises(OutputError, match=r"cannot write .*file/a \("):
        make_folder(tmp_path / "file" / "a")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_keeps_the_former_file(tmp_path: Path, number: int) -> None:
    path = tmp_path / "kept.txt"
    write_text(path, "former")

    def fills_the_disk() -> None:
        with write_aside(path) as aside:
            aside.write_text("half")
            raise OSError(number, os.strerror(number))

    with pytest.raises(OutputError, match=rf"^no space left to write {path}: free some and run"):
        fills_the_disk()
    assert [item.name for item in tmp_path.iterdir()] == ["kept.txt"]
    assert path.read_text() == "former"


def test_another_files_error_is_not_blamed_on_the_output(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="absent"), write_aside(tmp_path / "out"):
        (tmp_path / "absent").read_text()
    assert file_trouble(FileNotFoundError(errno.ENOENT, "No such file or directory", "absent")) == (
        "absent: cannot be read or written (No such file or directory): check the path and the disk"
    )
    assert list(tmp_path.iterdir()) == []


def test_asking_first_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a", "kept")
    check_writable(tmp_path / "new" / "a")
    check_writable(tmp_path / "other" / "a")
    assert (tmp_path / "new" / "a").read_text() == "kept"
    assert list((tmp_path / "other").iterdir()) == []
