"""A mesh object with shape keys -> MorphableModel whose coefficients are the keys' values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..core.errors import SemantifyError
from ..core.morphable_model import SUFFIX, MorphableModel
from ..core.names import plain_name
from ..core.sampling import SHAPE_KEYS
from ..core.sparse import mirrored_name
from .appearance import material_regions, texture_bytes
from .choosing import choose_keys, listed
from .reading import read_keys

STANDING = 2.5
"""A mesh that is so many times as tall as it is deep is a standing figure, a smaller ratio a head or an object."""
APART = 0.7
"""Keys named as two sides move different vertices: the cosine between how far they move each one is at most this."""


@dataclass(frozen=True, eq=False)
class KeysModel:
    """model: made from the mesh. left_out: key -> why it is not a coefficient. notes: sentences worth reading."""

    model: MorphableModel
    left_out: dict[str, str]
    notes: tuple[str, ...]

    def summary(self) -> list[str]:
        """What the model was made of, in sentences."""
        used = f"{self.model.component_count} shape keys, {self.model.vertex_count} vertices"
        skipped = [f"{name} ({reason})" for name, reason in self.left_out.items()]
        return [used, *([f"left out: {listed(skipped, 12)}"] if skipped else []), *self.notes]


def model_path(path: Path) -> Path:
    """The path with the models' suffix, whatever part of it was given."""
    return path.with_name(path.name.removesuffix(".npz").removesuffix(".model") + SUFFIX)


def model_of(
    obj: bpy.types.Object,
    include: str | Sequence[str] = (),
    exclude: str | Sequence[str] = (),
    name: str | None = None,
) -> KeysModel:
    """Make a morphable model of a mesh object's own shape keys; the object is not changed.

    Space: the object as it stands in the scene now, rotated and scaled (also by its parents), times the scene's unit
    scale: metres, Z up. Its location does not count. The template is the Basis plus the keys left out, at the values
    they have now. Coefficient k is the value of key k, its range the key's slider range. Modifiers are not applied.

    include, exclude: patterns of key names, see `choosing.choose_keys`. name: of the model, by default the object's.
    Raises SemantifyError when the object cannot be used.
    """
    mesh = read_keys(obj)
    chosen, left_out = choose_keys(mesh, obj.name, include, exclude)
    if not len(obj.data.polygons):
        raise SemantifyError(f"{obj.name!r} has no faces, so nothing of it could be seen in a picture")
    linear = np.array(obj.matrix_world.to_3x3(), np.float64) * bpy.context.scene.unit_settings.scale_length
    if abs(np.linalg.det(linear)) < 1e-18:
        raise SemantifyError(f"{obj.name!r} is scaled to nothing: give its object a scale above zero")
    held = [key for key in mesh.keys if key.name in left_out and not key.muted and key.value]
    template = mesh.basis + sum((key.value * key.displacement for key in held), np.zeros_like(mesh.basis))
    template = (template @ linear.T).astype(np.float32)
    template -= (template.max(0) + template.min(0)) / 2
    basis = np.stack([key.displacement @ linear.T for key in chosen]).astype(np.float32)
    corners, offsets = _faces(obj.data, flipped=np.linalg.det(linear) < 0)
    regions, colours = material_regions(obj)
    uv = _uv(obj.data, flipped=np.linalg.det(linear) < 0)
    texture = texture_bytes(obj) if uv is not None else None
    extra = {"twins": twins(tuple(key.name for key in chosen), basis)}
    model = MorphableModel(
        name=plain_name(name or obj.name),
        template=template,
        basis=basis,
        standard_deviations=np.sqrt((basis.astype(np.float64) ** 2).sum((1, 2))).astype(np.float32),
        corner_vertices=corners,
        face_offsets=offsets,
        uv=uv,
        regions=regions,
        extra=extra if texture is None else {**extra, "texture": texture},
        metadata={
            "family": SHAPE_KEYS,
            "source": f"shape keys of mesh object {obj.name!r}",
            "units": "metres",
            "framing": framing(template, basis, np.array([[key.low, key.high] for key in chosen])),
            "region_colours": colours,
            **mesh.key_set(tuple(key.name for key in chosen)).metadata(),
        },
        ranges=np.array([[key.low, key.high] for key in chosen], np.float32),
    )
    return KeysModel(model, left_out, _notes(obj, tuple(key.name for key in held)))


