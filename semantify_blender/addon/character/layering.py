"""Giving a character a face or an expression beside its body, and taking it away again."""

from __future__ import annotations

import contextlib
from pathlib import Path

import bpy

from ...core.errors import SemantifyError
from ...core.files.npz import one_array
from ...core.mapper import SUFFIX, Mapper
from ...core.model.head_on_body import BODY_VERTICES, HeadOnBody, layer_of
from ...core.model.morphable_model import MorphableModel
from .. import catalogue
from ..state import memory
from . import building, curves, embedding, layers, models, shape


def offered(mesh: bpy.types.Mesh) -> dict[str, list[str]]:
    """Layer -> names of the mappers of the list whose head was cut from a character's body; looked up once a body.

    Empty for a mesh that is shaped by keys of its own, and where the model is missing.
    """
    state = mesh.semantify
    body = None if len(state.keys) else models.model_of(state)
    if body is None:
        return {}
    if state.model_content not in memory.offered:
        found: dict[str, list[str]] = {}
        for name, path in catalogue.mappers().items():
            with contextlib.suppress(SemantifyError):
                head = _head_for(body, path)
                if head is not None:
                    found.setdefault(layer_of(head), []).append(name)
        memory.offered[state.model_content] = found
    return memory.offered[state.model_content]


def add(mesh: bpy.types.Mesh, mapper_path: Path) -> str:
    """Give a character the layer that a mapper shapes, its sliders at rest. Returns which one that is.

    Raises SemantifyError, with nothing changed, when its model is not a head of this body, the character has such a
    layer, or is shaped by its own keys or overridden.
    """
    state = mesh.semantify
    if len(state.keys):
        raise SemantifyError(
            f"{mesh.name!r} is shaped by shape keys of its own: faces go on characters that were added"
        )
    if mesh.override_library is not None:
        raise SemantifyError(f"{mesh.name!r} is overridden from another file: give it a face in that file")
    mapper, content = embedding.load_file(mapper_path)
    _, head, stored = catalogue.matching(mapper, mapper_path, models.load_file)
    HeadOnBody.of(models.require_model(state), head)
    name = layer_of(head)
    layer = getattr(state, name)
    if len(layer.sliders):
        raise SemantifyError(f"{mesh.name!r} has its {name} from {layer.mapper_name}: remove that first")
    models.embed(layer, head.name, stored)
    layer.model_name, layer.model_checksum = head.name, head.checksum
    layer.component_count = head.component_count
    building.remember_mapper(layer, mapper, mapper_path.name.removesuffix(SUFFIX), mapper_path, content)
    mesh.update_tag()
    shape.apply(mesh)
    return name


def remove(layer: bpy.types.PropertyGroup) -> None:
    """Take a face or an expression away: its sliders with their keyframes and drivers, its mapper and model.

    The other layers go on. Raises SemantifyError on a library override, which cannot take away what the library has.
    """
    mesh, name = layer.id_data, layers.name_of(layer)
    if mesh.override_library is not None:
        raise SemantifyError(f"{mesh.name!r} is overridden from another file: take its {name} away in that file")
    prefix = f"{layers.path_of(name)}."
    for take_away in (curves.remove_curves, curves.remove_drivers):
        take_away(mesh, lambda path: path.startswith(prefix))
    mapper, content = layer.mapper_checksum, layer.model_content
    embedding.release(layer)
    models.release(layer)
    mesh.semantify.property_unset(name)
    embedding.remove_unused(mapper)
    models.remove_unused(content)
    memory.undecodable.clear()
    mesh.update_tag()
    shape.apply(mesh)


def _head_for(body: MorphableModel, mapper_path: Path) -> MorphableModel | None:
    """The model of a mapper when it is a head of a body; None for others. Raises SemantifyError for damaged files."""
    mapper = Mapper.load(mapper_path)
    for path in catalogue.model_candidates(mapper.model_name, mapper_path):
        # most are no heads: the rest of their files is not read
        if one_array(path, f"extra/{BODY_VERTICES}") is not None:
            head = MorphableModel.load(path)
            mapper.check_model(head)
            HeadOnBody.of(body, head)
            return head
    return None
