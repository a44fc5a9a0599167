"""Making a character's shape follow its sliders where no user waits for the result: callbacks and handlers.

Each character is handled for itself: what goes wrong with one is remembered for its panel, and the others go on.
"""

from __future__ import annotations

import traceback

import bpy

from ...blender.shape_keys.names import listed
from ...blender.shape_keys.ruled import ruled_elsewhere
from ...core.errors import SemantifyError
from ..state import memory
from . import embedding, shape


def follow(mesh: bpy.types.Mesh, depsgraph: bpy.types.Depsgraph | None = None) -> None:
    """Put the shape on the keys that the sliders ask for; never raises.

    depsgraph: where keyed and driven sliders are read as Blender evaluates them. Others are read from the mesh itself:
    the evaluated copy of a hidden object is an old one.
    """
    try:
        animated = depsgraph is not None and mesh.animation_data is not None
        shape.apply(mesh, mesh.evaluated_get(depsgraph).semantify if animated else None)
    except Exception as error:
        # whatever it is, one broken character must not stop those that come after it; each is told of once
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
    mapper = embedding.mapper_of(mesh)
    if mapper is not None and len(state.sliders) != len(mapper.descriptors):
        found.append(
            f"{mesh.name!r} has {len(state.sliders)} sliders and its mapper {len(mapper.descriptors)} words, so they "
            "do nothing: choose the mapper again."
        )
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys else {}
    names = [name for name in shape.key_names(state) if name in blocks]
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
    return found
