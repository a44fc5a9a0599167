"""ARKit heads, VRM avatars and glTF's morph targets: imported, exported as a model, attached, baked, given back."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.shape_keys.model import KeysModel, model_of
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.limits import settled
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.rendering.stage.scene import checked_mesh
from tests.blender import avatar_files
from tests.blender.addon_helpers import evaluated, set_slider
from tests.blender.keyed_mesh import key_values, keys_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def imported(write: Callable[[Path], Path], path: Path) -> bpy.types.Object:
    """The file's mesh with shape keys, by Blender's own importer; the active object."""
    import addon_utils  # which comes with bpy

    addon_utils.enable("io_scene_gltf2")
    bpy.ops.import_scene.gltf(filepath=str(write(path)))
    obj = next(obj for obj in bpy.data.objects if obj.type == "MESH" and obj.data.shape_keys)
    bpy.context.view_layer.objects.active = obj
    return obj


def through_the_line(obj: bpy.types.Object, folder: Path, **options: object) -> MorphableModel:
    """Export, attach, slide, bake, free, detach; the mesh must be the model's all the way and its own at the end."""
    path, mapper_path = folder / "mine.model.npz", folder / "mine.mapper.npz"
    assert bpy.ops.semantify.export_keys_model(filepath=str(path), **options) == {"FINISHED"}
    model = MorphableModel.load(path)
    keys_mapper(model, ("happy", "surprised")).save(mapper_path)
    mapper = Mapper.load(mapper_path)
    if obj.data.shape_keys.animation_data is not None:
        with pytest.raises(RuntimeError, match="have drivers or keyframes of their own"):
            bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
        obj.data.shape_keys.animation_data_clear()
    before = key_values(obj)
    materials = list(obj.data.materials)
    assert bpy.ops.semantify.attach_mapper(filepath=str(mapper_path)) == {"FINISHED"}
    linear = np.array(obj.matrix_world.to_3x3())
    rest = None
    for values in ((0.0, 0.0), (1.0, 0.0), (-0.5, 0.8)):
        for i, value in enumerate(values):
            set_slider(obj, i, value)
        wanted = model.vertices(
            settled(mapper.coefficients(mapper.scores_from_sliders(np.array(values))), mapper.limits)
        )
        seen = evaluated(obj) @ linear.T
        if rest is None:
            rest = wanted - seen
        # all that differs is where the model's origin lies
        assert np.abs(wanted - seen - rest.mean(0)).max() < 2e-3 * np.ptp(wanted, axis=0).max()
    state = obj.data.semantify.sliders[0]
    for frame, value in ((1, -1.0), (5, 1.0)):
        state.value = value
        state.keyframe_insert("value", frame=frame)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=5) == {"FINISHED"}
    assert obj.data.shape_keys.animation_data.action is not None
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert bpy.ops.semantify.detach() == {"FINISHED"}
    assert key_values(obj) == pytest.approx(before)
    assert list(obj.data.materials) == materials
    assert obj.data.shape_keys.animation_data is None
    return model


def shells_of(made: KeysModel) -> str:
    return " ".join(note for note in made.notes if "seen through" in note)


def test_an_arkit_head_with_57_keys(tmp_path: Path):
    obj = imported(avatar_files.write_arkit, tmp_path / "head.glb")
    assert len(obj.data.shape_keys.key_blocks) == 58
    made = model_of(obj, exclude=[" blink both", "viseme, O"])
    assert made.left_out == {
        " blink both": "excluded", "viseme, O": "excluded", "viseme_aa": "the same as jawOpen",
        "neutral": "moves nothing",
    }  # fmt: skip
    assert "faces of shell" in shells_of(made)
    assert "shell" not in made.model.regions
    assert {"skin", "eyes", "iris", "lips", "brows"} <= set(made.model.regions)
    names = made.model.metadata["shape_keys"]
    twin = {name: names[k] for name, k in zip(names, made.model.extra["twins"], strict=True)}
    assert twin["eyeBlinkLeft"] == "eyeBlinkRight"
    # in metres, whatever units the file is in
    assert np.ptp(made.model.template[:, 2]) == pytest.approx(np.ptp(avatar_files.head().template[:, 2]), abs=0.002)
    assert 0.1 < made.model.framing.height < 0.5
    checked_mesh(made.model)
    model = through_the_line(obj, tmp_path, exclude="neutral, viseme*")
    assert model.component_count == 54


def test_a_vrm_avatar(tmp_path: Path):
    obj = imported(avatar_files.write_vrm, tmp_path / "avatar.vrm.glb")
    assert obj.name == "Face"
    assert len(obj.data.shape_keys.key_blocks) == 58
    made = model_of(obj)
    assert made.left_out == {"Fcl_ALL_Neutral": "moves nothing", "Fcl_EYE_Natural": "moves nothing",
                             "Fcl_MTH_Neutral": "moves nothing"}  # fmt: skip
    assert "faces of shell" in shells_of(made)
    assert not made.model.metadata["framing"]["floor"]
    names = made.model.metadata["shape_keys"]
    assert {"Fcl_MTH_A", "Fcl_EYE_Close_L"} <= set(names)
    checked_mesh(made.model)
    model = through_the_line(obj, tmp_path, include="Fcl_MTH*, Fcl_EYE_Close*", exclude="Fcl_EYE_Close")
    assert "Fcl_EYE_Close" not in model.metadata["shape_keys"]
    assert "Fcl_EYE_Close_L" in model.metadata["shape_keys"]


@pytest.mark.parametrize(
    ("write", "keys", "driven"),
    [
        (avatar_files.write_morph_cube, 2, True),
        (avatar_files.write_morph_stress, 8, True),
        (avatar_files.write_morph_primitives, 1, False),
    ],
)
def test_morph_target_scenes(write: Callable[[Path], Path], keys: int, driven: bool, tmp_path: Path):
    obj = imported(write, tmp_path / "scene.glb")
    if driven:
        with pytest.raises(RuntimeError, match=r"has keyframes.*--include-driven"):
            bpy.ops.semantify.export_keys_model(filepath=str(tmp_path / "x.model.npz"))
    else:
        assert list(key_values(obj).values())[1:] == [0.5]
    model = through_the_line(obj, tmp_path, include_driven=driven)
    assert model.component_count == keys
    checked_mesh(model)
