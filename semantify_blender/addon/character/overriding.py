"""Characters from other files: when their sliders can be used here, and how to get there.

Blender overrides the object, not its mesh, and a linked mesh forgets every change when the file is opened again.
"""

from __future__ import annotations

import bpy


def problem(obj: bpy.types.Object) -> str | None:
    """One sentence on why changes of a character from another file would be lost; None when they are kept."""
    mesh = obj.data
    if mesh.library is None:
        if mesh.override_library is not None and mesh.override_library.is_system_override:
            return "The library override of this mesh is not editable: make it so to use the sliders here."
        return None
    if obj.library is not None:
        return (
            "Linked from another file: to use the sliders here, choose Object > Library Override > Make, "
            "then come back to this panel."
        )
    return "The mesh is linked from another file, and changes of it would be lost: override it to use the sliders here."


def can_override(obj: bpy.types.Object) -> bool:
    """Whether `override_mesh` would put `problem` right."""
    return obj.library is None and problem(obj) is not None


def override_mesh(obj: bpy.types.Object) -> None:
    """Give a local or overridden object, and those that share its linked mesh, an editable override of that mesh.

    Raises SemantifyError when Blender refuses.
    """
    from ...core.errors import SemantifyError

    mesh = obj.data
    if mesh.library is not None:
        name = mesh.name
        mesh = mesh.override_create(remap_local_usages=True)
        if mesh is None or obj.data != mesh:
            raise SemantifyError(f"Blender cannot override the mesh {name!r}: make it local (Object > Relations)")
    if mesh.override_library.is_system_override:
        mesh.override_library.is_system_override = False


def made_local(obj: bpy.types.Object) -> bpy.types.Mesh:
    """The mesh of an object; an overridden one becomes this file's own first, and follows its library no more."""
    if obj.data.override_library is not None:
        obj.data.make_local()
    return obj.data
