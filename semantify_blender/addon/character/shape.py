"""Slider values -> scores -> coefficients -> the mesh: all that runs while a slider is dragged."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ...core.fitting.solve import offset_coefficients
from ...core.mapper import Mapper
from ...core.model.limits import settled
from ..state import memory
from . import embedding, key_values, layers, live_key, rigs


def reach(mapper: Mapper) -> float:
    """How far the sliders may be typed: 1, or more where the mapper says that it stays inside its population there."""
    return mapper.reach


def slider_values(state: bpy.types.PropertyGroup) -> np.ndarray:
    """(d,) float32 in −1..1, or as far as the mapper's reach.

    state: here and below a mesh's `semantify` for the body, or that of another layer.
    """
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
    wanted, added = scores(mapper, state, values), offset(state)
    key = state.id_data.original.session_uid, layers.name_of(state)
    kept = memory.asked.get(key)
    if kept is not None and kept[0] is mapper and np.array_equal(kept[1], wanted) and _same(kept[2], added):
        return kept[3]
    found = mapper.coefficients(wanted) if added is None else offset_coefficients(mapper, wanted, added)
    found = found if mapper.limits is None else settled(found, mapper.limits)
    memory.asked[key] = (mapper, wanted, added, found)
    return found


def _same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    return one is other if one is None or other is None else np.array_equal(one, other)


def asked(
    mesh: bpy.types.Mesh,
    state: bpy.types.PropertyGroup | None = None,
    values: dict[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray] | None:
    """Coefficients (K,) that each layer of a character asks for; None when a mapper is missing or is another one.

    state: the mesh's `semantify` to read, its own by default. values: as `all_values` gives them.
    """
    found = {}
    for name, layer in layers.all_of(mesh.semantify if state is None else state).items():
        mapper = embedding.mapper_of(layer)
        if mapper is None or len(layer.sliders) != len(mapper.descriptors):
            return None
        found[name] = coefficients(mapper, layer) if values is None else coefficients(mapper, layer, values[name])
    return found


def all_values(state: bpy.types.PropertyGroup) -> dict[str, np.ndarray]:
    """Slider values (d,) float32 of each layer of a character. state: a mesh's `semantify`."""
    return {name: slider_values(layer) for name, layer in layers.all_of(state).items()}


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


def apply(
    mesh: bpy.types.Mesh,
    state: bpy.types.PropertyGroup | None = None,
    values: dict[str, np.ndarray] | None = None,
) -> bool:
    """Put the shape that the sliders ask for on the live key, or on the mesh's own keys where a mapper was attached.

    The bones of its rigs go along where the mesh's own sliders are read.

    state: where to read the sliders, the mesh's own by default; while rendering only the evaluated mesh's are current.
    values: of each layer's sliders, (d,), where they are known before Blender evaluates them.
    Returns False when nothing could be done: baked (its keyframes rule), or no mapper or model (the panel says why).
    """
    if mesh.semantify.baked:
        return False
    found = asked(mesh, state, values)
    if found is None:
        return False
    if not len(mesh.semantify.keys):
        done = live_key.write(mesh, found)
        if state is None and values is None:
            rigs.follow(mesh, found[layers.BODY])
        return done
    key_values.write(mesh, found[layers.BODY])
    return True


def keep(state: bpy.types.PropertyGroup, mapper: Mapper, values: np.ndarray) -> None:
    """Make the offset such that a layer's sliders as they are give a shape: values (K,), its coefficients."""
    set_offset(state, values - mapper.coefficients(scores(mapper, state)))
    state.id_data.update_tag()
    apply(state.id_data)


def set_values(state: bpy.types.PropertyGroup, values: np.ndarray) -> None:
    """Write all sliders of a layer, (d,), no further than they reach, and the shape once.

    foreach_set runs no update callbacks.
    """
    mapper = embedding.mapper_of(state)
    most = 1.0 if mapper is None else reach(mapper)
    state.sliders.foreach_set("value", np.clip(values, -most, most).astype(np.float32))
    state.id_data.update_tag()
    apply(state.id_data)


def shown(values: np.ndarray) -> np.ndarray:
    """Slider values as the panel shows them, with two decimals: Blender would show a small one as 0.00439."""
    return np.round(values, 2)


def random_values(
    mapper: Mapper, values: np.ndarray, locked: np.ndarray, seed: int | Sequence[int], strength: float
) -> np.ndarray:
    """A plausible character: scores drawn as they vary together in the training shapes.

    values: (d,) sliders now. locked: (d,) bool, kept; the others are drawn given the locked ones.
    strength: scales the spread, 1 is the training shapes'. Returns (d,) sliders within the mapper's reach, those drawn
    of two decimals.
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
