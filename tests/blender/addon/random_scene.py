"""The files that random operations start from, and what they ask about the scene."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from semantify_blender.core.mapper import Mapper
from tests.blender.addon_helpers import add
from tests.blender.keyed_mesh import keyed_head, keys_mapper
from tests.blender.layer_helpers import HEADS, save_heads
from tests.blender.tier import bpy
from tests.synthetic import dressed_model

FRAMES = (1, 12)


class NotNowError(Exception):
    """The operation cannot be done in the present state; another one is drawn."""


def need(condition: object) -> None:
    """Raise NotNowError unless the condition holds."""
    if not condition:
        raise NotNowError


def make_files(data: Path, folder: Path) -> None:
    """Other words for the same model, a mapper of own keys, and a library in two states."""
    synthetic = Mapper.load(data / "mappers" / "synthetic.mapper.npz")
    other = replace(
        synthetic, descriptors=("muscular", "round", "tall"), coefficient_scale=0.7 * synthetic.coefficient_scale
    )
    other.save(folder / "other.mapper.npz")
    save_heads(folder, dressed_model())
    from semantify_blender.blender.shape_keys.model import model_of

    bpy.ops.wm.read_factory_settings(use_empty=True)
    head = model_of(keyed_head()).model
    head.save(folder / "head.model.npz")
    keys_mapper(head).save(folder / "head.mapper.npz")
    for which, values in enumerate(((0.2, -0.3, 0.0), (-0.7, 0.5, 0.9))):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        for name in ("Plain", "Keyed", "Driven"):
            obj = add("dressed" if name == "Keyed" else "synthetic")
            obj.name = obj.data.name = name
            sliders = obj.data.semantify.sliders
            for slider, value in zip(sliders, values, strict=True):
                slider.value = value
            if name == "Keyed":
                for frame, value in zip(FRAMES, values, strict=False):
                    sliders[1].value = value
                    sliders[1].keyframe_insert("value", frame=frame)
            if name == "Driven":
                obj.data.driver_add("semantify.sliders[0].value").driver.expression = str(values[1])
                for layer in HEADS:
                    run(bpy.ops.semantify.add_layer, mapper=str(folder / "mappers" / f"{layer}.mapper.npz"))
                    getattr(obj.data.semantify, layer).sliders[1].value = values[0]
                path = "semantify.expression.sliders[0].value"
                obj.data.driver_add(path).driver.expression = str(values[0])
        bpy.ops.wm.save_as_mainfile(filepath=str(folder / f"library-{which}.blend"))
    shutil.copy(folder / "library-0.blend", folder / "library.blend")


def run(operator: Callable[..., set[str]], **options: object) -> None:
    """Call an operator where it may be called."""
    need(operator.poll())
    assert operator(**options) == {"FINISHED"}


def try_step(step: Callable[[], set[str]]) -> str:
    """Undo or redo, as long as there is something."""
    need(step.poll())
    try:
        return str(step())
    except RuntimeError:
        raise NotNowError from None


def characters() -> list[bpy.types.Object]:
    return [obj for obj in bpy.context.scene.objects if is_character(obj)]


def is_character(obj: bpy.types.Object) -> bool:
    return obj.type == "MESH" and len(obj.data.semantify.sliders) > 0


def play_baked() -> None:
    """Blender evaluates the keyframes of what comes into sight at the next frame only, whether ours or others'."""
    if any(obj.data.semantify.baked for obj in characters()):
        bpy.context.scene.frame_set(bpy.context.scene.frame_current)


def own(obj: bpy.types.Object) -> bool:
    """The mesh is of this file, overridden or not."""
    return obj.data.library is None


def local(obj: bpy.types.Object) -> bool:
    return own(obj) and obj.data.override_library is None and obj.library is None and obj.override_library is None


def unbaked(obj: bpy.types.Object) -> bool:
    return not obj.data.semantify.baked


def editable(obj: bpy.types.Object) -> bool:
    return own(obj) and unbaked(obj)


def layers_of(obj: bpy.types.Object) -> list[bpy.types.PropertyGroup]:
    """The property groups with the sliders of body, face and expression, as far as the character has them."""
    state = obj.data.semantify
    return [layer for layer in (state, state.face, state.expression) if len(layer.sliders)]


def is_driven(obj: bpy.types.Object, path: str) -> bool:
    data = obj.data.animation_data
    return data is not None and data.drivers.find(path) is not None


def is_keyed(obj: bpy.types.Object, path: str) -> bool:
    from semantify_blender.addon.character import curves

    data = obj.data.animation_data
    if data is None or data.action is None:
        return False
    return any(curve.data_path == path for curve in curves.action_curves(data))


def unshared(obj: bpy.types.Object) -> bool:
    return obj.data.users - obj.data.use_fake_user == 1
