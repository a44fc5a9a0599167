"""Making a character a mesh like any other: it keeps the shape it has, and nothing of the add-on stays on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ...blender.shape_keys.ruled import value_path
from . import baking, curves, embedding, layers, live_key, materials, models, rigs, rows, skinning


def remove(obj: bpy.types.Object) -> None:
    """Take sliders, mapper and the keys that the add-on made away; the shape becomes the mesh's own.

    The user's shape keys stay and work on top as before. A baked character keeps the bake's keys with their keyframes,
    which are all that is left of its animation, and a mesh whose own keys were driven keeps those as they are. A rig
    stays and moves the mesh; its bones stay where they are.
    """
    make_plain(obj)
    forget(obj.data)
    rigs.untie(obj.data)
    skinning.untie(obj.data)


def make_plain(obj: bpy.types.Object) -> None:
    """Give the mesh the shape that it shows, and take the keys that the add-on made away, but those of a bake."""
    mesh = obj.data
    if mesh.semantify.baked and not len(mesh.semantify.keys):
        live = live_key.find(mesh)
        if live is not None and live != mesh.shape_keys.reference_key:
            obj.shape_key_remove(live)
    elif not len(mesh.semantify.keys):
        _apply_live(obj)


def forget(mesh: bpy.types.Mesh) -> None:
    """Take the sliders, their animation and the mapper away; the shape keys stay as they are."""
    for take_away in (curves.remove_curves, curves.remove_drivers):
        take_away(mesh, lambda path: path.startswith("semantify."))
    found = layers.all_of(mesh.semantify).values()
    body = mesh.semantify.model_content
    stored = [(layer.mapper_checksum, layer.model_content) for layer in found]
    for layer in found:
        embedding.release(layer)
        models.release(layer)
    mesh.property_unset("semantify")
    rows.unmark(mesh)
    mesh.update_tag()
    for mapper, content in stored:
        embedding.remove_unused(mapper)
        models.remove_unused(content)
    materials.untie(mesh, body)


def _apply_live(obj: bpy.types.Object) -> None:
    """Put what our keys add on the mesh and on the user's keys, and delete ours."""
    mesh, names = obj.data, {live_key.NAME}
    if mesh.shape_keys is None:
        return
    baking.remove_curves(mesh, names)
    ours = {value_path(name) for name in names}
    curves.remove_drivers(mesh.shape_keys, ours.__contains__)
    blocks, reference = mesh.shape_keys.key_blocks, mesh.shape_keys.reference_key
    if not len(mesh.vertices) or len(reference.points) != len(mesh.vertices):
        # keys of other vertices, which Blender lays over the mesh as far as they go: its own are what was put there
        live_key.clear(obj)
        return
    if reference.name in names:
        reference.name = "Basis"
    theirs = [key for key in blocks if key.name not in names]
    with _alone(obj, theirs):
        mixed = obj.shape_key_add(name="Mixed", from_mix=True)
        points = live_key.points_of(mixed)
        obj.shape_key_remove(mixed)
    added = points - live_key.points_of(reference)
    for key in theirs:
        if len(key.points) == len(mesh.vertices):
            key.points.foreach_set("co", (live_key.points_of(key) + added).ravel())
    for key in [key for key in blocks if key.name in names]:
        obj.shape_key_remove(key)
    if len(blocks) == 1:
        live_key.clear(obj)
    mesh.vertices.foreach_set("co", points.ravel())
    mesh.update()


@contextmanager
def _alone(obj: bpy.types.Object, others: list[bpy.types.ShapeKey]) -> Iterator[None]:
    """Mute the other keys, and the pin that shows the active key only, for as long as this lasts."""
    muted, pinned = [key.mute for key in others], obj.show_only_shape_key
    obj.show_only_shape_key = False
    for key in others:
        key.mute = True
    try:
        yield
    finally:
        for key, before in zip(others, muted, strict=True):
            key.mute = before
        obj.show_only_shape_key = pinned
