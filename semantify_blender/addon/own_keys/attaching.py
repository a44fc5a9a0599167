"""A mapper on a mesh of the user's: its descriptors move the shape keys that are there, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np

from ...blender.shape_keys.names import listed
from ...blender.shape_keys.reading import read_keys
from ...blender.shape_keys.ruled import ruled_elsewhere
from ...core.errors import SemantifyError
from ...core.mapper import SUFFIX, Mapper
from ..character import baking, building, embedding, following, key_values, removing, shape


def attach(obj: bpy.types.Object, mapper_path: Path, allow_changes: bool = False) -> list[str]:
    """Give a mesh object the sliders of a mapper that was trained for its shape keys, and put the keys at rest.

    Keys with drivers or keyframes of their own are left alone. A mesh that has a mapper already gets another one.
    allow_changes: attach although the mesh is not as it was in training, as long as it has some of the keys.
    Returns sentences worth telling. Raises SemantifyError, with nothing changed, when the mapper does not fit.
    """
    mapper, content = embedding.load_file(mapper_path)
    names = check_fits(obj, mapper, mapper_path, allow_changes)
    mesh = obj.data
    if mesh.semantify.baked:
        raise SemantifyError(f"{obj.name!r} is baked, and its keyframes would win: press Free Bake first")
    before = {key.name: key.before for key in mesh.semantify.keys}
    ruled = ruled_elsewhere(mesh, names)
    if len(ruled) == len(names):
        raise SemantifyError(
            f"all shape keys that {mapper_path.name} moves have drivers or keyframes of their own on {obj.name!r}, "
            "which would win over the sliders: delete those first"
        )
    blocks = mesh.shape_keys.key_blocks
    same = mesh.semantify.model_checksum == mapper.model_checksum
    fitted = key_values.values_of(mesh) if same and len(mesh.semantify.offset) else None
    with building.kept_sliders(mesh.semantify, mapper, mapper_path):
        _give_back(mesh)
        state = mesh.semantify
        state.keys.clear()
        for name in names:
            key = state.keys.add()
            key.name = name
            key.before = before.get(name, blocks[name].value if name in blocks else 0.0)
            key.left_alone = name in ruled
        state.model_name, state.model_checksum = mapper.model_name, mapper.model_checksum
        state.component_count = mapper.component_count
        shape.set_offset(state, None if fitted is None else np.zeros(mapper.component_count))
        building.remember_mapper(state, mapper, mapper_path.name.removesuffix(SUFFIX), mapper_path, content)
    if fitted is not None:
        shape.keep(mesh.semantify, mapper, fitted)
    return notices(obj)


def check_fits(
    obj: bpy.types.Object, mapper: Mapper, mapper_path: Path, allow_changes: bool = False
) -> tuple[str, ...]:
    """Names of the shape keys that the mapper moves.

    Raises SemantifyError naming what differs unless it was trained for this object's shape keys.
    """
    name = mapper_path.name
    if mapper.keys is None:
        raise SemantifyError(
            f"{name} was trained for the model {mapper.model_name!r}, not for a mesh's own shape keys: choose it under "
            "New Character, or train one for this mesh"
        )
    mesh = read_keys(obj)
    broken = [
        key.name for key in mesh.keys if key.name in mapper.keys.names and not np.isfinite(key.displacement()).all()
    ]
    if broken:
        raise SemantifyError(
            f"shape key {listed(broken)} of {obj.name!r} holds points that are no numbers, and would spoil the whole "
            "mesh: delete the key, or take it from an older file"
        )
    now = mesh.key_set(mapper.keys.names)
    pairs = list(zip(now.names, now.checksums, mapper.keys.checksums, strict=True))
    gone = [key for key, checksum, _ in pairs if not checksum]
    changed = [key for key, checksum, trained in pairs if checksum and checksum != trained]
    if len(gone) == len(pairs):
        raise SemantifyError(f"{name} was trained for {mapper.model_name!r}: {obj.name!r} has none of its shape keys")
    differs = [f"{listed(gone)} missing"] if gone else []
    if len(changed) + len(gone) == len(pairs) > 1:
        differs.append("all other keys changed" if gone else "all keys changed")
    elif changed:
        differs.append(f"{listed(changed)} changed")
    if now.basis != mapper.keys.basis:
        differs.append("the Basis changed")
    if differs and not allow_changes:
        raise SemantifyError(
            f"{name} was trained for {mapper.model_name!r} and {obj.name!r} differs from it: {', '.join(differs)}; "
            "train a mapper for the mesh as it is, or switch on Allow Changes"
        )
    return mapper.keys.names


def detach(obj: bpy.types.Object, keep: bool = False) -> None:
    """Take sliders and mapper away and give the keys the values back that they had before.

    keep: leave the keys, and the keyframes baked on them, as they are now instead.
    """
    mesh = obj.data
    if not keep:
        baking.remove_curves(mesh, key_values.ruled_names(mesh))
        _give_back(mesh)
    removing.forget(mesh)


def notices(obj: bpy.types.Object) -> list[str]:
    """Which of the attached keys do not follow the sliders, and what else keeps the shape from it, a sentence each."""
    mesh = obj.data
    own = mesh.semantify.keys
    if not len(own):
        return []
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys else {}
    names = [key.name for key in own]
    gone = [name for name in names if name not in blocks]
    alone = [key.name for key in own if key.left_alone]
    found = []
    if gone:
        found.append(f"{listed(gone)}: deleted or renamed; the others go on. Undo that, or detach and attach again.")
    if alone:
        found.append(f"{listed(alone)}: left alone, because of drivers or keyframes of their own.")
    return found + following.notices(obj)


def _give_back(mesh: bpy.types.Mesh) -> None:
    """Put the attached keys at the values they had before."""
    values = np.array([key.before for key in mesh.semantify.keys])
    for key, value in zip(key_values.moved_keys(mesh) if len(values) else (), values.tolist(), strict=True):
        if key is not None:
            key.value = value
