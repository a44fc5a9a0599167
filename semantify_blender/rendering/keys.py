"""The `keys` verb: a .blend's mesh with shape keys -> `*.model.npz`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy

from ..blender.shape_keys.model import model_of, model_path
from ..blender.shape_keys.names import listed, readable
from ..blender.shape_keys.preflight import has_keys
from ..core.errors import SemantifyError
from ..core.model.morphable_model import SUFFIX
from ..processes.child import held
from .progress import Progress, Silent


def open_blend(path: str | Path) -> None:
    """Open a .blend in place of the current file; its scripts are not run. Raises SemantifyError when it cannot be."""
    path = Path(path)
    if not path.is_file():
        raise SemantifyError(f"{path} does not exist: give the .blend file that holds the mesh")
    try:
        with held():
            bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise SemantifyError(f"{path} cannot be opened as a .blend file ({str(error).strip()})") from error


def find_object(name: str | None) -> bpy.types.Object:
    """The named object of the current file, or the only mesh that has shape keys. Raises SemantifyError otherwise."""
    candidates = [obj for obj in bpy.data.objects if obj.library is None and has_keys(obj)]
    names = [readable(obj, "one whose name is no valid text") for obj in candidates]
    known = f"the file has {listed(names)}" if names else "no mesh of the file has any"
    if name is not None:
        obj = bpy.data.objects.get(name)
        if obj is None:
            raise SemantifyError(f"no object {name!r}; of objects with shape keys, {known}")
        return obj
    if len(candidates) != 1:
        raise SemantifyError(f"which object's shape keys? Give --object NAME: {known}")
    return candidates[0]


def save_keys_model(
    out: Path,
    name: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    include_driven: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Make a model of an object of the current file and save it. name: of the object, see `find_object`.

    Returns the path written: `out` with the models' suffix. Raises SemantifyError when the object cannot be used.
    """
    progress = progress or Silent()
    path = model_path(out)
    made = model_of(find_object(name), include, exclude, path.name.removesuffix(SUFFIX), include_driven)
    made.save(path)
    for note in made.summary():
        progress.note(note)
    return path
