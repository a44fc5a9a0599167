"""Characters with a face and an expression beside the body, and what their vertices must be by models and mappers."""

from pathlib import Path

import numpy as np

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.head_on_body import HeadOnBody
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import add, evaluated, load, on_the_floor
from tests.blender.tier import bpy
from tests.synthetic import TRAINED, synthetic_head, synthetic_mapper, synthetic_model

HEADS = {"face": ("long", "chubby"), "expression": ("smiling", "angry", "asleep")}
"""Layer -> the words of its mapper, which is called as the layer is."""


def save_heads(folder: Path, body: MorphableModel | None = None) -> None:
    """Heads of a body, the synthetic one by default, and their mappers, beside it in a data folder."""
    body = body or synthetic_model()
    for seed, (layer, words) in enumerate(HEADS.items()):
        head = synthetic_head(body, "shape" if layer == "face" else "expression", seed=seed)
        head.save(folder / "models" / f"{head.name}.model.npz")
        mapper = synthetic_mapper(head, words, seed, provenance=TRAINED)
        mapper.save(folder / "mappers" / f"{layer}.mapper.npz")


def person() -> bpy.types.Object:
    """A character with all three; it is the active object."""
    obj = add()
    for layer in HEADS:
        assert bpy.ops.semantify.add_layer(mapper=layer) == {"FINISHED"}
    return obj


def values_of(obj: bpy.types.Object) -> dict[str, list[float]]:
    """Layer -> its sliders."""
    state = obj.data.semantify
    found = {"": state, **{name: getattr(state, name) for name in HEADS}}
    return {name: [slider.value for slider in layer.sliders] for name, layer in found.items() if len(layer.sliders)}


def expected(folder: Path, values: dict[str, list[float]]) -> np.ndarray:
    """(V, 3) that a person must have for slider values."""
    mapper, body = load(folder)
    shape = on_the_floor(body, mapper.coefficients(mapper.scores_from_sliders(np.array(values[""]))))
    for layer in HEADS:
        if layer in values:
            shape = shape + added(folder, layer, body, values[layer])
    return shape


def added(folder: Path, layer: str, body: MorphableModel, sliders: list[float]) -> np.ndarray:
    """(V, 3) metres that a layer adds to a body without parts."""
    mapper = Mapper.load(folder / "mappers" / f"{layer}.mapper.npz")
    head = HeadOnBody.of(body, MorphableModel.load(folder / "models" / f"{mapper.model_name}.model.npz"))
    coefficients = mapper.coefficients(mapper.scores_from_sliders(np.array(sliders)))
    found = np.zeros((body.vertex_count, 3))
    found[head.rows] = np.einsum("k,kni->ni", coefficients, head.basis)
    return found


def error_of(obj: bpy.types.Object, folder: Path) -> float:
    """Largest distance in metres between a person and what all its sliders ask for."""
    return float(np.abs(evaluated(obj) - expected(folder, values_of(obj))).max())
