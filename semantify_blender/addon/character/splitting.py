"""The garments of a character as objects of their own, beside its body."""

from __future__ import annotations

import bmesh
import bpy
import numpy as np

from ...core.model.clothes import Clothes
from . import live_key, models, rows

BODY = -1
"""Number of the faces that stay with the body: skin, and parts such as teeth and lashes."""


def garments_of(mesh: bpy.types.Mesh) -> tuple[list[str], np.ndarray]:
    """The names of the model's garments, and (F,) int which of them each face of a character is of, BODY for none."""
    model = None if len(mesh.semantify.keys) else models.model_of(mesh.semantify)
    body = np.full(len(mesh.polygons), BODY)
    if model is None or not len(mesh.polygons):
        return [], body
    outfits = Clothes.of(model.metadata).outfits or {}
    garments = [name for name in model.parts if any(name in worn for worn in outfits.values())]
    ends = np.cumsum([len(model.template), *(part.vertex_count for part in model.parts.values())])
    of_row = np.full(ends[-1], BODY)
    for name, begin, end in zip(model.parts, ends, ends[1:], strict=False):
        if name in garments:
            of_row[begin:end] = garments.index(name)
    found = rows.rows_of(mesh, len(of_row))
    of_vertex = np.where(found < 0, BODY, of_row[np.maximum(found, 0)])
    corners, starts = np.empty(len(mesh.loops), np.int32), np.empty(len(mesh.polygons), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    mesh.polygons.foreach_get("loop_start", starts)
    return garments, np.maximum.reduceat(of_vertex[corners], starts)


def split(obj: bpy.types.Object, names: list[str], numbers: np.ndarray) -> list[bpy.types.Object]:
    """Take garments off a plain mesh. names, numbers: what `garments_of` gave while it was a character.

    Each gets the groups, keys, attributes, materials and modifiers of its own faces, and goes where the body goes.
    Returns the new objects; none where nothing is worn, or nothing else is there.
    """
    worn = [number for number in np.unique(numbers) if number != BODY]
    if not (numbers == BODY).any():
        worn = []
    made = []
    for number in worn:
        piece = obj.copy()
        piece.data = obj.data.copy()
        piece.name = piece.data.name = f"{obj.name} {names[number].replace('-', ' ').capitalize()}"
        for collection in obj.users_collection:
            collection.objects.link(piece)
        if obj.parent is None or not any(modifier.type == "ARMATURE" for modifier in obj.modifiers):
            _hang_on(piece, obj)
        _keep(piece, numbers == number, loose=False)
        made.append(piece)
    if made:
        _keep(obj, numbers == BODY, loose=True)
    return made


def _hang_on(piece: bpy.types.Object, body: bpy.types.Object) -> None:
    piece.animation_data_clear()
    piece.constraints.clear()
    piece.parent, piece.parent_type = body, "OBJECT"
    piece.matrix_parent_inverse.identity()
    piece.matrix_basis.identity()


def _keep(obj: bpy.types.Object, wanted: np.ndarray, loose: bool) -> None:
    """Delete all faces but the wanted (F,) bool, and what no face uses then. loose: keep what no face used before."""
    mesh = obj.data
    keys = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else ()
    points = {key.name: live_key.points_of(key) for key in keys}
    corners, sizes = np.empty(len(mesh.loops), np.int32), np.empty(len(mesh.polygons), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    mesh.polygons.foreach_get("loop_total", sizes)
    kept = np.full(len(mesh.vertices), loose)
    kept[corners] = False
    kept[corners[np.repeat(wanted, sizes)]] = True
    work = bmesh.new()
    try:
        work.from_mesh(mesh)
        faces, vertices = list(work.faces), list(work.verts)
        gone = [faces[number] for number in np.flatnonzero(~wanted).tolist()]
        bmesh.ops.delete(work, geom=gone, context="FACES_ONLY")
        gone = [vertices[number] for number in np.flatnonzero(~kept).tolist()]
        bmesh.ops.delete(work, geom=gone, context="VERTS")
        bare = [edge for edge in work.edges if not edge.link_faces and not loose]
        bmesh.ops.delete(work, geom=bare, context="EDGES")
        work.to_mesh(mesh)
    finally:
        work.free()
    for key in keys:
        # exact, as the mesh's own points and the keys may differ by what was sculpted
        key.points.foreach_set("co", points[key.name][kept].ravel())
    _drop_slots(obj)
    mesh.update()


def _drop_slots(obj: bpy.types.Object) -> None:
    """Take the slots away that no face shows, unless the object has materials of its own in some."""
    mesh = obj.data
    if any(slot.link == "OBJECT" for slot in obj.material_slots):
        return
    slots = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("material_index", slots)
    for slot in sorted(set(range(len(mesh.materials))) - set(slots.tolist()), reverse=True):
        mesh.materials.pop(index=slot)
