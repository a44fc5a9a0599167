"""A mesh object's shape keys, in object space: what Blender adds to the Basis for a key at value 1."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from ...core.errors import SemantifyError
from ...core.files.bounds import SMALLEST
from ...core.model.key_set import KeySet, array_checksum
from .names import readable
from .preflight import check_keys, has_keys, object_name
from .ruled import correctives, ruled_elsewhere

__all__ = ["Key", "KeyedMesh", "has_keys", "read_keys"]

STILL = 1e-6
"""A key that moves no vertex by more than this share of the mesh's size does nothing."""


@dataclass(frozen=True, eq=False)
class Key:
    """One relative shape key; its points are read when they are asked for, so that a list of keys costs nothing.

    low, high: the slider's range. value: now. muted: switched off in the list.
    ruled: "driver" or "keyframes" when the value has some. corrective: its driver reads other keys of the mesh.
    named: False for a name that is no valid text; such a key is called by its number.
    """

    name: str
    low: float
    high: float
    value: float
    muted: bool
    ruled: str | None
    corrective: bool
    named: bool
    block: bpy.types.ShapeKey
    masks: dict[str, np.ndarray]

    def displacement(self) -> np.ndarray:
        """(V, 3) float32 in object space, what value 1 adds, vertex-group mask included. It may hold NaN."""
        with np.errstate(invalid="ignore", over="ignore"):
            moved = _points(self.block) - _points(self.block.relative_key)
            mask = self.masks.get(readable(self.block, "", "vertex_group"))
            if mask is not None:
                moved *= mask[:, None]
        return moved

    def unusable(self) -> str | None:
        """Why a slider could not use it whatever its points are, in a few words; None when it could."""
        if not self.named:
            return "its name is no valid text, rename it"
        if self.muted:
            return "muted"
        return None if self.high - self.low >= SMALLEST else f"its range is {self.low:g} to {self.high:g}"


@dataclass(frozen=True, eq=False)
class KeyedMesh:
    """basis: (V, 3) float32 in object space. keys: all relative keys but the Basis, in the list's order."""

    basis: np.ndarray
    keys: tuple[Key, ...]

    @property
    def size(self) -> float:
        """Longest side of the Basis' bounding box, object space."""
        return float(np.ptp(self.basis, axis=0).max())

    def useless(self, displacement: np.ndarray) -> str | None:
        """Why a key with these points (V, 3) could not be used, in a few words; None when it could."""
        if not np.isfinite(displacement).all():
            return "holds points that are no numbers"
        return "moves nothing" if np.abs(displacement).max() <= STILL * self.size else None

    def key_set(self, names: tuple[str, ...]) -> KeySet:
        """Checksums of the Basis and of the named keys; a key that is not there has none, as text ""."""
        wanted = set(names)
        found = {key.name: array_checksum(key.displacement()) for key in self.keys if key.name in wanted}
        return KeySet(names, tuple(found.get(name, "") for name in names), array_checksum(self.basis))


def read_keys(obj: bpy.types.Object) -> KeyedMesh:
    """Read the shape keys of a mesh object; nothing is changed.

    Every key counts relative to its own relative key, and through its vertex group, as Blender evaluates it.
    Raises SemantifyError for an object that `check_keys` refuses, and for a Basis that is not finite.
    """
    check_keys(obj)
    mesh = obj.data
    blocks = mesh.shape_keys.key_blocks
    basis = _points(mesh.shape_keys.reference_key)
    bad = int((~np.isfinite(basis)).any(1).sum())
    if bad:
        raise SemantifyError(
            f"the Basis of {object_name(obj)!r} holds {bad} points that are no numbers: delete those vertices, or "
            "take the mesh from an older file"
        )
    names = [readable(block, "") for block in blocks]
    ruled, correcting = ruled_elsewhere(mesh, filter(None, names)), correctives(mesh, filter(None, names))
    groups = {readable(block, "", "vertex_group") for block in blocks}
    masks = _masks(obj, groups - {""})
    keys = []
    for number, (name, block) in enumerate(zip(names, blocks, strict=True)):
        if block == mesh.shape_keys.reference_key:
            continue
        shown, low, high = name or f"number {number}", block.slider_min, block.slider_max
        rule, corrects = ruled.get(name), name in correcting
        value = block.value if np.isfinite(block.value) else 0.0
        keys.append(Key(shown, low, high, value, block.mute, rule, corrects, bool(name), block, masks))
    return KeyedMesh(basis, tuple(keys))


def _points(block: bpy.types.ShapeKey) -> np.ndarray:
    flat = np.empty(3 * len(block.points), np.float32)
    block.points.foreach_get("co", flat)
    return flat.reshape(-1, 3)


def _masks(obj: bpy.types.Object, names: set[str]) -> dict[str, np.ndarray]:
    """(V,) float32 weights of the named vertex groups. A name without a group masks nothing, as in Blender."""
    numbers = {}
    for group in obj.vertex_groups:
        if readable(group, "") in names:
            numbers[group.index] = group.name
    if not numbers:
        return {}
    masks = {name: np.zeros(len(obj.data.vertices), np.float32) for name in numbers.values()}
    for vertex in obj.data.vertices:
        for group in vertex.groups:
            if group.group in numbers:
                masks[numbers[group.group]][vertex.index] = group.weight
    return masks
