"""A mesh object's shape keys as arrays, in object space: what Blender adds to the Basis for a key at value 1."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ..core.errors import SemantifyError
from ..core.key_set import KeySet, array_checksum

STILL = 1e-6
"""A key that moves no vertex by more than this share of the mesh's size does nothing."""


@dataclass(frozen=True, eq=False)
class Key:
    """One relative shape key.

    displacement: (V, 3) float32 in object space, what value 1 adds, vertex-group mask included.
    low, high: the slider's range. value: now. muted: switched off in the list.
    """

    name: str
    displacement: np.ndarray
    low: float
    high: float
    value: float
    muted: bool

    def unusable(self, size: float) -> str | None:
        """Why a slider could not use it, in a few words; None when it could. size: of the mesh, object space."""
        if self.muted:
            return "muted"
        if not self.low < self.high:
            return f"its range is {self.low:g} to {self.high:g}"
        return "moves nothing" if np.abs(self.displacement).max() <= STILL * size else None


@dataclass(frozen=True, eq=False)
class KeyedMesh:
    """basis: (V, 3) float32 in object space. keys: all relative keys but the Basis, in the list's order."""

    basis: np.ndarray
    keys: tuple[Key, ...]

    @property
    def size(self) -> float:
        """Longest side of the Basis' bounding box, object space."""
        return float(np.ptp(self.basis, axis=0).max())

    def key_set(self, names: tuple[str, ...]) -> KeySet:
        """Checksums of the Basis and of the named keys; a key that is not there has none, as text ""."""
        found = {key.name: array_checksum(key.displacement) for key in self.keys if key.name in names}
        return KeySet(names, tuple(found.get(name, "") for name in names), array_checksum(self.basis))


def has_keys(obj: bpy.types.Object | None) -> bool:
    """True for a mesh object with at least one shape key beside the Basis."""
    if obj is None or obj.type != "MESH" or obj.data.shape_keys is None:
        return False
    return len(obj.data.shape_keys.key_blocks) > 1


def read_keys(obj: bpy.types.Object) -> KeyedMesh:
    """Read the shape keys of a mesh object; nothing is changed.

    Every key counts relative to its own relative key, and through its vertex group, as Blender evaluates it.
    Raises SemantifyError for an object without shape keys, with absolute ones, or in Edit Mode.
    """
    if not has_keys(obj):
        raise SemantifyError(f"{obj.name!r} has no shape keys: choose a mesh that has some beside its Basis")
    mesh = obj.data
    if obj.mode == "EDIT":
        raise SemantifyError(f"{obj.name!r} is in Edit Mode, where its shape keys are not up to date: leave it first")
    if not mesh.shape_keys.use_relative:
        raise SemantifyError(
            f"the shape keys of {obj.name!r} are absolute, a sequence played by Evaluation Time: "
            "switch on Relative in Object Data > Shape Keys"
        )
    blocks = mesh.shape_keys.key_blocks
    places = {block.name: _points(block) for block in blocks}
    masks = _masks(obj, {block.vertex_group for block in blocks if block.vertex_group})
    keys = []
    for block in blocks:
        if block == mesh.shape_keys.reference_key:
            continue
        moved = places[block.name] - places[block.relative_key.name]
        if block.vertex_group in masks:
            moved *= masks[block.vertex_group][:, None]
        keys.append(Key(block.name, moved, block.slider_min, block.slider_max, block.value, block.mute))
    return KeyedMesh(places[mesh.shape_keys.reference_key.name], tuple(keys))


def _points(block: bpy.types.ShapeKey) -> np.ndarray:
    flat = np.empty(3 * len(block.points), np.float32)
    block.points.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def _masks(obj: bpy.types.Object, names: set[str]) -> dict[str, np.ndarray]:
    """(V,) float32 weights of the named vertex groups. A name without a group masks nothing, as in Blender."""
    numbers = {obj.vertex_groups[name].index: name for name in names if name in obj.vertex_groups}
    if not numbers:
        return {}
    masks = {name: np.zeros(len(obj.data.vertices), np.float32) for name in numbers.values()}
    for vertex in obj.data.vertices:
        for group in vertex.groups:
            if group.group in numbers:
                masks[numbers[group.group]][vertex.index] = group.weight
    return masks
