"""The layers of a character: its body, and the face and the expression that it may have been given.

Each is a property group of the same kind with a mapper, a model and sliders of its own. They are three fixed groups and
no list, so that the path of a slider, by which Blender animates and copies it, never changes. One without sliders is
not there.
"""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ...core.layer_names import EXPRESSION, FACE

BODY = ""
"""Name of the group that every character has, `mesh.semantify` itself; the others are below it, by their names."""
HEADS = (FACE, EXPRESSION)
ROOT = "semantify"


def path_of(name: str) -> str:
    """The property path of a layer from its mesh."""
    return f"{ROOT}.{name}" if name else ROOT


def name_of(group: bpy.types.PropertyGroup) -> str:
    """Which layer a property group is, also one of an evaluated mesh."""
    return group.path_from_id()[len(ROOT) + 1 :]


def all_of(state: bpy.types.PropertyGroup) -> dict[str, bpy.types.PropertyGroup]:
    """Name -> group of the layers that a character has; the body comes first. state: a mesh's `semantify`."""
    found = {BODY: state}
    # to ask a mesh that is no character for a layer would leave an empty one on it
    for name in HEADS if len(state.sliders) else ():
        group = getattr(state, name)
        if len(group.sliders):
            found[name] = group
    return found


def of_path(mesh: bpy.types.Mesh, path: str) -> tuple[bpy.types.PropertyGroup, int] | None:
    """The layer and the number of the slider whose value a property path names, as F-curves do.

    None for a path to something else, or to a slider that is not there. Scripts may name a slider by its word.
    """
    before, _, rest = path.partition(".sliders[")
    which, _, what = rest.rpartition("].")
    if what != "value" or before not in PATHS:
        return None
    state = mesh.semantify
    group = getattr(state, PATHS[before]) if PATHS[before] else state
    number = int(which) if which.isdigit() else group.sliders.find(which.strip("\"'"))
    return (group, number) if 0 <= number < len(group.sliders) else None


PATHS = {path_of(name): name for name in (BODY, *HEADS)}


def of_slider(slider: bpy.types.PropertyGroup) -> tuple[bpy.types.PropertyGroup, int]:
    """The layer that a slider is of, and its number there."""
    before, _, number = slider.path_from_id().partition(".sliders[")
    return slider.id_data.path_resolve(before), int(number.removesuffix("]"))


def title_of(name: str) -> str:
    """As the panel calls a layer."""
    return name.capitalize() if name else "Body"


def of_file() -> Iterator[bpy.types.PropertyGroup]:
    """All layers of all characters of the file."""
    for mesh in bpy.data.meshes:
        yield from all_of(mesh.semantify).values()
