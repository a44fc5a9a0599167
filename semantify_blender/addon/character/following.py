"""Making a character's shape follow its sliders where no user waits for the result: callbacks and handlers.

Each character is handled for itself: what goes wrong with one is remembered for its panel, and the others go on.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import bpy

from ...blender.shape_keys.names import listed
from ...blender.shape_keys.ruled import ruled_elsewhere
from ...core.errors import SemantifyError
from ..state import memory
from . import live_key, playback, shape


def follow(mesh: bpy.types.Mesh, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """Put the shape on the mesh that the sliders ask for; never raises.

    depsgraph: where keyed and driven sliders are read as Blender evaluates them. Others are read from the mesh itself:
    the evaluated copy of a hidden object is an old one.
    """
    with _told(mesh):
        animated = depsgraph is not None and mesh.animation_data is not None
        shape.apply(mesh, mesh.evaluated_get(depsgraph).semantify if animated else None)


def follow_frame(mesh: bpy.types.Mesh, depsgraph: bpy.types.Depsgraph) -> None:
    """`follow` once a frame is evaluated: nothing is done where `lead` had the values that Blender came to."""
    values = memory.early.get(mesh.session_uid)
    if values is None or not playback.same(values, shape.all_values(mesh.evaluated_get(depsgraph).semantify)):
        follow(mesh, depsgraph)


def lead(mesh: bpy.types.Mesh, frame: float) -> None:
    """Put a frame's shape on the mesh before Blender evaluates the frame, which then is done once; never raises.

    Where more than keyframes decides, nothing is done, and `follow_frame` does it after.
    """
    with _told(mesh):
        values = playback.all_values(mesh, frame)
        if values is not None and shape.apply(mesh, values=values):
            memory.early[mesh.session_uid] = values


@contextmanager
def _told(mesh: bpy.types.Mesh) -> Iterator[None]:
    """Whatever goes wrong is remembered for the panel: it must not stop the characters that come after."""
    try:
        yield
    except Exception as error:
        # each is told of once
        text = str(error) if isinstance(error, SemantifyError) else f"{type(error).__name__}: {error}"
        if memory.failures.get(mesh.session_uid) != text:
            memory.failures[mesh.session_uid] = text
            traceback.print_exc()
    else:
        if memory.failures:
            memory.failures.pop(mesh.session_uid, None)


def notices(obj: bpy.types.Object) -> list[str]:
    """What keeps the shape from being what the sliders say, a sentence each."""
    mesh, state = obj.data, obj.data.semantify
    found = []
    failure = memory.failures.get(mesh.session_uid)
    if failure:
        found.append(f"The sliders cannot shape {mesh.name!r} ({failure}): undo the last change, or choose its mapper.")
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys else {}
    names = [name for name in shape.key_names(state) if name in blocks]
    if state.baked and not len(state.keys):
        names.remove(live_key.NAME)
    if not state.baked:
        alone = {key.name for key in state.keys if key.left_alone}
        ruled = [name for name in ruled_elsewhere(mesh, names) if name not in alone]
        if ruled:
            found.append(f"{listed(ruled)}: drivers or keyframes added since win over the sliders.")
    muted = [name for name in names if blocks[name].mute]
    if muted:
        found.append(f"{listed(muted)}: muted in the list of shape keys.")
    if obj.show_only_shape_key:
        found.append("The object shows its active shape key only: switch off the pin under Object Data > Shape Keys.")
    if obj.mode != "OBJECT" and obj.active_shape_key is not None and obj.active_shape_key.name == live_key.NAME:
        found.append(
            f"What is sculpted on the shape key {live_key.NAME} is lost with the next slider change: choose the Basis, "
            "or a key of your own."
        )
    return found
