"""Models that are free to pass on, and models of one's own: what each is called, its licence, and who reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .generic import read_generic
from .gnm import read_gnm
from .makehuman import read_makehuman
from .mesh_shapes import read_ict, read_mesh_folder
from .mhr import read_mhr
from .shape import Shape
from .soma import read_soma
from .source import Source
from .torch_archive import TorchArchive

Opened = Source | TorchArchive | Path
"""A model file opened, or a folder."""


@dataclass(frozen=True)
class OpenKind:
    """One family.

    title: its name. licence: of its files. holds: what its files are opened as.
    read: (opened, neutral mesh or None, components or None) -> Shape.
    """

    title: str
    licence: str
    holds: tuple[type, ...]
    read: Callable[[Any, Path | None, int | None], Shape]


UNKNOWN = "not known; the user's own file"
"""The licence of a generic model whose file names none."""
_GNM, _MHR, _SOMA = (f"Apache-2.0, {name}" for name in ("GNM Head (Google)", "MHR (Meta)", "SOMA (NVIDIA)"))
_ICT = "MIT, ICT-FaceKit Light (USC Institute for Creative Technologies)"


def _read_generic(opened: Opened, neutral: Path | None, components: int | None) -> Shape:
    if isinstance(opened, Path):
        return read_mesh_folder(opened, neutral, components)
    assert isinstance(opened, Source)  # by `holds`
    return read_generic(opened, components)


OPEN: dict[str, OpenKind] = {
    "gnm": OpenKind("GNM Head", _GNM, (Source,), lambda source, _, count: read_gnm(source, False, count)),
    "gnm-expression": OpenKind("GNM Head", _GNM, (Source,), lambda source, _, count: read_gnm(source, True, count)),
    "mhr": OpenKind("MHR", _MHR, (TorchArchive,), lambda archive, _, count: read_mhr(archive, False, count)),
    "mhr-expression": OpenKind("MHR", _MHR, (TorchArchive,), lambda archive, _, count: read_mhr(archive, True, count)),
    "soma": OpenKind("SOMA", _SOMA, (Source,), lambda source, _, count: read_soma(source, count)),
    "ict": OpenKind("ICT-FaceKit", _ICT, (Path,), lambda folder, _, count: read_ict(folder, False, count)),
    "ict-expression": OpenKind("ICT-FaceKit", _ICT, (Path,), lambda folder, _, count: read_ict(folder, True, count)),
    "makehuman": OpenKind("MakeHuman", "CC0-1.0, MakeHuman's base mesh and targets", (Path,), read_makehuman),
    "generic": OpenKind("generic", UNKNOWN, (Source, Path), _read_generic),
}
"""Family -> its kind."""
