"""Slider values -> scores -> coefficients -> shape-key values: all that runs while a slider is dragged."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.fitting.solve import offset_coefficients
from ...core.mapper import Mapper
from ...core.model.limits import settled
from ..state import memory
from . import embedding


def key_name(component: int) -> str:
    """Name of the relative shape key of a component, counted from 0."""
    return f"Semantify {component + 1:02d}"


def key_names(state: bpy.types.PropertyGroup) -> list[str]:
    """Names of the shape keys behind the coefficients: the mesh's own where a mapper was attached to it, else ours."""
    return [key.name for key in state.keys] or [key_name(i) for i in range(state.component_count)]


def keys_of(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey | None]:
    """The character's shape keys, one per coefficient; None for one that the user deleted or renamed."""
    names = key_names(mesh.semantify)
    if mesh.shape_keys is None:
        return [None] * len(names)
    blocks = mesh.shape_keys.key_blocks
    return [blocks.get(name) for name in names]


def moved_keys(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey | None]:
    """`keys_of` with None for those, too, that have their own drivers or keyframes and are left alone."""
    keys, own = keys_of(mesh), mesh.semantify.keys
    return [None if mine.left_alone else key for mine, key in zip(own, keys, strict=True)] if len(own) else keys


def slider_values(state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) float32 in −1..1."""
    values = np.empty(len(state.sliders), np.float32)
    state.sliders.foreach_get("value", values)
    return values


def locks(state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) bool."""
    return np.array([slider.lock for slider in state.sliders], bool)


def scores(mapper: Mapper, state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) float32 CLIP scores that the sliders ask for; with Keep Natural on, the free ones follow the rest."""
    values = slider_values(state)
    wanted = mapper.scores_from_sliders(values)
    return mapper.natural_scores(wanted, (values != 0) | locks(state)) if state.keep_natural else wanted


def offset(state: bpy.types.PropertyGroup) -> np.ndarray | None:
    """(K,) float32 that a fit adds to the sliders' coefficients, by Amount; None when the sliders rule alone."""
    if len(state.offset) != state.component_count or state.offset_amount == 0.0:
        return None
    values = np.empty(len(state.offset), np.float32)
    state.offset.foreach_get("value", values)
    values *= state.offset_amount
    return values


def coefficients(mapper: Mapper, state: bpy.types.PropertyGroup) -> np.ndarray:
    """(K,) float32 values of the shape keys that the sliders, and a fit, ask for."""
    added = offset(state)
    if added is None:
        values = mapper.coefficients(scores(mapper, state))
    else:
        values = offset_coefficients(mapper, scores(mapper, state), added)
    return values if mapper.limits is None else settled(values, mapper.limits)


FIT = (
    *("fitted_to", "fit_notes", "fit_preview", "fit_measures", "fit_pose", "fit_encoder"),
    *("fit_sex", "fit_height", "fit_weight", "fit_chest", "fit_waist", "fit_hips"),
)
"""What a character remembers of its fit, beside the offset and the pictures."""


def set_offset(state: bpy.types.PropertyGroup, values: np.ndarray | None) -> None:
    """Store what a fit adds, (K,), in full amount; None takes it away, and all that is known about the fit.

    The shape is not updated: `set_values` or `apply` does.
    """
    state.offset.clear()
    # unset, because an assignment would run the update callback
    state.property_unset("offset_amount")
    if values is None:
        # a library override cannot take away what the library's character has
        state.offset.foreach_set("value", np.zeros(len(state.offset), np.float32))
        for name in FIT:
            state.property_unset(name)
        state.pictures.clear()
        return
    for i in range(len(state.offset), len(values)):
        # with a name: a library override keeps only one that has none
        state.offset.add().name = str(i + 1)
    state.offset.foreach_set("value", np.asarray(values, np.float32))


def apply(mesh: bpy.types.Mesh, state: bpy.types.PropertyGroup | None = None) -> bool:
    """Put the shape that the sliders ask for on the shape keys.

    state: where to read the sliders, the mesh's own by default; while rendering only the evaluated mesh's are current.
    Returns False when nothing could be done: baked (its keyframes rule), or no mapper (the panel says why).
    """
    if mesh.semantify.baked:
        return False
    mapper = embedding.mapper_of(mesh)
    state = mesh.semantify if state is None else state
    if mapper is None or len(state.sliders) != len(mapper.descriptors):
        return False
    for key, value in zip(moved_keys(mesh), coefficients(mapper, state).tolist(), strict=False):
        if key is not None and key.value != value:
            key.value = value
    return True


