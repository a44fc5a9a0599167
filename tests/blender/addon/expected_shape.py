"""What a character's evaluated vertices must be, by mapper and model alone: core and numbers, nothing of the add-on."""

import hashlib
from pathlib import Path

import numpy as np

from semantify_blender.core.fitting.solve import offset_coefficients
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.limits import settled
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import on_the_floor
from tests.blender.tier import bpy

BAKED = "expected_bake"
"""Custom property of a baked mesh: coefficients of its frames from `bake_start` on, one after the other."""


class ExpectedShapes:
    """Mappers and models of a data folder by checksum, and the vertices that they ask for."""

    def __init__(self, *folders: Path) -> None:
        self.mappers: dict[str, Mapper] = {}
        self.models: dict[str, MorphableModel] = {}
        for folder in folders:
            for path in folder.rglob("*.mapper.npz"):
                self.mappers[hashlib.sha256(path.read_bytes()).hexdigest()] = Mapper.load(path)
            for path in folder.rglob("*.model.npz"):
                model = MorphableModel.load(path)
                if model.parts or model.checksum not in self.models:
                    self.models[model.checksum] = model

    def coefficients(self, state: bpy.types.PropertyGroup) -> np.ndarray:
        """(K,) for the sliders of a property group, of the evaluated mesh."""
        mapper = self.mappers[state.mapper_checksum]
        assert [slider.name for slider in state.sliders] == list(mapper.descriptors)
        values = np.array([slider.value for slider in state.sliders], np.float32)
        # drivers may ask for more than the mapper allows
        scores = mapper.scores_from_sliders(np.clip(values, -mapper.reach, mapper.reach))
        if state.keep_natural:
            held = (values != 0) | np.array([slider.lock for slider in state.sliders])
            scores = mapper.natural_scores(scores, held)
        found = mapper.coefficients(scores)
        if len(state.offset):
            added = state.offset_amount * np.array([entry.value for entry in state.offset], np.float32)
            found = offset_coefficients(mapper, scores, added)
        return found if mapper.limits is None else settled(found, mapper.limits)

    def vertices(self, mesh: bpy.types.Mesh, depsgraph: bpy.types.Depsgraph) -> np.ndarray:
        """(V, 3) float64 in object space that a character must have now."""
        state = mesh.evaluated_get(depsgraph).semantify
        model = self.models[state.model_checksum]
        if state.baked:
            frame = min(max(depsgraph.scene.frame_current, state.bake_start), state.bake_end)
            rows = np.array(mesh[BAKED]).reshape(-1, model.component_count)
            values = rows[frame - state.bake_start].astype(np.float32)
        else:
            values = self.coefficients(state)
        if len(state.keys):
            return model.vertices(values).astype(np.float64)
        body = on_the_floor(model, values)
        if not state.outfit:
            return body
        worn = model.dressed(state.outfit).model
        return worn.vertices(values).astype(np.float64) + (body[0] - model.vertices(values)[0])

    def error(self, obj: bpy.types.Object) -> float:
        """Largest distance in metres between an object, as Blender evaluates it, and what its sliders ask for."""
        depsgraph = bpy.context.evaluated_depsgraph_get()
        mesh = obj.evaluated_get(depsgraph).data
        found = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", found)
        wanted = self.vertices(obj.data, depsgraph)
        return float(np.linalg.norm(found.reshape(-1, 3) - wanted, axis=1).max())
