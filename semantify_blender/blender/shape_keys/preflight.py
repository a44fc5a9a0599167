"""One check before anything expensive, at export and at attach: can this mesh's shape keys be used at all?"""

from __future__ import annotations

import bpy

from ...core.errors import SemantifyError
from ...core.files.bounds import COMPONENTS, CORNERS, VERTICES
from ...core.files.npz import MAXIMUM_BYTES
from .names import label, readable


def has_keys(obj: bpy.types.Object | None) -> bool:
    """True for a mesh object with at least one shape key beside the Basis."""
    if obj is None or obj.type != "MESH" or obj.data.shape_keys is None:
        return False
    return len(obj.data.shape_keys.key_blocks) > 1


def check_keys(obj: bpy.types.Object) -> None:
    """Raise SemantifyError for an object whose shape keys cannot be read as they are; no points are read for it.

    Refused: no mesh, no keys beside the Basis, absolute keys, a mesh that is in Edit Mode (in another object that
    shares it, too), no vertices, keys that were made for another number of vertices.
    """
    name = object_name(obj)
    if obj.type != "MESH":
        raise SemantifyError(f"{name!r} is a {obj.type.lower()}, not a mesh: choose a mesh that has shape keys")
    if not has_keys(obj):
        raise SemantifyError(f"{name!r} has no shape keys: choose a mesh that has some beside its Basis")
    mesh = obj.data
    if obj.mode == "EDIT" or mesh.is_editmode:
        user = next((other for other in bpy.data.objects if other.data == mesh and other.mode == "EDIT"), obj)
        shared = "" if user == obj else f", through {object_name(user)!r}, which shares its mesh"
        raise SemantifyError(
            f"{name!r} is in Edit Mode{shared}, where its shape keys are not up to date: leave it first"
        )
    if not mesh.shape_keys.use_relative:
        raise SemantifyError(
            f"the shape keys of {name!r} are absolute, a sequence played by Evaluation Time: "
            "switch on Relative in Object Data > Shape Keys"
        )
    count = len(mesh.vertices)
    if not count:
        raise SemantifyError(f"{name!r} has no vertices: choose a mesh that has some")
    for number, block in enumerate(mesh.shape_keys.key_blocks):
        if len(block.points) != count:
            raise SemantifyError(
                f"shape key {readable(block, f'number {number}')!r} of {name!r} has {len(block.points)} points and the "
                f"mesh {count} vertices, so Blender ignores it: delete its shape keys and make them again"
            )


def check_faces(obj: bpy.types.Object) -> None:
    """Raise SemantifyError for a mesh without faces, of which pictures would show nothing."""
    if not len(obj.data.polygons):
        raise SemantifyError(f"{object_name(obj)!r} has no faces, so nothing of it could be seen in a picture")


def check_size(obj: bpy.types.Object, key_count: int) -> None:
    """Raise SemantifyError when a model of so many keys of the object would be larger than a model file may be.

    Before any points are read: what would be refused later takes gigabytes of memory on the way.
    """
    mesh = obj.data
    vertices, corners, faces = len(mesh.vertices), len(mesh.loops), len(mesh.polygons)
    # basis and UVs are stored as float16, regions a byte a face
    limits = (
        (key_count, COMPONENTS, "shape keys", "include or exclude some"),
        (vertices, VERTICES, "vertices", "use a mesh with fewer"),
        (corners, CORNERS, "face corners", "use a mesh with fewer"),
    )
    for count, most, things, way_out in limits:
        if count > most:
            raise SemantifyError(
                f"{object_name(obj)!r} has {count:,} {things}, and a model at most {most:,}: {way_out}"
            )
    size = 6 * key_count * vertices + 12 * vertices + 8 * corners + faces * (4 + len(obj.material_slots))
    if size > MAXIMUM_BYTES:
        raise SemantifyError(
            f"a model of {key_count} shape keys of {object_name(obj)!r} with its {vertices:,} vertices would take "
            f"{size >> 20} MiB, and a model file holds at most {MAXIMUM_BYTES >> 20}: use fewer keys (include or "
            "exclude some), or a mesh with fewer vertices"
        )


def object_name(obj: bpy.types.Object) -> str:
    """Its name, or what can be said of one whose name is no valid text."""
    return label(obj, "an object whose name is no valid text")
