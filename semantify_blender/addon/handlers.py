"""Keeping shape and sliders together where no update callback runs: animation, undo, redo, loading a file.

Time budget: a file without characters costs one look at its shape-key datablocks, well under 0.1 ms.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy
from bpy.app.handlers import persistent

from . import shared_texts


def characters() -> Iterator[bpy.types.Mesh]:
    """Meshes that are characters; goes over the shape keys because few meshes have any."""
    for key in bpy.data.shape_keys:
        mesh = key.user
        if isinstance(mesh, bpy.types.Mesh) and len(mesh.semantify.sliders):
            yield mesh


@persistent
def follow_animation(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Put the frame's shape on the keys: keyed or driven sliders run no update callback."""
    for mesh in characters():
        if mesh.animation_data is not None and not mesh.semantify.baked:
            from . import shape

            # while rendering only the evaluated mesh has the frame's values, the original keeps the old ones
            shape.apply(mesh, mesh.evaluated_get(depsgraph).semantify)


@persistent
def follow_undo(*_: object) -> None:
    """After undo and redo sliders may be back without the key values (seen with Edit Mode in the history)."""
    for mesh in characters():
        from . import embedding, shape

        embedding.forget()
        shape.forget(mesh)
        shape.apply(mesh)


@persistent
def follow_load(*_: object) -> None:
    """Forget what belonged to the former file and decode the new one's mappers now, not during a drag."""
    from . import catalogue

    catalogue.refresh()
    for mesh in characters():
        from . import embedding, shape

        shape.forget()
        embedding.forget()
        embedding.mapper_of(mesh)


HANDLERS = (
    (bpy.app.handlers.frame_change_post, follow_animation),
    (bpy.app.handlers.undo_post, follow_undo),
    (bpy.app.handlers.redo_post, follow_undo),
    (bpy.app.handlers.load_post, follow_load),
    *shared_texts.HANDLERS,
)


def register() -> None:
    """Install the handlers."""
    for handlers, function in HANDLERS:
        handlers.append(function)


def unregister() -> None:
    """Remove the handlers."""
    for handlers, function in reversed(HANDLERS):
        if function in handlers:
            handlers.remove(function)
