"""MakeHuman's targets (CC0): text files of moved vertices, and the base mesh that they belong to."""

from pathlib import Path

import numpy as np

from ..errors import FileFormatError, SemantifyError, reason_of
from ..files.bounds import COMPONENTS
from ..foreign_errors import FOREIGN
from .mesh_files import read_mesh
from .plausible import check_basis
from .polygons import Polygons
from .shape import Shape, keep

SUFFIX = ".target"
DECIMETRE = 0.1
BODY = "body"
"""The group of the base mesh that is the body; the others are helpers for clothes, and cubes at the joints."""
MAXIMUM_TARGET, MAXIMUM_FILES = 16 << 20, 5000
"""Bytes of a target, and targets of a folder; MakeHuman has 1,258."""


def targets_of(folder: Path) -> list[Path]:
    """The .target files in a folder and its subfolders, in the order of their paths."""
    found = []
    for path in folder.rglob(f"*{SUFFIX}"):
        found.append(path)
        if len(found) > MAXIMUM_FILES:
            raise SemantifyError(f"{folder}: has more than {MAXIMUM_FILES} targets: give one of its subfolders")
    return sorted(found)


def read_makehuman(folder: Path, neutral: Path | None, components: int | None) -> Shape:
    """Every target is a key from 0 to 1, all of them by default. Decimetres, Y up, facing +Z.

    neutral: the base mesh, by default an .obj in the folder, else MakeHuman's own `3dobjs/base.obj` beside `targets`.
    Raises FileFormatError when a file is missing, damaged or belongs to another mesh.
    """
    base = neutral or _base(folder)
    mesh = read_mesh(base)
    files = targets_of(folder)
    if components is None and len(files) > COMPONENTS:
        raise SemantifyError(
            f"{folder}: has {len(files)} targets: give a subfolder, or --components up to {COMPONENTS}"
        )
    files = files[: keep(len(files), components, folder, SUFFIX, None)]
    polygons = Polygons.of(base, "f", mesh.faces, mesh.sizes, len(mesh.vertices))
    if mesh.group is not None and BODY in mesh.groups:
        chosen = mesh.group[polygons.kept] == mesh.groups.index(BODY)
        polygons = polygons.only(chosen) if chosen.any() else polygons
    check_basis(folder, len(files), len(mesh.vertices))
    basis = np.zeros((len(files), len(mesh.vertices), 3))
    for i, path in enumerate(files):
        numbers, moved = _read_target(path, len(mesh.vertices))
        basis[i, numbers] = moved
    return Shape(
        template=mesh.vertices,
        basis=basis,
        polygons=polygons,
        uv=None if mesh.uv is None else mesh.uv[polygons.corners],
        names=tuple(path.relative_to(folder).with_suffix("").as_posix() for path in files),
        unit=DECIMETRE,
        subject="body",
        ranges=np.tile([0.0, 1.0], (len(files), 1)),
    ).without_loose()


def _base(folder: Path) -> Path:
    beside = sorted(folder.glob("*.obj"))
    above = [parent / "3dobjs/base.obj" for parent in (folder, *folder.resolve().parents[:4])]
    for path in [*beside[:1], *above]:
        if path.is_file():
            return path
    raise SemantifyError(f"{folder}: has no base mesh for its targets: name MakeHuman's base.obj with --neutral FILE")


def _read_target(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertex numbers (n,) and how far each moves (n, 3), in decimetres."""
    try:
        if path.stat().st_size > MAXIMUM_TARGET:
            raise FileFormatError(path, "file", f"is larger than {MAXIMUM_TARGET >> 20} MiB; refused")
        with open(path, encoding="utf-8", errors="replace") as file:
            rows = [words for line in file if (words := line.split()) and not words[0].startswith(("#", '"'))]
        numbers = np.array([int(row[0]) for row in rows], np.int64)
        moved = np.array([row[1:] for row in rows], np.float64).reshape(len(rows), 3)
    except FOREIGN as error:
        expected = f"expected lines of a vertex number and three lengths ({reason_of(error)})"
        raise FileFormatError(path, "target", f"{expected}; fetch it again") from error
    if len(numbers) and (numbers.min() < 0 or numbers.max() >= count or not np.abs(moved).max() < 1e4):
        raise FileFormatError(path, "target", f"expected vertex numbers in 0..{count - 1} and finite lengths")
    return numbers, moved
