"""Finding models, mappers and other data by name: the user's folders first, then what the project ships."""

import os
from pathlib import Path

from . import mapper
from .errors import SemantifyError, is_file
from .mapper import Mapper
from .model import morphable_model, rig_set
from .model.morphable_model import MorphableModel

DATA = Path(__file__).resolve().parent.parent / "data"
SUFFIXES = {
    "models": morphable_model.SUFFIX,
    "mappers": mapper.SUFFIX,
    "fitters": ".fitter.npz",
    "encoders": ".encoder.npz",
    "finders": ".finder.npz",
    "rigs": rig_set.SUFFIX,
}
"""Kind of file -> how its name ends; the folder of a kind is named after it."""


def folders(kind: str) -> list[Path]:
    """Where files of a kind (SUFFIXES, or "clip") live: each folder of $SEMANTIFY_DATA, then the embedded data."""
    own = [Path(part) / kind for part in os.environ.get("SEMANTIFY_DATA", "").split(os.pathsep) if part]
    return [*own, DATA / kind]


def available(kind: str) -> dict[str, Path]:
    """Name -> file for all of a kind that can be found; the user's own wins over an embedded namesake."""
    suffix = SUFFIXES[kind]
    found: dict[str, Path] = {}
    for folder in folders(kind):
        for path in sorted(folder.glob(f"*{suffix}")):
            found.setdefault(path.name.removesuffix(suffix), path)
    return found


def find(kind: str, name: str | Path) -> Path:
    """The file for a name or a path. Raises SemantifyError that lists what there is."""
    path = Path(name)
    if is_file(path):
        return path
    known = available(kind)
    if str(name) in known:
        return known[str(name)]
    raise SemantifyError(
        f"no {kind.removesuffix('s')} {str(name)!r}: give a file's path or one of: {', '.join(sorted(known)) or 'none'}"
    )


def load_model(name: str | Path) -> MorphableModel:
    """Load a morphable model by name or path; $SEMANTIFY_DATA names folders of your own.

    Raises SemantifyError that lists what there is, FileFormatError for a file that is no model.

    >>> load_model("quadruped").metadata["family"]
    'quadruped'
    """
    return MorphableModel.load(find("models", name))


def load_mapper(name: str | Path) -> Mapper:
    """Load a mapper by name or path; $SEMANTIFY_DATA names folders of your own.

    Raises SemantifyError that lists what there is, FileFormatError for a file that is no mapper.

    >>> load_mapper("quadruped").descriptors[:2]
    ('horse', 'cow')
    """
    return Mapper.load(find("mappers", name))
