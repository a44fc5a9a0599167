"""Files of free models and of models of one's own, in their formats: archives of arrays, meshes, targets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.families.mesh_files import read_mesh
from tests import free_model_files as files
from tests.fuzzing.hammer import Kind
from tests.fuzzing.mutations import NPZ, spoil_bytes, spoil_lines

_SIZE = 1.7


def free_kinds(folder: Path) -> list[Kind]:
    """As `kinds.core_kinds`."""
    own = {"units": np.array("mm"), "ranges": np.tile([-1.0, 1.0], (5, 1))}
    arrays = (
        _written(folder, files.write_gnm), _written(folder, files.write_soma), _written(folder, files.write_star),
        _written(folder, files.write_generic), _written(folder, lambda path: files.write_generic(path, **own)),
    )  # fmt: skip
    template, _, rows = files.figure(_SIZE, 1, 0)
    uv = np.random.default_rng(0).random((len(rows), 2))
    meshes = (
        _written(folder, lambda path: files.write_obj(path, template, rows, uv), ".obj"),
        _written(folder, lambda path: files.write_obj(path, template, rows), ".obj"),
    )
    scans = (
        _written(folder, lambda path: files.write_ply(path, template, rows), ".ply"),
        _written(folder, lambda path: files.write_ply(path, template, rows, binary=False), ".ply"),
    )
    target = b"".join(b"%d 0.1 0.2 -0.3\n" % number for number in range(20))
    return [
        Kind("free npz", ".npz", arrays, NPZ, use_converted),
        Kind("mesh obj", ".obj", meshes, (spoil_lines,), _use_mesh),
        Kind("mesh ply", ".ply", scans, (spoil_lines, spoil_bytes), _use_mesh),
        Kind("target", ".target", (target,), (spoil_lines,), _use_target),
    ]


def _written(folder: Path, write: Callable[[Path], Any], suffix: str = ".npz") -> bytes:
    path = folder / f"valid{suffix}"
    write(path)
    return path.read_bytes()


def use_converted(path: Path, rng: np.random.Generator) -> Any:
    """A file or folder converted, kept and shaped."""
    few = 3 if path.is_file() and rng.random() < 0.5 else None
    model = convert(path, Conversion(components=few))
    model.save(path.parent / "converted")
    low, high = (-2.0, 2.0) if model.ranges is None else model.ranges.T
    vertices = model.vertices(rng.uniform(low, high, (2, model.component_count)))
    return [vertices, model.standard_deviations, model.triangles, model.face_regions, model.framing.height]


def _use_mesh(path: Path, rng: np.random.Generator) -> Any:
    """A mesh by itself, as the neutral one of a folder and as another of its shapes."""
    folder = path.parent / "meshes"
    folder.mkdir(exist_ok=True)
    template, basis, rows = files.figure(_SIZE, 2, 0)
    content = path.read_bytes()
    for old in folder.iterdir():
        old.unlink()
    write = files.write_obj if path.suffix == ".obj" else files.write_ply
    case, other = ("neutral", "tall") if rng.random() < 0.5 else ("tall", "neutral")
    write(folder / f"{other}{path.suffix}", template + basis[1], rows)
    (folder / f"{case}{path.suffix}").write_bytes(content)
    read_mesh(path)
    return use_converted(folder, rng)


def _use_target(path: Path, rng: np.random.Generator) -> Any:
    folder = path.parent / "makehuman"
    if not folder.exists():
        files.write_makehuman(folder)
    (folder / "targets" / "nose" / "nose-wide.target").write_bytes(path.read_bytes())
    return use_converted(folder / "targets", rng)
