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

KEY = "semantify_mapper"
"""The mesh's custom property that holds the Text. It is what makes the Text travel; reading goes by content."""


def load_file(path: Path) -> tuple[Mapper, bytes]:
    """Read a mapper file once: the mapper, now cached, and the bytes to embed. Raises FileFormatError."""
    content = read_bytes(path)
    memory.decoded[checksum(content)] = mapper = Mapper.load(path, content)
    return mapper, content


def text_of(mesh: bpy.types.Mesh) -> bpy.types.Text | None:
    """The Text with the character's mapper; None when it was deleted."""
    text = mesh.get(KEY)
    return text if isinstance(text, bpy.types.Text) else None


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


def embed(mesh: bpy.types.Mesh, name: str, content: bytes) -> None:
    """Give a mesh the Text that holds a mapper's bytes; one that holds the same bytes already is used again."""
    mesh[KEY] = _embedded(name, content)


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
    return text


def release(mesh: bpy.types.Mesh) -> None:
    """Take the mapper's Text away from a mesh that is no longer a character."""
    if KEY in mesh:
        del mesh[KEY]


def remove_unused(mapper_checksum: str) -> None:
    """Delete the Text of a mapper that no mesh of the file uses any more."""
    if any(mesh.semantify.mapper_checksum == mapper_checksum for mesh in bpy.data.meshes):
        return
    for text in [text for text in bpy.data.texts if text.library is None]:
        if known_by(text) == mapper_checksum:
            bpy.data.texts.remove(text)


def mapper_of(mesh: bpy.types.Mesh) -> Mapper | None:
    """The character's mapper, or None when it cannot be had (`problem` says why). A dictionary look-up once decoded."""
    mapper = memory.decoded.get(mesh.semantify.mapper_checksum)
    return _find(mesh) if mapper is None else mapper


def require_mapper(mesh: bpy.types.Mesh) -> Mapper:
    """The character's mapper. Raises SemantifyError that says why it cannot be had."""
    mapper = mapper_of(mesh)
    if mapper is None:
        raise SemantifyError(problem(mesh))
    return mapper


def problem(mesh: bpy.types.Mesh) -> str | None:
    """One sentence on why the character's mapper cannot be had; None when it can."""
    return None if mapper_of(mesh) is not None else memory.undecodable[mesh.semantify.mapper_checksum]


def _find(mesh: bpy.types.Mesh) -> Mapper | None:
    """Decode the mapper from the .blend, else look for the same bytes on disk; remember a failure."""
    state = mesh.semantify
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
