"""Which mappers can be offered, and the model file that belongs to one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ..core.titles import title as title
from .settings import data_folders
from .state import memory

if TYPE_CHECKING:
    from ..core.mapper import Mapper
    from ..core.model.morphable_model import MorphableModel

    Load = Callable[[Path], tuple[MorphableModel, bytes]]

NOTHING = "NONE"


def mappers() -> dict[str, Path]:
    """Name -> mapper file: opened in this session, then the preferences' folder, then core.library's."""
    if memory.mappers is None:
        from ..core import library
        from ..core.mapper import SUFFIX

        found = dict(memory.opened)
        for folder in data_folders():
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                found.setdefault(path.name.removesuffix(SUFFIX), path)
        for name, path in library.available("mappers").items():
            found.setdefault(name, path)
        # the neutral model first: number 0 is what a new session starts with
        memory.mappers = {
            name: found[name] for name in sorted(found, key=lambda name: (not name.endswith("neutral"), name))
        }
        numbers = memory.mapper_numbers
        for name in memory.mappers:
            numbers.setdefault(name, len(numbers))
        items = [(name, title(name), str(path), numbers[name]) for name, path in memory.mappers.items()]
        memory.mapper_items = items or [(NOTHING, "No mapper found", "Open a mapper file", 0)]
    return memory.mappers


def of_sex(name: str, sex: str) -> str:
    """The mapper of the list for bodies of one sex, "female" or "male", where there is one beside a neutral one."""
    other = f"{name.removesuffix('neutral')}{sex}"
    return other if name.endswith("neutral") and other in mappers() else name


def head() -> str | None:
    """The mapper of the list for a head's shape, None where there is none."""
    return next((name for name in mappers() if "face-shape" in name), None)


def enum_items(group: object, context: object) -> list[tuple[str, str, str, int]]:
    """Items of the panel's list of mappers."""
    mappers()
    return memory.mapper_items


def open_mapper(path: Path) -> str:
    """Offer one more mapper file in this session. Returns its name in the list; raises FileFormatError."""
    from ..core.mapper import SUFFIX, Mapper

    Mapper.load(path)
    name = path.name.removesuffix(SUFFIX).removesuffix(".npz")
    memory.opened[name] = path
    memory.look_again()
    mappers()
    return name


def locate_model(path: Path, mapper: Mapper) -> None:
    """Remember where the model of `mapper` is. Raises SemantifyError when the file is another model."""
    from ..core.model.morphable_model import MorphableModel

    mapper.check_model(MorphableModel.load(path))
    if path not in memory.located_models:
        memory.located_models.append(path)
    memory.look_again()


def model_candidates(model_name: str, mapper_path: Path) -> list[Path]:
    """Files that may hold the model, best first: located by hand, near the mapper, the user's folder, the library."""
    from ..core import library
    from ..core.model.morphable_model import SUFFIX

    near = (mapper_path.parent, mapper_path.parent.parent / "models", *data_folders())
    paths = [*memory.located_models, *(folder / f"{model_name}{SUFFIX}" for folder in near)]
    known = library.available("models").get(model_name)
    return [path for path in (*paths, *([known] if known else [])) if path.is_file()]


def load_model(mapper: Mapper, mapper_path: Path) -> MorphableModel:
    """The model that `mapper` was trained for. Raises SemantifyError naming what is missing and the way out."""
    return matching(mapper, mapper_path, _load)[1]


def find_model(mapper: Mapper, mapper_path: Path) -> Path:
    """The file of that model. Raises SemantifyError like `load_model`."""
    return matching(mapper, mapper_path, _load)[0]


def matching(mapper: Mapper, mapper_path: Path, load: Load) -> tuple[Path, MorphableModel, bytes]:
    """That file, and what `load` gives for it: the model and the file's bytes. Raises SemantifyError as above."""
    from ..core.errors import SemantifyError

    mismatch: SemantifyError | None = None
    for path in model_candidates(mapper.model_name, mapper_path):
        model, content = load(path)
        try:
            mapper.check_model(model)
        except SemantifyError as error:
            mismatch = mismatch or error
        else:
            return path, model, content
    raise mismatch or SemantifyError(_missing_model(mapper, mapper_path))


def _load(path: Path) -> tuple[MorphableModel, bytes]:
    from ..core.model.morphable_model import MorphableModel

    return MorphableModel.load(path), b""


def problem(name: str) -> str | None:
    """Why no character can be made from a mapper of the list, in one sentence; None when all is there. Cached."""
    if name not in memory.mapper_problems:
        from ..core.errors import SemantifyError
        from ..core.mapper import Mapper

        try:
            path = mappers()[name]
            mapper = Mapper.load(path)
            found = model_candidates(mapper.model_name, path)
            memory.mapper_problems[name] = None if found else _missing_model(mapper, path)
        except SemantifyError as error:
            memory.mapper_problems[name] = str(error)
    return memory.mapper_problems[name]


def resolve(name_or_path: str) -> Path:
    """The mapper file for a name of the list or a path. Raises SemantifyError listing what there is."""
    from ..core.errors import SemantifyError

    known = mappers()
    if name_or_path in known:
        return known[name_or_path]
    path = Path(bpy.path.abspath(name_or_path)) if name_or_path else Path()
    if path.is_file():
        return path
    raise SemantifyError(
        f"no mapper {name_or_path!r}: open a mapper file or choose one of: {', '.join(known) or 'none found'}"
    )


def _missing_model(mapper: Mapper, mapper_path: Path) -> str:
    name = mapper.model_name
    if mapper.keys is not None:
        return f"{mapper_path.name} drives the shape keys of a mesh, {name!r}: select that mesh and use Attach Mapper"
    return (
        f"the morphable model {name!r} of mapper {mapper_path.name} was not found: "
        f"locate {name}.model.npz or put it beside the mapper"
    )
