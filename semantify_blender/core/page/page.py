"""Pages: `semantify page`, `sb.page`, *Share as Page*."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import SemantifyError
from ..files.writing import check_writable, write_text
from ..library import DATA, folders, load_mapper, load_model
from ..mapper import SUFFIX
from ..presets.preset import Preset
from ..presets.shelf import read_shelf
from .arrays import Blocks
from .document import document
from .exactness import Error
from .tab import Subject, write_tab

SCHEMA = "semantify.page/1"
MOST = 24
"""Models of one page."""
PRESETS = "presets"


@dataclass(frozen=True)
class Tab:
    """What was written of one model. error: None where its geometry is not in the page; missing says why then."""

    name: str
    error: Error | None
    missing: str | None


@dataclass(frozen=True)
class Page:
    """A page that was written. path: the file. size: bytes of it. tabs: a model each.

    >>> import semantify_blender as sb
    >>> sb.page("quadruped", "quadruped.html").tabs[0].error.garments  # millimetres; it wears none
    0.0
    """

    path: Path
    size: int
    tabs: tuple[Tab, ...]


def page(
    mappers: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    title: str = "",
    with_geometry: bool = False,
    model: str | Path | None = None,
) -> Page:
    """Write one self-contained HTML file in which the sliders of mappers move their models, without network.

    mappers: names or paths, a tab each. out: the file. title: of the page. with_geometry: also the geometry of models
    whose licence does not let one pass it on; only say so if you may. model: name or path of the model of a single
    mapper, when its own name for it is not found.
    Raises SemantifyError for mappers and models that are not there or do not go together; OutputError.

    >>> import semantify_blender as sb
    >>> made = sb.page("quadruped", "quadruped.html")
    >>> made.size < 2_000_000, made.tabs[0].error.largest < 0.6  # bytes, millimetres
    (True, True)
    """
    names = [mappers] if isinstance(mappers, str | Path) else list(mappers)
    if not 1 <= len(names) <= MOST:
        raise SemantifyError(f"a page of {len(names)} mappers: give 1 to {MOST}")
    if model is not None and len(names) > 1:
        raise SemantifyError("--model says which model one mapper has: give one mapper, or leave it out")
    check_writable(out)
    return write_page([_subject(name, model) for name in names], out, title, with_geometry)


def write_page(
    subjects: Sequence[Subject],
    out: str | Path,
    title: str = "",
    with_geometry: bool = False,
    presets: Sequence[Preset] | None = None,
) -> Page:
    """Write a page of subjects that are at hand. presets: None for those that are found on this computer."""
    check_writable(out)
    text, tabs = page_html(subjects, title, with_geometry, presets)
    write_text(out, text)
    return Page(Path(out), Path(out).stat().st_size, tabs)


def page_html(
    subjects: Sequence[Subject],
    title: str = "",
    with_geometry: bool = False,
    presets: Sequence[Preset] | None = None,
) -> tuple[str, tuple[Tab, ...]]:
    """The text of a page, and what was measured of each model."""
    header, texts, tabs = page_data(subjects, title, with_geometry, presets)
    return document(str(header["title"]), header, texts), tabs


def page_data(
    subjects: Sequence[Subject],
    title: str = "",
    with_geometry: bool = False,
    presets: Sequence[Preset] | None = None,
) -> tuple[dict[str, Any], list[str], tuple[Tab, ...]]:
    """A page's header, the texts of its blocks, and what was measured."""
    looks = found_presets() if presets is None else presets
    blocks, tabs, models = Blocks(), [], []
    for subject in _distinct(subjects):
        tab, error = write_tab(subject, blocks, looks, with_geometry)
        models.append(tab)
        tabs.append(Tab(subject.name, error, tab["missing"]))
    header: dict[str, Any] = {
        "schema": SCHEMA,
        "title": title or _title([str(tab["label"]) for tab in models]),
        "by": "Semantify for Blender",
        "data": blocks.sizes,
        "report": None,
        "describe": None,
        "open": 0,
        "models": models,
    }
    return header, blocks.texts, tuple(tabs)


def _title(labels: list[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"


def found_presets() -> list[Preset]:
    """The presets of the data folders, the user's own before shipped ones."""
    entries, _ = read_shelf(folders(PRESETS), DATA / PRESETS)
    return [entry.preset for entry in entries]


def _subject(name: str | Path, model: str | Path | None) -> Subject:
    mapper = load_mapper(name)
    try:
        found = load_model(model or mapper.model_name)
        mapper.check_model(found)
    except SemantifyError:
        if model is not None:
            raise
        # what is licensed is often on another machine: the sliders are worth showing without it
        found = None
    return Subject(Path(name).name.removesuffix(SUFFIX), mapper, found)


def _distinct(subjects: Sequence[Subject]) -> list[Subject]:
    """The same with names that differ: addresses name a tab by them."""
    found: list[Subject] = []
    for subject in subjects:
        taken = {other.name for other in found}
        name, number = subject.name, 2
        while name in taken:
            name, number = f"{subject.name}-{number}", number + 1
        found.append(replace(subject, name=name))
    return found
