"""A mesh object with shape keys -> MorphableModel whose coefficients are the keys' values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from ...core.errors import FileFormatError, SemantifyError
from ...core.files.bounds import LARGEST
from ...core.files.names import plain_name
from ...core.files.writing import write_aside
from ...core.model.key_set import array_checksum
from ...core.model.morphable_model import SUFFIX, MorphableModel
from ...core.model.sampling import SHAPE_KEYS
from ...core.model.sparse import mirrored_name
from .appearance import active_uv, image_notes, material_regions, texture_of
from .choosing import choose_keys, nothing_left
from .faces import Faces, faces_of
from .names import listed
from .placement import check_extent, linear_of
from .preflight import check_faces, check_size, object_name
from .reading import Key, KeyedMesh, read_keys
from .shells import seen_through
from .window import framing

APART = 0.7
"""Keys named as two sides move different vertices: the cosine between how far they move each one is at most this."""
_RESHAPING = ("MIRROR", "ARRAY", "BOOLEAN", "MASK", "NODES", "REMESH", "SKIN", "SCREW", "BUILD", "MESH_TO_VOLUME")


@dataclass(frozen=True, eq=False)
class KeysModel:
    """model: made from the mesh. left_out: key -> why it is not a coefficient. notes: sentences worth reading."""

    model: MorphableModel
    left_out: dict[str, str]
    notes: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write `*.model.npz`, and read it back before it gets its name: nothing is written that no one could read.

        Raises SemantifyError.
        """
        with write_aside(path) as aside:
            self.model.save(aside)
            try:
                MorphableModel.load(aside)
            except FileFormatError as error:
                problem = str(error).partition(": ")[2]
                raise SemantifyError(f"{path} was not written, since it could not be read again: {problem}") from error

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
    include_driven: bool = False,
) -> KeysModel:
    """Make a morphable model of a mesh object's own shape keys; the object is not changed.

    Space: the object as it stands in its scene now, rotated and scaled (also by its parents), times the scene's unit
    scale: metres, Z up. Its location does not count. The template is the Basis plus the keys left out, at the values
    they have now. Coefficient k is the value of key k, its range the key's slider range. Modifiers are not applied.
    All vertices are taken along; faces that are seen through, or that Blender's renderer refuses, are not.

    include, exclude, include_driven: see `choosing.choose_keys`. name: of the model, by default the object's.
    Raises SemantifyError when the object cannot be used.
    """
    mesh = read_keys(obj)
    chosen, left_out = choose_keys(mesh, obj, include, exclude, include_driven)
    check_faces(obj)
    check_size(obj, len(chosen))
    linear = linear_of(obj)
    check_extent(obj, float(np.ptp(mesh.basis @ linear.T, axis=0).max()))
    chosen, basis = _basis(obj, mesh, chosen, left_out, linear)
    held, template = _template(mesh, left_out)
    template = (template @ linear.T).astype(np.float32)
    template -= (template.max(0) + template.min(0)) / 2
    faces, face_notes = _faces(obj, np.linalg.det(linear) < 0, _moved(basis))
    regions, colours = material_regions(obj)
    regions = {region: mask[faces.kept] for region, mask in regions.items() if mask[faces.kept].any()}
    painted = texture_of(obj, faces.kept)
    uv = active_uv(obj.data) if painted is None else painted[1]
    names = tuple(key.name for key in chosen)
    extra = {"twins": twins(names, basis)}
    window, outside = framing(template, basis)
    model = MorphableModel(
        name=plain_name(name or object_name(obj)),
        template=template,
        basis=basis,
        standard_deviations=np.array([np.linalg.norm(one.astype(np.float64)) for one in basis], np.float32),
        corner_vertices=faces.corners,
        face_offsets=faces.offsets,
        uv=None if uv is None else uv[faces.loops],
        regions=regions,
        extra=extra if painted is None else {**extra, "texture": painted[0]},
        metadata={
            "family": SHAPE_KEYS,
            "source": f"shape keys of mesh object {object_name(obj)!r}",
            "units": "metres",
            "framing": window,
            "region_colours": {region: colours[region] for region in regions},
            **mesh.key_set(names).metadata(),
        },
        ranges=np.array([[key.low, key.high] for key in chosen], np.float32),
    )
    away = [name for name, out in zip(names, outside.tolist(), strict=True) if out]
    notes = [*_modifier_notes(obj), *held, *face_notes, *image_notes(obj)]
    if away:
        notes.append(f"act outside the pictures, which show what most keys move: {listed(away)}; better excluded")
    return KeysModel(model, {key.name: left_out[key.name] for key in mesh.keys if key.name in left_out}, tuple(notes))