def twins(names: tuple[str, ...], basis: np.ndarray) -> np.ndarray:
    """For each key the number of the one that does the same on the other side, or its own number.

    Two keys are twins when their names say so and they move different vertices: jawLeft and jawRight are named like
    twins but move the same jaw, so moving both alike would cancel. names: K. basis: (K, V, 3). Returns (K,) int32.
    """
    numbers = {name: k for k, name in enumerate(names)}
    found = np.arange(len(names), dtype=np.int32)
    moved = np.linalg.norm(basis, axis=-1)
    for k, name in enumerate(names):
        other = numbers.get(mirrored_name(name) or "")
        if other is not None and other != k:
            cosine = (
                moved[k] @ moved[other] / max(float(np.linalg.norm(moved[k]) * np.linalg.norm(moved[other])), 1e-12)
            )
            if cosine <= APART:
                found[k], found[other] = other, k
    return found


def framing(template: np.ndarray, basis: np.ndarray, ranges: np.ndarray) -> dict[str, Any]:
    """The window that shows what the keys move: a standing figure whole, or the part around the moving vertices.

    template: (V, 3) metres, basis: (K, V, 3), ranges: (K, 2). Returns metadata for `core.framing.Framing`.
    """
    whole = np.ptp(template, axis=0)
    reach = (np.linalg.norm(basis, axis=-1) * np.abs(ranges).max(1)[:, None]).max(0)
    moving = template[reach > 0.1 * reach.max()]
    low, high = moving.min(0), moving.max(0)
    part = high - low
    if part[2] > 0.6 * whole[2] and whole[2] > STANDING * whole[1]:
        return {"height": float(1.25 * whole.max()), "floor": True}
    if 2.0 * part.max() >= whole.max():
        return {"height": float(1.3 * whole.max()), "floor": False}
    return {"height": float(2.2 * part.max()), "floor": False, "centre": ((low + high) / 2).tolist()}


def _faces(mesh: bpy.types.Mesh, flipped: bool) -> tuple[np.ndarray, np.ndarray]:
    """Corners (L,) and offsets (F + 1,) int32; faces of a mirrored object turned outwards again."""
    corners = np.empty(len(mesh.loops), np.int32)
    mesh.loops.foreach_get("vertex_index", corners)
    starts = np.empty(len(mesh.polygons), np.int32)
    mesh.polygons.foreach_get("loop_start", starts)
    offsets = np.append(starts, len(corners)).astype(np.int32)
    return (corners[_reversed(offsets)] if flipped else corners), offsets


def _uv(mesh: bpy.types.Mesh, flipped: bool) -> np.ndarray | None:
    layer = mesh.uv_layers.active
    if layer is None or len(layer.data) != len(mesh.loops):
        return None
    flat = np.empty(2 * len(mesh.loops), np.float32)
    layer.data.foreach_get("uv", flat)
    uv = flat.reshape(-1, 2)
    if not np.isfinite(uv).all():
        return None
    return uv[_reversed(_faces(mesh, False)[1])] if flipped else uv


def _reversed(offsets: np.ndarray) -> np.ndarray:
    """Corner numbers with every face's corners in reverse order."""
    sizes = np.diff(offsets)
    last = np.repeat(offsets[1:] - 1, sizes)
    return last - (np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes))


def _notes(obj: bpy.types.Object, held: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if any(modifier.type == "MIRROR" and modifier.show_viewport for modifier in obj.modifiers):
        notes.append(f"{obj.name!r} has a Mirror modifier, which is not applied: pictures will show half of it")
    if held:
        notes.append(f"left out but not at 0, so part of the template: {', '.join(held)}")
    return tuple(notes)
