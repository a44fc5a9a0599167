"""What a character's evaluated vertices must be, by mapper and model alone: core and numbers, nothing of the add-on."""

import hashlib
from pathlib import Path

import numpy as np

from semantify_blender.core.fitting.solve import offset_coefficients
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.head_on_body import HeadOnBody
from semantify_blender.core.model.limits import settled
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import on_the_floor
from tests.blender.tier import bpy

BAKED = "expected_bake"
"""Custom property of a baked mesh: of each layer, coefficients of its frames from `bake_start` on, in a row."""
LAYERS = ("body", "face", "expression")


class ExpectedShapes:
    """Mappers and models of a data folder by checksum, and the vertices that they ask for."""

    def __init__(self, *folders: Path) -> None:
        self.mappers: dict[str, Mapper] = {}
        self.models: dict[str, MorphableModel] = {}
        self.heads: dict[tuple[str, str], HeadOnBody] = {}
        for folder in folders:
            for path in folder.rglob("*.mapper.npz"):
                self.mappers[hashlib.sha256(path.read_bytes()).hexdigest()] = Mapper.load(path)
            for path in folder.rglob("*.model.npz"):
                model = MorphableModel.load(path)
                if model.parts or model.checksum not in self.models:
                    self.models[model.checksum] = model

    def coefficients(self, state: bpy.types.PropertyGroup) -> np.ndarray:
        """(K,) for the sliders of a layer's property group, of the evaluated mesh."""
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
        found = self.layers(state)
        if state.baked:
            frame = min(max(depsgraph.scene.frame_current, state.bake_start), state.bake_end)
            for name in found:
                rows = np.array(mesh[BAKED][name]).reshape(state.bake_end - state.bake_start + 1, -1)
                found[name] = rows[frame - state.bake_start].astype(np.float32)
        values = found.pop("body")
        if len(state.keys):
            return model.vertices(values).astype(np.float64)
        body = on_the_floor(model, values)
        rows = np.arange(len(body))
        if state.outfit:
            worn = model.dressed(state.outfit)
            body, rows = worn.model.vertices(values) + (body[0] - model.vertices(values)[0]), worn.rows
        for name, coefficients in found.items():
            body = body + self.of_head(model, getattr(state, name).model_checksum, coefficients)[rows]
        return body

    def layers(self, state: bpy.types.PropertyGroup) -> dict[str, np.ndarray]:
        """Coefficients of each layer that a character has."""
        groups = {name: state if name == "body" else getattr(state, name) for name in LAYERS}
        return {name: self.coefficients(group) for name, group in groups.items() if len(group.sliders)}

    def of_head(self, body: MorphableModel, checksum: str, coefficients: np.ndarray) -> np.ndarray:
        """(R, 3) metres that a head adds to the rows of a body and its parts."""
        key = body.checksum, checksum
        if key not in self.heads:
            self.heads[key] = HeadOnBody.of(body, self.models[checksum])
        head = self.heads[key]
        found = np.zeros((body.vertex_count + sum(part.vertex_count for part in body.parts.values()), 3))
        found[head.rows] = np.einsum("k,kni->ni", coefficients, head.basis)
        return found

    def error(self, obj: bpy.types.Object) -> float:
        """Largest distance in metres between an object, as Blender evaluates it, and what its sliders ask for."""
        depsgraph = bpy.context.evaluated_depsgraph_get()
        mesh = obj.evaluated_get(depsgraph).data
        found = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", found)
        wanted = self.vertices(obj.data, depsgraph)
        return float(np.linalg.norm(found.reshape(-1, 3) - wanted, axis=1).max())