def _basis(
    obj: bpy.types.Object, mesh: KeyedMesh, chosen: Sequence[Key], left_out: dict[str, str], linear: np.ndarray
) -> tuple[tuple[Key, ...], np.ndarray]:
    """The chosen keys whose points are of use, and their displacements (K, V, 3) float32 in metres.

    The others are added to `left_out`. One key at a time: all of them at once may be gigabytes.
    """
    basis = np.empty((len(chosen), len(mesh.basis), 3), np.float32)
    kept: list[Key] = []
    seen: dict[str, str] = {}
    for key in chosen:
        moved = key.displacement()
        reason = mesh.useless(moved)
        if reason is None:
            first = seen.setdefault(array_checksum(moved), key.name)
            reason = None if first == key.name else f"the same as {first}"
        if reason is not None:
            left_out[key.name] = reason
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            basis[len(kept)] = moved @ linear.T
        if not np.abs(basis[len(kept)]).max() <= LARGEST:
            left_out[key.name] = f"moves points by more than {LARGEST / 1000:g} km"
            continue
        kept.append(key)
    if not kept:
        raise nothing_left(obj, left_out)
    return tuple(kept), basis[: len(kept)]


def _moved(basis: np.ndarray) -> np.ndarray:
    """(V,) bool: vertices that any key moves. basis: (K, V, 3), gone over key by key, since it may be gigabytes."""
    moved = np.zeros(basis.shape[1], bool)
    for one in basis:
        moved |= one.any(1)
    return moved


def _template(mesh: KeyedMesh, left_out: dict[str, str]) -> tuple[list[str], np.ndarray]:
    """Notes, and the Basis with the keys that are left out at their values (V, 3), object space.

    A corrective's value belongs to the other keys' values, which are at rest in the template: so is it.
    """
    template, held, resting = mesh.basis.astype(np.float64), [], []
    for key in mesh.keys:
        if key.name not in left_out or key.muted or not key.value:
            continue
        moved = key.displacement()
        if key.corrective or not np.isfinite(moved).all():
            resting.append(key.name)
            continue
        template += key.value * moved
        held.append(key.name)
    notes = [f"left out but not at 0, so part of the template: {', '.join(held)}"] if held else []
    if resting:
        notes.append(f"left out and taken as 0, whatever their value is now: {', '.join(resting)}")
    return notes, template


def _faces(obj: bpy.types.Object, flipped: bool, moved: np.ndarray) -> tuple[Faces, list[str]]:
    """The faces that pictures show, and notes about the others. moved: (V,) bool, vertices that any key moves.

    Raises SemantifyError when the renderer would take none of them.
    """
    mesh = obj.data
    everything = np.ones(len(mesh.polygons), bool)
    whole = faces_of(mesh, flipped, everything)
    if not whole.kept.any():
        raise SemantifyError(f"{object_name(obj)!r} has only faces without area: clean the mesh up (Merge by Distance)")
    notes = []
    broken = int((~whole.kept).sum())
    if broken:
        notes.append(f"not in the pictures: {broken} faces that lie on others or have a corner twice")
    clear = seen_through(obj)
    if not clear.any():
        return whole, notes
    faces = faces_of(mesh, flipped, ~clear)
    if not faces.kept.any() or not moved[faces.corners].any():
        return whole, notes  # clear or not, they are all there is to see of the keys
    notes.append(
        f"not in the pictures, since they are seen through: {int(clear.sum())} faces of {_clear_names(obj, clear)}"
    )
    return faces, notes


def _clear_names(obj: bpy.types.Object, clear: np.ndarray) -> str:
    regions, _ = material_regions(obj)
    return listed([name for name, mask in regions.items() if (mask & clear).any()])


def twins(names: tuple[str, ...], basis: np.ndarray) -> np.ndarray:
    """For each key the number of the one that does the same on the other side, or its own number.

    Two keys are twins when their names say so and they move different vertices: jawLeft and jawRight are named like
    twins but move the same jaw, so moving both alike would cancel. names: K. basis: (K, V, 3). Returns (K,) int32.
    """
    numbers = {name: k for k, name in enumerate(names)}
    found = np.arange(len(names), dtype=np.int32)
    moved = np.stack([np.linalg.norm(one, axis=-1) for one in basis])
    for k, name in enumerate(names):
        other = numbers.get(mirrored_name(name) or "")
        if other is not None and other != k:
            cosine = (
                moved[k] @ moved[other] / max(float(np.linalg.norm(moved[k]) * np.linalg.norm(moved[other])), 1e-12)
            )
            if cosine <= APART:
                found[k], found[other] = other, k
    return found


def _modifier_notes(obj: bpy.types.Object) -> list[str]:
    """A sentence about modifiers that make another mesh than the one with the keys."""
    shown = [modifier for modifier in obj.modifiers if modifier.show_viewport and modifier.type in _RESHAPING]
    notes = []
    if any(modifier.type == "MIRROR" for modifier in shown):
        notes.append(f"{object_name(obj)!r} has a Mirror modifier, which is not applied: pictures will show half of it")
    others = [modifier.bl_rna.name.removesuffix(" Modifier") for modifier in shown if modifier.type != "MIRROR"]
    if others:
        notes.append(
            f"not applied, so not in the pictures, are the modifiers of {object_name(obj)!r}: {listed(others)}"
        )
    return notes
