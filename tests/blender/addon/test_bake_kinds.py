"""The keys that a bake makes: which, how far they go, what plays and exports them; Free Bake takes them all."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import frames_of, keyed
from tests.blender.addon_helpers import add, error_of, evaluated, set_slider
from tests.blender.keyed_mesh import keyed_head, saved_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
KINDS = ("COMPONENTS", "POSITIVE", "FRAMES")


def baked(kind: str, end: int = 11, **options: int) -> tuple[bpy.types.Object, np.ndarray]:
    """A baked character, and the vertices that it had before at frames 1, 4, 8 and 11."""
    obj = keyed()
    set_slider(obj, 0, 0.8)
    live = frames_of(obj)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=end, kind=kind, **options) == {"FINISHED"}
    return obj, live


def names(obj: bpy.types.Object) -> list[str]:
    return [key.name for key in obj.data.shape_keys.key_blocks][2:]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_plays_as_the_sliders_did_and_is_taken_away_whole(kind: str, synthetic_data: Path):
    obj = keyed()
    own = obj.shape_key_add(name="Semantify smile", from_mix=False)
    own.value = 0.0
    set_slider(obj, 0, 0.8)
    live = frames_of(obj)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11, kind=kind) == {"FINISHED"}
    assert np.abs(frames_of(obj) - live).max() < 1e-5
    key = obj.data.shape_keys.key_blocks["Semantify"]
    assert (key.mute, key.value) == (True, 0.0)
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert names(obj) == ["Semantify smile"]
    assert obj.data.shape_keys.animation_data is None
    assert np.abs(frames_of(obj) - live).max() < 1e-5
    set_slider(obj, 2, 0.5)
    assert error_of(obj, synthetic_data) < 1e-5


@pytest.mark.parametrize("kind", KINDS[1:])
def test_values_are_within_0_and_1_as_clamping_programs_want_them(kind: str):
    obj, _ = baked(kind)
    keys = [obj.data.shape_keys.key_blocks[name] for name in names(obj)]
    seen = []
    for frame in np.linspace(1, 11, 41):
        bpy.context.scene.frame_set(int(frame), subframe=frame % 1)
        seen.append([key.value for key in keys])
    assert np.min(seen) >= 0.0
    assert np.max(seen) <= 1.0
    assert np.max(seen, axis=0) == pytest.approx(np.ones(len(keys)))
    assert {(key.slider_min, key.slider_max) for key in keys} == {(0.0, 1.0)}


def test_between_keyframes_positive_and_negative_go_straight_as_the_sliders_nearly_do():
    obj, _ = baked("POSITIVE")
    found = []
    for subframe in (0.0, 0.5):
        bpy.context.scene.frame_set(6, subframe=subframe)
        found.append(evaluated(obj))
    bpy.context.scene.frame_set(7)
    assert np.abs(found[1] - (found[0] + evaluated(obj)) / 2).max() < 1e-6


def test_keys_are_made_for_what_moves(synthetic_data: Path):
    obj = add()
    mapper = obj.data.semantify
    count = mapper.component_count
    bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    assert 0 < len(names(obj)) <= count
    bpy.ops.semantify.free_bake()
    from semantify_blender.addon.character import baked_keys

    basis = np.zeros((3, 12), np.float32)
    basis[0], basis[2] = 0.01, 0.01
    rows = np.float32([[0.5, 1.0, 0.0], [-0.2, 1.0, 0.0]])
    assert [target.name for target in baked_keys.targets("COMPONENTS", {"": basis}, {"": rows}, [1, 2])] == [
        "Semantify 01"
    ]
    positive = baked_keys.targets("POSITIVE", {"": basis}, {"": rows}, [1, 2])
    assert [target.name for target in positive] == ["Semantify 01+", "Semantify 01-"]
    assert np.allclose(sum(target.values[:, None] * target.offset for target in positive), rows @ basis)
    frames = baked_keys.targets("FRAMES", {"": basis}, {"": rows}, [1, 5])
    assert [target.name for target in frames] == ["Semantify frame 1", "Semantify frame 5"]


def test_a_key_of_the_users_with_such_a_name_is_not_ours():
    obj = keyed()
    own = obj.shape_key_add(name="Semantify 01", from_mix=False)
    own.value = 0.25
    own.keyframe_insert("value", frame=1)
    live = frames_of(obj)
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    assert np.abs(frames_of(obj) - live).max() < 1e-5
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert names(obj) == ["Semantify 01"]
    assert obj.data.shape_keys.animation_data.action is not None
    assert obj.data.shape_keys.key_blocks["Semantify 01"].value == pytest.approx(0.25)


def test_a_lost_key_of_a_bake_is_told_and_rebuilding_lets_the_sliders_rule(synthetic_data: Path):
    from semantify_blender.addon.character import condition

    obj, _ = baked("POSITIVE")
    gone = names(obj)[0]
    obj.shape_key_remove(obj.data.shape_keys.key_blocks[gone])
    assert condition.trouble(obj.data) == f"Shape keys of this bake were deleted, renamed or replaced: {gone}"
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert names(obj) == []
    assert not obj.data.semantify.baked
    assert error_of(obj, synthetic_data) < 1e-5


def test_keys_of_the_meshs_own_are_keyed_as_they_are(tmp_path: Path):
    head = keyed_head()
    count = len(head.data.shape_keys.key_blocks)
    bpy.ops.semantify.attach_mapper(filepath=str(saved_mapper(head, tmp_path)))
    with pytest.raises(RuntimeError, match="those are keyed as they are: choose One a Component"):
        bpy.ops.semantify.bake(frame_start=1, frame_end=3, kind="POSITIVE")
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=3) == {"FINISHED"}
    assert len(head.data.shape_keys.key_blocks) == count


@pytest.mark.parametrize("kind", KINDS)
def test_gltf_read_back_by_blender_has_the_same_shapes(kind: str, tmp_path: Path):
    import addon_utils

    addon_utils.enable("io_scene_gltf2")
    bpy.context.scene.frame_start, bpy.context.scene.frame_end = 1, 11
    obj, live = baked(kind)
    stood = np.array([tuple(point.co) for point in obj.data.shape_keys.reference_key.points])
    path = str(tmp_path / "baked.glb")
    bpy.ops.export_scene.gltf(filepath=path, export_format="GLB")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_gltf2")
    bpy.context.scene.render.fps = 24
    bpy.ops.import_scene.gltf(filepath=path)
    obj = next(obj for obj in bpy.data.objects if obj.type == "MESH")
    keys = list(obj.data.shape_keys.key_blocks)[1:]
    assert "Semantify" not in [key.name for key in keys]
    rest = np.array([tuple(point.co) for point in obj.data.shape_keys.reference_key.points])
    if kind == "COMPONENTS":
        for key in keys:
            key.slider_min, key.slider_max = -10, 10
    # the exporter cuts vertices at seams and orders them anew: each is known by where it rests
    away = np.linalg.norm(rest[:, None] - stood[None], axis=2)
    assert away.min(1).max() < 1e-5
    import_of = away.argmin(1)
    for frame, wanted in zip((1, 4, 8, 11), live, strict=True):
        bpy.context.scene.frame_set(frame)
        assert np.abs(evaluated(obj) - wanted[import_of]).max() < 1e-4
