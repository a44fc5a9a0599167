"""Mappers inside the .blend: packed into a Text datablock that characters share, decoded once a session.

A Text is an ID: it is saved, undone, and appended to another file together with the mesh that holds it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import bpy

from ...core.embedded import checksum, checksum_in, packed, unpacked
from ...core.errors import SemantifyError, is_file
from ...core.files.writing import read_bytes
from ...core.mapper import Mapper
from .. import catalogue
from ..state import memory
from . import layers

KEY = "semantify_mapper"
"""The mesh's custom property that holds the Text. It is what makes the Text travel; reading goes by content."""


def key_of(state: bpy.types.PropertyGroup, key: str = KEY) -> str:
    """The custom property of a layer: each has one of its own beside the body's. key: the body's."""
    return "_".join(part for part in (key, layers.name_of(state)) if part)


def load_file(path: Path) -> tuple[Mapper, bytes]:
    """Read a mapper file once: the mapper, now cached, and the bytes to embed. Raises FileFormatError."""
    content = read_bytes(path)
    memory.decoded[checksum(content)] = mapper = Mapper.load(path, content)
    return mapper, content


def known_by(text: bpy.types.Text) -> str:
    """Checksum of the mapper that a Text says it holds; empty for a Text that is something else."""
    try:
        return checksum_in(text.lines[0].body) if len(text.lines) else ""
    except UnicodeError:  # bytes that are no text, from a script
        return ""


def content_of(text: bpy.types.Text) -> str:
    """All of a Text; empty when it is bytes that are no text."""
    try:
        return text.as_string()
    except UnicodeError:
        return ""


def embed(state: bpy.types.PropertyGroup, name: str, content: bytes) -> None:
    """Give a layer the Text that holds a mapper's bytes; one that holds the same bytes already is used again."""
    state.id_data[key_of(state)] = _embedded(name, content)


def _embedded(name: str, content: bytes) -> bpy.types.Text:
    wanted = checksum(content)
    whole = packed(name, content)
    body = whole.partition("\n")[2]
    for text in bpy.data.texts:
        # one that only says so is damaged
        if text.library is None and known_by(text) == wanted and content_of(text).partition("\n")[2].strip() == body:
            return text
    text = bpy.data.texts.new(f"{name}.mapper")
    text.write(whole)
    text.cursor_set(0)
    text.use_fake_user = False  # goes with the last character, however that is deleted
    return text


def release(state: bpy.types.PropertyGroup) -> None:
    """Take the mapper's Text away from a layer that ends."""
    if key_of(state) in state.id_data:
        del state.id_data[key_of(state)]


def remove_unused(mapper_checksum: str) -> None:
    """Delete the Text of a mapper that no mesh of the file uses any more."""
    if any(state.mapper_checksum == mapper_checksum for state in layers.of_file()):
        return
    for text in [text for text in bpy.data.texts if text.library is None]:
        if known_by(text) == mapper_checksum:
            bpy.data.texts.remove(text)


def mapper_of(state: bpy.types.PropertyGroup) -> Mapper | None:
    """A layer's mapper, or None when it cannot be had (`problem` says why). A dictionary look-up once decoded.

    state: a mesh's `semantify` for the body's, or that of another layer.
    """
    mapper = memory.decoded.get(state.mapper_checksum)
    return _find(state) if mapper is None else mapper


def require_mapper(state: bpy.types.PropertyGroup) -> Mapper:
    """A layer's mapper. Raises SemantifyError that says why it cannot be had, or is not that of its sliders."""
    mapper, trouble = mapper_of(state), problem(state)
    if mapper is None or trouble:
        raise SemantifyError(trouble)
    return mapper


def problem(state: bpy.types.PropertyGroup) -> str | None:
    """One sentence on why a layer's sliders are without their mapper; None when it can be had and has their words."""
    mapper = mapper_of(state)
    if mapper is None:
        return memory.undecodable[state.mapper_checksum]
    if len(state.sliders) != len(mapper.descriptors):
        return (
            f"{state.id_data.name!r} has {len(state.sliders)} sliders and its mapper {len(mapper.descriptors)} words, "
            "so they do nothing: choose the mapper again"
        )
    return None


def _find(state: bpy.types.PropertyGroup) -> Mapper | None:
    """Decode the mapper from the .blend, else look for the same bytes on disk; remember a failure."""
    wanted = state.mapper_checksum
    if wanted in memory.undecodable:
        return None
    problem = "is not stored in this file"
    for text in bpy.data.texts:
        if known_by(text) == wanted:
            try:
                memory.decoded[wanted] = mapper = unpacked((line.body for line in text.lines[1:]), wanted)
                return mapper
            except (SemantifyError, UnicodeError):
                problem = "is stored in this file but damaged"
    for path in (Path(bpy.path.abspath(state.mapper_path)), catalogue.mappers().get(state.mapper_name)):
        if path is not None and is_file(path):
            with contextlib.suppress(SemantifyError):
                mapper, content = load_file(path)
                if checksum(content) == wanted:
                    return mapper
    memory.undecodable[wanted] = (
        f"the mapper {state.mapper_name!r} of this character {problem}, and not among the mappers of this computer: "
        "choose its file"
    )
    return None
