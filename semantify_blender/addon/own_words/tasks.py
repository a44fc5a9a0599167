"""What the panel asks for as a task in a folder: of which model, with which words; and those left unfinished."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ...core.clip_names import SMALL
from ...core.descriptors import distinct_words, knows_family, subject_of, vocabulary_for
from ...core.errors import SemantifyError
from ...core.files import claims
from ...core.files.names import is_plain
from ...core.files.writing import make_folder
from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from ...core.own_words import BUSY, FILE, WORDS, OwnWords
from ...core.small_words import small_words
from .. import catalogue
from ..character import models
from ..pictures import full_clip
from ..selection import active_character, is_character
from ..settings import user_folder

PER_PICTURE, FULL_CLIP, PER_SHAPE, PER_SLIDER, AT_LEAST = 0.022, 0.05, 0.008, 1.1, 14.0
"""Seconds on two cores without a GPU (docs/benchmarks.md): rendering a picture of 128 pixels and embedding it with the
small CLIP, what a full one (ViT-B-32) takes more, training with a shape, sweeping a slider, all else."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A training that was asked for, and can be done."""

    model: MorphableModel
    name: str
    words: tuple[str, ...]
    samples: int
    size: int
    clip: str


def subject(context: bpy.types.Context) -> MorphableModel:
    """The active character's model, else that of the mapper chosen for new ones. Raises SemantifyError."""
    obj = active_character(context)
    if obj is not None and is_character(obj):
        state = obj.data.semantify
        if len(state.keys):
            raise SemantifyError("this mesh has shape keys of its own: train words for it with semantify run")
        return models.require_model(state)
    path = catalogue.resolve(context.window_manager.semantify.mapper)
    return catalogue.load_model(Mapper.load(path), path)


def suggestions(context: bpy.types.Context) -> list[str]:
    """Words that the chosen CLIP knows for such a model, those that are listed already left out."""
    try:
        family = str(subject(context).metadata.get("family", ""))
    except SemantifyError:
        return []
    taken = set(listed(context))
    if full_clip.name() == SMALL:
        known: tuple[str, ...] = tuple(sorted(small_words(subject_of(family))))
    else:
        known = vocabulary_for(family) if knows_family(family) else ()
    return [word for word in known if word not in taken]


def listed(context: bpy.types.Context) -> list[str]:
    """The words in the panel's list."""
    return [item.name for item in context.window_manager.semantify.own_words]


def asked(context: bpy.types.Context) -> Asked:
    """What the panel asks for. Raises SemantifyError: no words, a bad name, words that the small CLIP does not know."""
    session, about = context.window_manager.semantify, subject(context)
    words = distinct_words(listed(context))
    name = session.own_name.strip() or f"{about.name}-own"
    if not words:
        raise SemantifyError("no words are listed: add some first")
    if len(words) > WORDS:
        raise SemantifyError(f"{len(words)} words are listed, and {WORDS} is the most: take some away")
    if not is_plain(name):
        raise SemantifyError(f'{name!r} cannot name a mapper: leave out / \\ : * ? " < > |')
    clip = full_clip.name()
    if clip == SMALL:
        known = small_words(subject_of(str(about.metadata.get("family", ""))))
        unknown = [word for word in words if word not in known]
        if unknown:
            raise SemantifyError(
                f"the small CLIP does not know {', '.join(map(repr, unknown))}: choose among its words, or set a full "
                "CLIP in the add-on's preferences"
            )
    return Asked(about, name, tuple(words), session.own_samples, int(session.own_size), clip)


def folder_of(asked: Asked) -> Path:
    """Where it is trained: beside the pictures of an earlier one of the same model, number and size."""
    model = asked.model
    return user_folder("training") / f"{model.name}-{model.checksum[:8]}-{asked.samples}x{asked.size}"


def check_idle(folder: Path) -> None:
    """Raise SemantifyError while another Blender trains in a folder."""
    if claims.is_claimed(folder / FILE):
        raise SemantifyError(BUSY.format(folder=folder.name))


def task_of(asked: Asked) -> OwnWords:
    """The task, whose model is put into its folder; the child writes the task itself there, once it is alone in it."""
    folder = make_folder(folder_of(asked))
    path = folder / f"{asked.model.name}.model.npz"
    if not path.is_file():
        asked.model.save(path)
    mapper = user_folder("mappers") / f"{asked.name}.mapper.npz"
    program = bpy.app.binary_path or None
    return OwnWords(
        str(path), asked.name, asked.words, asked.samples, asked.size, asked.clip, str(mapper), blender=program
    )


def tidy(folder: Path, said: list[dict[str, Any]]) -> None:
    """Take away the claim of a child that is gone, which it had no time to give back. said: what it told."""
    claim = claims.claim_path(folder / FILE)
    with suppress(OSError):
        if any(event.get("event") == "claim" and event.get("text") == claim.read_text("utf-8") for event in said):
            claim.unlink()


def unfinished() -> dict[Path, OwnWords]:
    """Tasks that ended before their mapper was there, by their folders: of a crash, or a Blender that was closed."""
    found = {}
    for path in sorted(user_folder("training").glob(f"*/{FILE}")):
        try:
            task = OwnWords.load(path.parent)
        except SemantifyError:
            continue
        if not task.done:
            found[path.parent] = task
    return found


def seconds(samples: int, size: int, words: int, clip: str) -> float:
    """About how long a training takes on two cores, with the two views that most models have."""
    picture = PER_PICTURE * (size / 128) ** 1.2 + (0.0 if clip == SMALL else FULL_CLIP)
    return AT_LEAST + PER_SLIDER * words + samples * (PER_SHAPE + 2 * picture)
