"""Keeping shape and sliders together where no update callback runs: animation, drivers, undo, redo, loading a file.

The rule after every event: the shape is what the mapper makes of the sliders as Blender evaluates them.
Time budget: an update of a file without keyed or driven characters costs well under 0.05 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import bpy
from bpy.app.handlers import persistent

from .character import shared_texts
from .state import memory


def _handler(function: Callable[..., None]) -> Any:
    """A handler that Blender keeps when another file is opened; what it calls can tell that it is one."""

    @persistent
    @wraps(function)
    def guarded(*arguments: object) -> None:
        before, memory.in_handler = memory.in_handler, True
        try:
            function(*arguments)
        finally:
            memory.in_handler = before

    return guarded


def characters() -> Iterator[bpy.types.Mesh]:
    """Meshes that are characters; goes over the shape keys because few meshes have any."""
    for key in bpy.data.shape_keys:
        mesh = key.user
        if isinstance(mesh, bpy.types.Mesh) and len(mesh.semantify.sliders):
            yield mesh


def moves_by_itself(mesh: bpy.types.Mesh) -> bool:
    """Whether Blender sets sliders of this mesh: keyed, driven, or overridden (a library may be reloaded)."""
    # the cheap question first: most meshes of a file have neither
    if mesh.animation_data is None and mesh.override_library is None:
        return False
    return len(mesh.semantify.sliders) > 0 and not mesh.semantify.baked


@_handler
def lead_animation(scene: bpy.types.Scene, *_: object) -> None:
    """Put the frame's shape on meshes whose sliders are keyed, before the frame is evaluated."""
    memory.early.clear()
    for mesh in characters():
        if mesh.animation_data is not None and moves_by_itself(mesh):
            from .character import following

            following.lead(mesh, scene.frame_current_final)


@_handler
def follow_animation(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Put the frame's shape on all other meshes that move: keyed or driven sliders run no update callback."""
    for mesh in characters():
        if moves_by_itself(mesh):
            from .character import following

            # while rendering only the evaluated mesh has the frame's values, the original keeps the old ones
            following.follow_frame(mesh, depsgraph)


@_handler
def follow_update(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Drivers are evaluated without a change of frame, too; Blender runs no handlers for what this one writes."""
    if not depsgraph.id_type_updated("MESH"):
        return
    # the list is made first, as following may change the file
    for mesh in [update.id.original for update in depsgraph.updates if update.id.id_type == "MESH"]:
        if moves_by_itself(mesh):
            from .character import following

            following.follow(mesh, depsgraph)
        elif memory.edited and mesh.session_uid in memory.edited and not mesh.is_editmode:
            from .character import following

            following.follow(mesh)
        if memory.edited and not mesh.is_editmode:
            memory.edited.discard(mesh.session_uid)


@_handler
def follow_undo(*_: object) -> None:
    """After undo and redo sliders may be back without the key values (seen with Edit Mode in the history)."""
    if next(characters(), None) is None:
        return
    memory.forget_undone()
    _follow_all()


@_handler
def follow_load(*_: object) -> None:
    """Forget what belonged to the former file; the new one's shapes and mappers are made now, not during a drag."""
    memory.forget_file()
    if next(characters(), None) is None:
        return
    if any(moves_by_itself(mesh) for mesh in characters()):
        # Blender evaluates the animation after this, and runs handlers only when the depsgraph is there already and
        # something in it is tagged: so make it, and tag what the frame moves
        bpy.context.evaluated_depsgraph_get()
        scene = bpy.context.scene
        scene.frame_current = scene.frame_current
    _follow_all()


def _follow_all() -> None:
    from .character import following

    for mesh in characters():
        if moves_by_itself(mesh):
            # Blender evaluates it soon, and then `follow_update` sees what its sliders really are
            mesh.update_tag()
        following.follow(mesh)


HANDLERS = (
    (bpy.app.handlers.frame_change_pre, lead_animation),
    (bpy.app.handlers.frame_change_post, follow_animation),
    (bpy.app.handlers.depsgraph_update_post, follow_update),
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
