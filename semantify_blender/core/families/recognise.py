"""Which family a file or folder is of: by what is in it, and only where that says nothing by its name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import FileFormatError, SemantifyError, is_file, is_folder
from . import gnm, mhr, soma
from .makehuman import SUFFIX as TARGET
from .makehuman import targets_of
from .mesh_files import SUFFIXES
from .mesh_shapes import ICT_NEUTRAL, has_meshes
from .open_kinds import OPEN, Opened
from .research_model import KINDS
from .source import Source
from .torch_archive import TorchArchive, is_torch_archive

BY_VERTICES = {6890: "smpl", 10475: "smplx", 3889: "smal"}
_BY_NAME = re.compile(r"(?<![a-z])(star|supr|skel|gnm|soma|mhr)(?![a-z])")
_AN = ("MHR", "ICT-FaceKit")
_OTHER = {
    b"\x89HDF": "an HDF5 file, as the Basel Face Model is", b"glTF": "a glTF scene", b"Kaydar": "an FBX scene",
    b"<?xml": "an XML file", b"MATLAB": "a MATLAB file",
}  # fmt: skip
"""First bytes of what is asked for and not read -> what it is."""


@dataclass(frozen=True)
class Recognised:
    """A model opened. family: its key in KINDS or OPEN. certain: by its own contents, whatever its size is."""

    opened: Opened
    family: str
    certain: bool

    @property
    def title(self) -> str:
        """What its family is called."""
        return _title(self.family)


def recognise(path: Path, family: str, jaw: bool) -> Recognised:
    """Open a file or folder and tell its family.

    family: what the user says, or "auto". jaw: whether the user asked for FLAME's jaw, which expressions have.
    Raises FileFormatError for one that is missing, damaged or of no known family, SemantifyError for a family that it
    is not of, or that is known and not read.
    """
    if family not in ("auto", *KINDS, *OPEN):
        raise SemantifyError(f"unknown --family {family!r}: choose auto or one of {', '.join((*KINDS, *OPEN))}")
    try:
        opened, told = _folder(path) if is_folder(path) else _file(path)
    except FileFormatError as error:
        named = _BY_NAME.search(_words(path))
        if named is None or not is_file(path):
            raise
        raise _named(error, f"by its name {_a(_title(named[1]))}") from error.__cause__
    if told is None:
        if family != "auto":
            if family in OPEN and not isinstance(opened, OPEN[family].holds):
                wanted = "a PyTorch archive" if OPEN[family].holds == (TorchArchive,) else "a folder"
                raise SemantifyError(f"{path}: is no {OPEN[family].title} model: give {wanted}")
            return Recognised(opened, family, False)
        return Recognised(opened, _by_vertices(opened, jaw), False)  # type: ignore[arg-type]
    found = Recognised(opened, told if family == "auto" else family, True)
    if found.title != _title(told):
        raise SemantifyError(f"{path}: this is {_a(_title(told))}: say --family {told}, or leave --family out")
    return found


@contextmanager
def told_as(found: Recognised) -> Iterator[None]:
    """Name the family in what is said of a file that was recognised and cannot be read."""
    try:
        yield
    except FileFormatError as error:
        if not found.certain or found.family == "generic":
            raise
        raise _named(error, f"this is {_a(found.title)}") from error.__cause__


def _named(error: FileFormatError, family: str) -> FileFormatError:
    return FileFormatError(error.path, f"{family}: {error.field}", error.problem)


def _title(family: str) -> str:
    return OPEN[family].title if family in OPEN else KINDS[family].title


def _a(title: str) -> str:
    return f"{'an' if title in _AN else 'a'} {title} model"


def _words(path: Path) -> str:
    return path.stem.lower().replace("_", " ")


def _folder(path: Path) -> tuple[Opened, str | None]:
    if (path / ICT_NEUTRAL).is_file() or (path / "FaceXModel" / ICT_NEUTRAL).is_file():
        return path, "ict"
    if targets_of(path):
        return path, "makehuman"
    if has_meshes(path):
        return path, "generic"
    raise FileFormatError(
        path, "file", "is a folder without .obj, .ply or .target files; give one that has some, or the model file"
    )


def _file(path: Path) -> tuple[Opened, str | None]:
    if path.suffix.lower() in (*SUFFIXES, TARGET) and is_file(path):
        raise SemantifyError(f"{path}: is one shape: give the folder that holds it, its neutral mesh and the others")
    if is_file(path):
        with open(path, "rb") as file:
            start = file.read(8)
        for magic, what in _OTHER.items():
            if start.startswith(magic):
                raise SemantifyError(
                    f"{path}: is {what}, which is not read: save template, basis and faces as a .npz, or import it in "
                    "Blender and use its shape keys"
                )
        if is_torch_archive(path):
            archive = TorchArchive(path)
            if archive.has(mhr.TEMPLATE) or archive.has(mhr.DIRECTIONS):
                return archive, "mhr"
            raise FileFormatError(path, mhr.TEMPLATE, "missing; of PyTorch's files only MHR's mhr_model.pt is read")
    source = Source(path)
    return source, _of_arrays(source)


def _of_arrays(source: Source) -> str | None:
    names = source.names
    if names & gnm.FIELDS:
        return "gnm"
    if "skin_template_v" in names:
        return "skel"
    if "v_template" in names:
        return _of_body(source)
    if len(names & soma.FIELDS) >= 3 and "mean" in names:
        return "soma"
    if "template" in names and names & {"basis", "faces"}:
        return "generic"
    named = _BY_NAME.search(_words(source.path))
    return named[1] if named and "" not in names else None


def _of_body(source: Source) -> str | None:
    """STAR, SUPR and MANO have SMPL's names: what their pose blend shapes go by tells them."""
    if "hands_components" in source.names:
        raise SemantifyError(f"{source.path}: this is a MANO model, a hand alone, which is not read: give a whole body")
    columns, joints = _last(source, "posedirs"), _last(source, "weights")
    if columns is not None and columns in (93, 4 * ((joints or 24) - 1) + 1):
        return "star"
    if columns is not None and columns in (300, 4 * (joints or 75)):
        return "supr"
    named = _BY_NAME.search(_words(source.path))
    return named[1] if named and named[1] in ("star", "supr") and columns != 9 * ((joints or 24) - 1) else None


def _last(source: Source, name: str) -> int | None:
    try:
        shape = source.array(name, "f").shape
    except FileFormatError:
        return None
    return shape[-1] if shape else None


def _by_vertices(source: Source, jaw: bool) -> str:
    count = len(source.array("v_template", "f", (None, 3)))
    if count == KINDS["flame-shape"].vertices:
        if jaw:
            return "flame-expression"
        raise SemantifyError(
            f"{source.path}: is a FLAME file, which makes two models: say --family flame-shape or flame-expression"
        )
    if count not in BY_VERTICES:
        known = ", ".join(f"{kind.title} {kind.vertices}" for kind in dict.fromkeys(KINDS.values()) if kind.vertices)
        raise FileFormatError(source.path, "v_template", f"has {count} vertices, which no known family has ({known})")
    return BY_VERTICES[count]
