"""Slider values -> scores -> coefficients -> the mesh: all that runs while a slider is dragged."""

from __future__ import annotations

import bpy
import numpy as np

from ...core.fitting.solve import offset_coefficients
from ...core.mapper import Mapper
from ...core.model.limits import settled
from . import embedding, key_values, live_key


def reach(mapper: Mapper) -> float:
    """How far the sliders may be typed: 1, or more where the mapper says that it stays inside its population there."""
    return mapper.reach


def slider_values(state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) float32 in −1..1, or as far as the mapper's reach."""
    values = np.empty(len(state.sliders), np.float32)
    state.sliders.foreach_get("value", values)
    return values


def locks(state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) bool."""
    return np.array([slider.lock for slider in state.sliders], bool)


def scores(mapper: Mapper, state: bpy.types.PropertyGroup, values: np.ndarray | None = None) -> np.ndarray:
    """(d,) float32 CLIP scores that the sliders ask for; with Keep Natural on, the free ones follow the rest.

    values: (d,) of the sliders, where they are not (yet) those of the property group.
    """
    values = slider_values(state) if values is None else values
    most = reach(mapper)
    wanted = mapper.scores_from_sliders(np.clip(values, -most, most))
    return mapper.natural_scores(wanted, (values != 0) | locks(state)) if state.keep_natural else wanted


def offset(state: bpy.types.PropertyGroup) -> np.ndarray | None:
    """(K,) float32 that a fit adds to the sliders' coefficients, by Amount; None when the sliders rule alone."""
    if len(state.offset) != state.component_count or state.offset_amount == 0.0:
        return None
    values = np.empty(len(state.offset), np.float32)
    state.offset.foreach_get("value", values)
    values *= state.offset_amount
    return values


def coefficients(mapper: Mapper, state: bpy.types.PropertyGroup, values: np.ndarray | None = None) -> np.ndarray:
    """(K,) float32 that the sliders, and a fit, ask for; of a mesh's own shape keys, their values.

    values: as `scores` takes them.
    """
    added = offset(state)
    if added is None:
        found = mapper.coefficients(scores(mapper, state, values))
    else:
        found = offset_coefficients(mapper, scores(mapper, state, values), added)
    return found if mapper.limits is None else settled(found, mapper.limits)


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


def apply(mesh: bpy.types.Mesh, state: bpy.types.PropertyGroup | None = None, values: np.ndarray | None = None) -> bool:
    """Put the shape that the sliders ask for on the live key, or on the mesh's own keys where a mapper was attached.

    state: where to read the sliders, the mesh's own by default; while rendering only the evaluated mesh's are current.
    values: (d,) of the sliders, where they are known before Blender evaluates them.
    Returns False when nothing could be done: baked (its keyframes rule), or no mapper or model (the panel says why).
    """
    if mesh.semantify.baked:
        return False
    mapper = embedding.mapper_of(mesh)
    state = mesh.semantify if state is None else state
    if mapper is None or len(state.sliders) != len(mapper.descriptors):
        return False
    found = coefficients(mapper, state) if values is None else coefficients(mapper, state, values)
    if not len(mesh.semantify.keys):
        return live_key.write(mesh, found)
    key_values.write(mesh, found)
    return True


def keep(mesh: bpy.types.Mesh, mapper: Mapper, values: np.ndarray) -> None:
    """Make the offset such that the sliders as they are give a shape: values (K,), its coefficients."""
    set_offset(mesh.semantify, values - mapper.coefficients(scores(mapper, mesh.semantify)))
    mesh.update_tag()
    apply(mesh)


def set_values(mesh: bpy.types.Mesh, values: np.ndarray) -> None:
    """Write all sliders, (d,), no further than they reach, and the shape once; foreach_set runs no update callbacks."""
    mapper = embedding.mapper_of(mesh)
    most = 1.0 if mapper is None else reach(mapper)
    mesh.semantify.sliders.foreach_set("value", np.clip(values, -most, most).astype(np.float32))
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
    """Height of the shape in object space, before modifiers: z extent over all vertices."""
    if not len(mesh.vertices):
        return 0.0
    keys = mesh.shape_keys
    if keys is None or len(keys.reference_key.points) != len(mesh.vertices):
        return float(np.ptp([vertex.co.z for vertex in mesh.vertices]))
    z = live_key.points_of(keys.reference_key)[:, 2].copy()
    for key in shaping_keys(mesh):
        if key.value != 0.0 and not key.mute and live_key.moves(mesh, key):
            added = live_key.points_of(key)[:, 2] - live_key.points_of(key.relative_key)[:, 2]
            z += np.float32(key.value) * added
    return float(np.ptp(z))


def key_names(state: bpy.types.PropertyGroup) -> list[str]:
    """Names of the shape keys that carry the shape: the mesh's own where a mapper was attached, else ours.

    Ours are the live key, and beside it those of a bake.
    """
    if len(state.keys):
        return key_values.names(state)
    return [live_key.NAME, *(key.name for key in state.baked_keys if state.baked)]


def shaping_keys(mesh: bpy.types.Mesh) -> list[bpy.types.ShapeKey]:
    """Those of `key_names` that are there."""
    blocks = mesh.shape_keys.key_blocks if mesh.shape_keys is not None else {}
    return [blocks[name] for name in key_names(mesh.semantify) if name in blocks]
