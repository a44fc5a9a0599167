"""Morphable models inside the .blend: the file's bytes on a Text that characters share, decoded once a session.

The live key needs template and basis wherever the file is opened. A Text is an ID, so it is saved, undone and appended
with the mesh that holds it. Its lines would be base64, a third more and slow to read: the bytes are a custom property.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import bpy

from ...core.embedded import MODEL_SCHEMA, checksum, checksum_in, header
from ...core.errors import SemantifyError
from ...core.files.writing import read_bytes, write_aside
from ...core.model.grounded import Grounded
from ...core.model.morphable_model import SUFFIX, MorphableModel
from .. import catalogue
from ..state import memory
from . import embedding, layers

KEY = "semantify_model"
"""The mesh's custom property that holds the Text."""
CONTENT = "content"
"""The Text's custom property that holds the bytes of the model's file."""
_SAID = "The morphable model of Semantify characters in this file; its bytes are a custom property of this text.\n"


def load_file(path: Path) -> tuple[MorphableModel, bytes]:
    """Read a model file once: the model, now cached, and the bytes to embed. Raises FileFormatError."""
    content = read_bytes(path)
    if checksum(content) in memory.stand_ins:
        memory.forget_stand_in(checksum(content))
    known = memory.whole_models.get(checksum(content))
    return known or _remember(MorphableModel.load(path, content), content), content


def known_by(text: bpy.types.Text) -> str:
    """Checksum of the model file that a Text says it holds; empty for a Text that is something else."""
    try:
        return checksum_in(text.lines[0].body, MODEL_SCHEMA) if len(text.lines) else ""
    except UnicodeError:  # bytes that are no text, from a script
        return ""


def bytes_of(text: bpy.types.Text) -> bytes:
    """What a Text holds; empty where that is no bytes."""
    content = text.get(CONTENT)
    return content if isinstance(content, bytes) else b""


def embed(state: bpy.types.PropertyGroup, name: str, content: bytes) -> None:
    """Give a layer the Text that holds a model's bytes; one that holds the same bytes already is used again."""
    mesh, key = state.id_data, embedding.key_of(state, KEY)
    state.model_content = wanted = checksum(content)
    for text in bpy.data.texts:
        # one that only says so is damaged
        if text.library is None and known_by(text) == wanted and bytes_of(text) == content:
            mesh[key] = text
            return
    text = bpy.data.texts.new(f"{name}.model")
    text.write(header(MODEL_SCHEMA, name, wanted) + _SAID)
    text.cursor_set(0)
    text.use_fake_user = False  # goes with the last character, however that is deleted
    text[CONTENT] = content
    mesh[key] = text


def written(state: bpy.types.PropertyGroup, folder: Path) -> Path | None:
    """The stored model as a file again, for another program; None when none is stored, or it is damaged."""
    wanted = state.model_content
    for text in bpy.data.texts:
        if wanted and known_by(text) == wanted and checksum(bytes_of(text)) == wanted:
            # not by its name, which anybody may have put into a file that was passed on
            path = folder / f"stored{SUFFIX}"
            with write_aside(path) as aside:
                aside.write_bytes(bytes_of(text))
            return path
    return None


def release(state: bpy.types.PropertyGroup) -> None:
    """Take the model's Text away from a layer that ends."""
    key = embedding.key_of(state, KEY)
    if key in state.id_data:
        del state.id_data[key]


def remove_unused(content: str) -> None:
    """Delete the Texts of a model, by its file's checksum, that no mesh of the file uses any more."""
    if not content or any(state.model_content == content for state in layers.of_file()):
        return
    for text in [text for text in bpy.data.texts if text.library is None]:
        if known_by(text) == content:
            bpy.data.texts.remove(text)


def grounded_of(state: bpy.types.PropertyGroup) -> Grounded | None:
    """A layer's model as it stands; None when it cannot be had (`problem` says why)."""
    found = memory.grounded.get(state.model_content)
    return _find(state) if found is None else found


def model_of(state: bpy.types.PropertyGroup) -> MorphableModel | None:
    """The model itself, with its parts and paint; None when it cannot be had."""
    return None if grounded_of(state) is None else memory.whole_models[state.model_content]


def require_model(state: bpy.types.PropertyGroup) -> MorphableModel:
    """The same. Raises SemantifyError that says why it cannot be had."""
    require_grounded(state)
    return memory.whole_models[state.model_content]


def require_grounded(state: bpy.types.PropertyGroup) -> Grounded:
    """As `grounded_of`. Raises SemantifyError that says why it cannot be had."""
    found = grounded_of(state)
    if found is None:
        raise SemantifyError(memory.undecodable[state.model_content])
    return found


def problem(state: bpy.types.PropertyGroup) -> str | None:
    """One sentence on why a layer's model cannot be had; None when it can, or is not needed."""
    if len(state.id_data.semantify.keys) or grounded_of(state) is not None:
        return None
    return memory.undecodable[state.model_content]


def _find(state: bpy.types.PropertyGroup) -> Grounded | None:
    """Decode the model from the .blend, else look for it on disk; remember a failure."""
    wanted = state.model_content
    if wanted in memory.undecodable:
        return None
    damaged = False
    for text in bpy.data.texts:
        if known_by(text) == wanted:
            content = bytes_of(text)
            if checksum(content) == wanted:
                with contextlib.suppress(SemantifyError):
                    _remember(MorphableModel.load(f"embedded{SUFFIX}", content), content)
                    return memory.grounded[wanted]
            damaged = True
    same: dict[bool, MorphableModel] = {}
    for path in catalogue.model_candidates(state.model_name, Path(bpy.path.abspath(state.mapper_path))):
        with contextlib.suppress(SemantifyError):
            model, content = load_file(path)
            if model.checksum == state.model_checksum:
                same.setdefault(checksum(content) == wanted, model)
    if same:
        # the very file, else the same body, whose parts may be others than those that were embedded
        model = same.get(True) or same[False]
        memory.grounded[wanted], memory.whole_models[wanted] = Grounded.of(model), model
        if True not in same:
            memory.stand_ins.add(wanted)
        return memory.grounded[wanted]
    how = "is stored in this file but damaged" if damaged else "is not stored in this file"
    memory.undecodable[wanted] = (
        f"the morphable model {state.model_name!r} of this character {how}, and not among the models of this "
        f"computer: put {state.model_name}{SUFFIX} beside its mapper, or locate it"
    )
    return None


def _remember(model: MorphableModel, content: bytes) -> MorphableModel:
    memory.models[model.checksum] = model
    known = checksum(content)
    memory.grounded[known], memory.whole_models[known] = Grounded.of(model), model
    return model
