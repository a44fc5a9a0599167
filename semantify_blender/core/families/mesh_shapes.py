"""A neutral mesh and other shapes of it in files of their own: ICT-FaceKit, and any folder of .obj or .ply files."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..files.bounds import COMPONENTS
from .mesh_files import SUFFIXES, MeshFile, read_mesh
from .plausible import check_basis
from .polygons import Polygons
from .shape import Shape, keep

ICT_NEUTRAL = "generic_neutral_mesh.obj"
"""What tells a folder of ICT-FaceKit."""
_ICT_IDENTITY = re.compile(r"identity\d+")
_ICT_VERTICES = 26_719
_ICT_FACES = {
    "mouth": [(11_144, 13_226)],
    "gums": [(14_034, 17_006)],
    "teeth": [(17_006, 21_496)],
    "eyes": [(21_496, 22_296), (23_094, 23_894)],
    "iris": [(22_296, 23_094), (23_894, 24_692)],
}
"""Region -> first and last but one of its faces in the file, from the tables of its documentation."""
_ICT_SHOWN = 24_692
"""Faces from here on are layers for shaders (tears, shadows, lashes), which would hide the eyes."""
_NEUTRAL = re.compile(r"(?i)(?<![a-z])(neutral|template|mean|average|rest|basis|base)(?![a-z])")


def read_ict(folder: Path, expression: bool, components: int | None) -> Shape:
    """ICT-FaceKit's folder: identity in standard deviations, or expressions as keys from 0 to 1, all by default.

    Centimetres, Y up, facing +Z. Raises FileFormatError when a file is missing or belongs to another mesh.
    """
    inner = folder if (folder / ICT_NEUTRAL).is_file() else folder / "FaceXModel"
    neutral = read_mesh(inner / ICT_NEUTRAL)
    files = [path for path in _meshes(inner) if path.name != ICT_NEUTRAL]
    chosen = [path for path in files if bool(_ICT_IDENTITY.fullmatch(path.stem)) != expression]
    what = "expressions" if expression else "identity*.obj"
    if not chosen:
        raise FileFormatError(inner, what, "missing; give the whole folder FaceXModel")
    count = keep(len(chosen), components, inner, what, None if expression else 10)
    shape = replace(_of_files(neutral, chosen[:count], expression), unit=0.01, subject="head")
    if len(neutral.vertices) != _ICT_VERTICES or len(neutral.sizes) <= _ICT_SHOWN:
        return shape
    polygons = shape.polygons.only(np.flatnonzero(shape.polygons.kept) < _ICT_SHOWN)
    numbers = np.flatnonzero(polygons.kept)
    regions = {
        name: np.any([(first <= numbers) & (numbers < last) for first, last in spans], 0)
        for name, spans in _ICT_FACES.items()
    }
    uv = None if neutral.uv is None else neutral.uv[polygons.corners]
    return replace(shape, polygons=polygons, regions=regions, uv=uv).without_loose()


def read_mesh_folder(folder: Path, neutral: Path | None, components: int | None) -> Shape:
    """Any folder of .obj or .ply files with one neutral: each other mesh is a key from 0 to 1.

    neutral: which file it is, by default the one whose name says neutral, base, mean, template, average or rest.
    Metres and Y up are assumed: `--scale` and `--up` say otherwise.
    Raises FileFormatError when a mesh does not fit the neutral one, SemantifyError when no neutral one is told.
    """
    files = _meshes(folder)
    if neutral is None:
        named = [path for path in files if _NEUTRAL.search(path.stem.replace("_", " "))]
        if len(named) != 1:
            found = f"has {len(named)} meshes that are called so" if named else "does not say which mesh is at rest"
            raise SemantifyError(f"{folder}: {found}: name the neutral mesh with --neutral FILE")
        neutral = named[0]
    files = [path for path in files if path.resolve() != neutral.resolve()]
    if not files:
        raise FileFormatError(
            folder, "file", f"has no .obj or .ply beside {neutral.name}; one is needed for each shape"
        )
    count = keep(len(files), components, folder, "file", None)
    return _of_files(read_mesh(neutral), files[:count], True)


def has_meshes(folder: Path) -> bool:
    """Whether there is an .obj or .ply in a folder."""
    return bool(_meshes(folder))


def _meshes(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())


def _of_files(neutral: MeshFile, files: Sequence[Path], keys: bool) -> Shape:
    count = len(neutral.vertices)
    if len(files) > COMPONENTS:
        raise SemantifyError(f"{files[0].parent}: has {len(files)} shapes: say --components, at most {COMPONENTS}")
    polygons = Polygons.of(neutral.path, "f", neutral.faces, neutral.sizes, count)
    check_basis(files[0].parent, len(files), count)
    basis = np.empty((len(files), count, 3))
    for i, path in enumerate(files):
        shape = read_mesh(path, faces=False).vertices
        if len(shape) != count:
            problem = f"has {len(shape)} vertices, but {neutral.path.name} has {count}; export both in the same order"
            raise FileFormatError(path, "v", problem)
        basis[i] = shape - neutral.vertices
    return Shape(
        template=neutral.vertices,
        basis=basis,
        polygons=polygons,
        uv=None if neutral.uv is None else neutral.uv[polygons.corners],
        names=tuple(path.stem for path in files),
        ranges=np.tile([0.0, 1.0], (len(files), 1)) if keys else None,
    )