def key_values(mesh: bpy.types.Mesh) -> np.ndarray:
    """(K,) float32 that the shape keys have now; 0 for one that was deleted."""
    return np.array([0.0 if key is None else key.value for key in keys_of(mesh)], np.float32)


def keep(mesh: bpy.types.Mesh, mapper: Mapper, values: np.ndarray) -> None:
    """Make the offset such that the sliders as they are give a shape: values (K,), its coefficients."""
    set_offset(mesh.semantify, values - mapper.coefficients(scores(mapper, mesh.semantify)))
    mesh.update_tag()
    apply(mesh)


def set_values(mesh: bpy.types.Mesh, values: np.ndarray) -> None:
    """Write all sliders, (d,) in −1..1, and the shape once (foreach_set runs no update callbacks)."""
    mesh.semantify.sliders.foreach_set("value", np.clip(values, -1.0, 1.0).astype(np.float32))
    mesh.update_tag()
    apply(mesh)


def shown(values: np.ndarray) -> np.ndarray:
    """Slider values as the panel shows them, with two decimals: Blender would show a small one as 0.00439."""
    return np.round(values, 2)


def random_values(mapper: Mapper, values: np.ndarray, locked: np.ndarray, seed: int, strength: float) -> np.ndarray:
    """A plausible character: scores drawn as they vary together in the training shapes.

    values: (d,) sliders now. locked: (d,) bool, kept; the others are drawn given the locked ones.
    strength: scales the spread, 1 is the training shapes'. Returns (d,) sliders in −1..1, those drawn of two decimals.
    """
    rng = np.random.default_rng(seed)
    covariance = mapper.score_covariance.astype(np.float64)
    offsets = rng.multivariate_normal(np.zeros(len(values)), covariance, check_valid="ignore", method="eigh")
    drawn = mapper.default + strength * offsets.astype(np.float32)
    if locked.any() and not locked.all():
        # conditioning by kriging: shift the free draws by what the locked ones' residuals explain
        residual = mapper.default.copy()
        residual[locked] += mapper.scores_from_sliders(values)[locked] - drawn[locked]
        drawn += mapper.natural_scores(residual, locked) - residual
    return np.where(locked, values, shown(mapper.sliders_from_scores(drawn)))


def height(mesh: bpy.types.Mesh) -> float:
    """Height of the shape in object space, before modifiers: z extent over all vertices; cached until a key moves."""
    keys = [key for key in keys_of(mesh) if key is not None and len(key.points) == len(mesh.vertices)]
    if not len(mesh.vertices):
        return 0.0
    if not keys:
        return float(np.ptp([vertex.co.z for vertex in mesh.vertices]))
    values = [key.value for key in keys]
    cached = memory.heights.get(mesh.session_uid)
    if cached is None or cached[0].shape != (len(keys) + 1, len(mesh.vertices)):
        cached = (_vertical(mesh, keys), [], 0.0)
    if cached[1] != values:
        z = cached[0][0] + np.asarray(values, np.float32) @ cached[0][1:]
        cached = (cached[0], values, float(z.max() - z.min()))
        memory.heights[mesh.session_uid] = cached
    return cached[2]


def forget(mesh: bpy.types.Mesh) -> None:
    """Drop the cached vertices of a mesh: it is being edited."""
    memory.heights.pop(mesh.session_uid, None)


def _vertical(mesh: bpy.types.Mesh, keys: list[bpy.types.ShapeKey]) -> np.ndarray:
    """(K + 1, V) float32: z of the basis, then every key's z offset."""
    rows = [points_of(key)[:, 2].copy() for key in (mesh.shape_keys.reference_key, *keys)]
    rows[1:] = [row - rows[0] for row in rows[1:]]
    return np.stack(rows)


def points_of(key: bpy.types.ShapeKey) -> np.ndarray:
    """(V, 3) float32 object-space positions of a shape key."""
    points = np.empty((len(key.points), 3), np.float32)
    key.points.foreach_get("co", points.ravel())
    return points
