"""Folders of presets: listing, saving, renaming and deleting them, each with a small picture beside it."""

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import OutputError, SemantifyError, is_file, is_folder, reason_of
from ..files.writing import write_aside
from .preset import SUFFIX, Preset, check_preset_name

PICTURE = ".png"
MOST = 2000
"""Presets that are read of one folder: a folder of something else is not read to its end."""


@dataclass(frozen=True)
class Entry:
    """A preset that lies in a folder. own: the user's, who may change and delete it."""

    preset: Preset
    path: Path
    own: bool
    stamp: int = 0
    """Which of its pictures it has, 0 for none: nanoseconds of the file's change."""

    @property
    def picture(self) -> Path:
        """Where its picture is, if it has one."""
        return self.path.with_suffix(PICTURE)


def read_shelf(folders: Sequence[Path], shipped: Path) -> tuple[list[Entry], list[str]]:
    """The presets of folders, those of an earlier one first, and a sentence for each file that is none.

    Of two with the same name the first is taken, so that the user's own go before what is shipped.
    """
    found: dict[str, Entry] = {}
    troubles = []
    for folder in folders:
        for path in _files(folder):
            try:
                entry = Entry(Preset.load(path), path, folder != shipped, _stamp(path.with_suffix(PICTURE)))
            except SemantifyError as error:
                troubles.append(str(error))
            else:
                found.setdefault(same_name(entry.preset.name), entry)
    return list(found.values()), troubles


def _stamp(picture: Path) -> int:
    try:
        return picture.stat().st_mtime_ns
    except OSError:
        return 0


def _files(folder: Path) -> list[Path]:
    if not is_folder(folder):
        return []
    try:
        return sorted(path for path in folder.glob(f"*{SUFFIX}") if not path.name.startswith(".") and is_file(path))[
            :MOST
        ]
    except OSError:  # no permission
        return []


def same_name(name: str) -> str:
    """What two names share that are one: some file systems do not tell capitals, or how accents are composed."""
    return unicodedata.normalize("NFC", name).casefold()


def found(entries: Sequence[Entry], name: str) -> Entry:
    """The preset of a name. Raises SemantifyError that lists what there is."""
    for entry in entries:
        if same_name(entry.preset.name) == same_name(name):
            return entry
    known = ", ".join(sorted(entry.preset.name for entry in entries)[:20])
    raise SemantifyError(f"there is no preset {name[:60]!r}: choose one of: {known or 'none yet, save one'}")


def save(preset: Preset, picture: bytes | None, folder: Path, entries: Sequence[Entry], overwrite: bool) -> Entry:
    """Write a preset and its picture, a PNG, into a folder.

    entries: what is there. overwrite: take the place of one of the same name; a shipped one stays and is hidden by it.
    Raises SemantifyError, with nothing written, for a name that is taken or that no file can have; OutputError.
    """
    there = check(preset, entries, overwrite)
    path = there.path if there is not None and there.own else _free(folder, preset.name)
    _told(path, preset.save, path)
    entry = Entry(preset, path, own=True)
    _write_picture(entry, picture)
    return entry


def check(preset: Preset, entries: Sequence[Entry], overwrite: bool) -> Entry | None:
    """Raise SemantifyError unless `save` may write a preset. Returns the one whose place it takes."""
    check_preset_name("the preset", preset.name)
    there = next((entry for entry in entries if same_name(entry.preset.name) == same_name(preset.name)), None)
    if there is not None and not overwrite:
        raise SemantifyError(
            f"there is a preset {there.preset.name!r} already: choose another name, or switch on Overwrite"
        )
    return there


def _write_picture(entry: Entry, picture: bytes | None) -> None:
    if picture is None:
        # that of the former look would be a wrong one
        _remove(entry.picture)
        return
    _told(entry.picture, _write, entry.picture, picture)


def _write(path: Path, content: bytes) -> None:
    with write_aside(path) as aside:
        aside.write_bytes(content)


def _free(folder: Path, name: str) -> Path:
    """A file's name that is not taken: what is called so may hold a preset of another name, or none."""
    path, number = folder / f"{name}{SUFFIX}", 2
    while path.exists():
        path, number = folder / f"{name} {number}{SUFFIX}", number + 1
    return path


def rename(entry: Entry, name: str, entries: Sequence[Entry]) -> Entry:
    """Give a preset of the user's another name: its file and its picture get it too.

    Raises SemantifyError for a shipped one, and a name that is taken or that no file can have; OutputError.
    """
    _check_own(entry, "renamed")
    check_preset_name("the preset", name)
    others = [other for other in entries if other is not entry]
    if any(same_name(other.preset.name) == same_name(name) for other in others):
        raise SemantifyError(f"there is a preset {name!r} already: choose another name")
    target = entry.path.with_name(f"{name}{SUFFIX}")
    # a name that differs by capitals may be the same file
    if target.exists() and not target.samefile(entry.path):
        target = _free(entry.path.parent, name)
    renamed = Entry(replace(entry.preset, name=name), target, own=True)
    _told(target, renamed.preset.save, target)
    if target != entry.path:
        if is_file(entry.picture):
            _told(renamed.picture, os.replace, entry.picture, renamed.picture)
        if not target.samefile(entry.path):
            _remove(entry.path)
    return renamed


def delete(entry: Entry) -> None:
    """Delete a preset of the user's and its picture. Raises SemantifyError for a shipped one; OutputError."""
    _check_own(entry, "deleted")
    _remove(entry.path)
    _remove(entry.picture)


def _check_own(entry: Entry, done: str) -> None:
    if not entry.own:
        raise SemantifyError(f"the preset {entry.preset.name!r} came with the add-on and cannot be {done}")


def _remove(path: Path) -> None:
    _told(path, path.unlink, True)


def _told(path: Path, work: Callable[..., object], *arguments: object) -> None:
    """Do something to a file; an error is told with the way out that there is for presets."""
    try:
        work(*arguments)
    except (OSError, OutputError) as error:
        cause = error.__cause__ if isinstance(error, OutputError) else error
        raise OutputError(
            f"{path} cannot be changed ({reason_of(cause or error)}): see to its permissions and the disk, or choose "
            "another Data Folder in the preferences"
        ) from error
