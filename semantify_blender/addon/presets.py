"""Which presets there are, and where the user's own are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from .settings import setting, user_folder
from .state import memory

if TYPE_CHECKING:
    from ..core.presets.shelf import Entry

KIND = "presets"
"""Name of the folder that holds them, in each folder of data."""


def own_folder(create: bool = False) -> Path:
    """Where the user's presets are saved: in the preferences' data folder, else in a folder that outlives updates."""
    chosen = setting("data_folder")
    return Path(bpy.path.abspath(chosen)) / KIND if chosen else user_folder(KIND, create)


def entries() -> list[Entry]:
    """All presets, the user's own first; the folders are read once, and again after `memory.look_again`."""
    if memory.presets is None:
        from ..core import library
        from ..core.presets.shelf import read_shelf

        shipped = library.DATA / KIND
        folders = [own_folder(), *library.folders(KIND)]
        memory.presets, memory.preset_troubles = read_shelf(folders, shipped)
    return memory.presets


def find(name: str) -> Entry:
    """The preset of a name, or in a file. Raises SemantifyError that lists what there is, FileFormatError."""
    from ..core.errors import is_file
    from ..core.presets.preset import SUFFIX, Preset
    from ..core.presets.shelf import Entry, found

    path = Path(bpy.path.abspath(name)) if name.endswith(SUFFIX) else Path()
    if is_file(path):
        return Entry(Preset.load(path), path, own=False)
    return found(entries(), name)


def offered(mesh: bpy.types.Mesh) -> list[Entry]:
    """The presets that a character can take: those of whole characters first, and its own mapper's before others."""
    from .character import looks

    subject, layers = looks.subject(mesh), looks.within_reach(mesh)
    found = [
        entry for entry in entries() if entry.preset.subject == subject and layers.intersection(entry.preset.sliders)
    ]
    first = looks.LAYERS[0]

    def order(entry: Entry) -> tuple[bool, bool, bool, str]:
        preset = entry.preset
        return (
            first not in preset.sliders,
            not entry.own,
            bool(preset.mapper) and preset.mapper != mesh.semantify.mapper_name,
            preset.name.casefold(),
        )

    return sorted(found, key=order)


def addable() -> list[Entry]:
    """The presets that a new character can be made of: people first, and whole ones before faces."""
    from . import catalogue

    found = [entry for entry in entries() if entry.preset.mapper in catalogue.mappers()]
    return sorted(
        found, key=lambda entry: (entry.preset.subject != "person", "body" not in entry.preset.sliders, not entry.own)
    )


def names(own: bool = False) -> list[str]:
    """For fields in which a preset is searched. own: the user's alone."""
    return sorted(entry.preset.name for entry in entries() if entry.own or not own)
