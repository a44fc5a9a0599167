"""Building a character from a morphable model and a mapper, and exchanging its mapper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy
import numpy as np

from ...blender.meshes import mesh_of
from ...core.errors import SemantifyError
from ...core.mapper import SUFFIX, Mapper
from ...core.model.clothes import Clothes
from ...core.model.morphable_model import MorphableModel
from .. import catalogue
from ..state import memory
from . import embedding, layers, live_key, materials, models, rows, shape


def add_character(context: bpy.types.Context, mapper_path: Path) -> bpy.types.Object:
    """Build a character at the 3D cursor, select it and make it active.

    Raises SemantifyError when the mapper or its model cannot be had; then nothing is left in the file.
    """
    obj = build(mapper_path, collection_of(context))
    obj.location = context.scene.cursor.location
    # shapes are in metres whatever the scene counts in
    obj.scale = (1.0 / context.scene.unit_settings.scale_length,) * 3
    for other in context.selected_objects:
        other.select_set(False)
    obj.select_set(True)
    context.view_layer.objects.active = obj
    space = context.space_data
    if space is not None and space.type == "VIEW_3D" and space.local_view is not None:
        # else it would not be seen until the user leaves the local view
        obj.local_view_set(space, True)
    return obj


def build(mapper_path: Path, collection: bpy.types.Collection | None) -> bpy.types.Object:
    """Make a character at rest, at the origin. collection: that it goes into; None for no one.

    Raises SemantifyError when the mapper or its model cannot be had; then nothing is left in the file.
    """
    mapper, content = embedding.load_file(mapper_path)
    _, model, stored = catalogue.matching(mapper, mapper_path, models.load_file)
    name = mapper_path.name.removesuffix(SUFFIX)
    with undone_on_error():
        mesh = build_mesh(model, stored)
        obj = bpy.data.objects.new(mesh.name, mesh)
        if collection is not None:
            collection.objects.link(obj)
        live_key.add(obj)
        mesh.semantify.model_name = model.name
        mesh.semantify.model_checksum = model.checksum
        mesh.semantify.component_count = model.component_count
        remember_mapper(mesh.semantify, mapper, name, mapper_path, content)
        shape.apply(mesh)
    return obj


def build_mesh(model: MorphableModel, stored: bytes) -> bpy.types.Mesh:
    """A mesh of the template as it is dressed, its feet on z = 0: faces, UVs, smooth shading, materials.

    stored: the model's file, which the mesh holds from now on.
    """
    dressed = model.dressed()
    mesh = mesh_of(dressed.model, catalogue.title(model.name))
    models.embed(mesh.semantify, model.name, stored)
    points = models.require_grounded(mesh.semantify).points[dressed.rows]
    mesh.vertices.foreach_set("co", points.ravel())
    rows.mark(mesh, dressed.rows)
    mesh.semantify.outfit = Clothes.of(model.metadata).default
    materials.put_on(mesh, model, dressed, np.ones(dressed.model.face_count, bool))
    mesh.validate()
    return mesh


def change_mapper(state: bpy.types.PropertyGroup, mapper_path: Path) -> None:
    """Give a layer of a character another mapper for the same model; sliders of the same words keep value and lock.

    A character that was fitted to a picture keeps its shape: what is added to the sliders' is worked out anew.
    Raises SemantifyError when the mapper is for another model, or would renumber animated sliders.
    """
    mapper, content = embedding.load_file(mapper_path)
    if mapper.model_checksum != state.model_checksum:
        raise SemantifyError(
            f"{mapper_path.name} was trained for model {mapper.model_name!r}, but this character is "
            f"{state.model_name!r}: choose a mapper for that model or add a new character"
        )
    fitted = _shown(state) if len(state.offset) else None
    with kept_sliders(state, mapper, mapper_path):
        remember_mapper(state, mapper, mapper_path.name.removesuffix(SUFFIX), mapper_path, content)
    if fitted is not None:
        shape.keep(state, mapper, fitted)


def _shown(state: bpy.types.PropertyGroup) -> np.ndarray | None:
    """(K,) coefficients that a layer has in what the live key shows: its mapper may be missing."""
    others = layers.all_of(state.id_data.semantify)
    del others[layers.name_of(state)]
    known = {name: (embedding.mapper_of(layer), layer) for name, layer in others.items()}
    beside = {name: shape.coefficients(mapper, layer) for name, (mapper, layer) in known.items() if mapper is not None}
    return live_key.read(state.id_data, layers.name_of(state), beside)


@contextmanager
def kept_sliders(state: bpy.types.PropertyGroup, mapper: Mapper, mapper_path: Path) -> Iterator[None]:
    """Take a layer's sliders away, let the caller make new ones, and give those of the same words value and lock again.

    Raises SemantifyError, before anything is changed, when that would renumber animated sliders, or on a library
    override, which cannot take away what the library has.
    """
    mesh = state.id_data
    if mesh.override_library is not None:
        raise SemantifyError(f"{mesh.name!r} is overridden from another file: choose its mapper in that file")
    words = [slider.name for slider in state.sliders]
    if words != list(mapper.descriptors[: len(words)]) and mesh.animation_data is not None:
        raise SemantifyError(
            f"{mapper_path.name} has other sliders, and this character's are animated by their number: "
            "bake or clear the animation first"
        )
    kept = {slider.name: (slider.value, slider.lock) for slider in state.sliders}
    state.sliders.clear()
    yield
    values, locks = zip(*(kept.get(slider.name, (0.0, False)) for slider in state.sliders), strict=True)
    state.sliders.foreach_set("lock", locks)
    shape.set_values(state, np.array(values))


def remember_mapper(state: bpy.types.PropertyGroup, mapper: Mapper, name: str, path: Path, content: bytes) -> None:
    """Store a layer's mapper in the file and make one slider per descriptor."""
    embedding.embed(state, name, content)
    state.mapper_name = name
    state.mapper_path = str(path)
    state.mapper_checksum = embedding.checksum(content)
    for word in mapper.descriptors:
        state.sliders.add().name = word
    memory.undecodable.clear()


def collection_of(context: bpy.types.Context) -> bpy.types.Collection:
    """Where new objects go; the active collection may be another file's, linked or overridden, and refuse them."""
    chosen = context.collection
    refuses = chosen is None or chosen.library is not None or chosen.override_library is not None
    return context.scene.collection if refuses else chosen


@contextmanager
def undone_on_error() -> Iterator[None]:
    """Remove every datablock made inside when anything fails, so that no half character stays in the file."""
    collections = (
        *(bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.node_groups),
        *(bpy.data.images, bpy.data.texts),
    )
    before = [{item.name for item in items if item.library is None} for items in collections]
    try:
        yield
    except BaseException:
        for items, names in zip(collections, before, strict=True):
            for item in [item for item in items if item.library is None and item.name not in names]:
                items.remove(item)
        raise
