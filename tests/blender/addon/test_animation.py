"""Keyed sliders: scrubbing, rendering in background, baking, and what other programs receive."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from scripts.repository import REPOSITORY
from tests.blender.addon_helpers import (
    add,
    alpha_of,
    error_of,
    evaluated,
    prepare_to_render,
    run_in_fresh_blender,
    set_slider,
    slider_values,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def keyed(slider: int = 1) -> bpy.types.Object:
    """A character whose slider goes from −1 at frame 1 to +1 at frame 11."""
    obj = add()
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, slider, value)
        obj.data.semantify.sliders[slider].keyframe_insert("value", frame=frame)
    return obj


def test_scrubbing_moves_slider_and_mesh(synthetic_data: Path):
    obj = keyed()
    seen = []
    for frame in (1, 6, 11, 3):
        bpy.context.scene.frame_set(frame)
        seen.append(slider_values(obj)[1])
        assert error_of(obj, synthetic_data) < 1e-5
    assert seen[0] == -1.0
    assert seen[1] == pytest.approx(0.0, abs=1e-6)
    assert seen[2] == 1.0
    assert -1 < seen[3] < 0


def test_key_all_sliders():
    obj = add()
    bpy.context.scene.frame_set(4)
    assert bpy.ops.semantify.key_sliders() == {"FINISHED"}
    set_slider(obj, 0, 1.0)
    bpy.context.scene.frame_set(5)
    assert slider_values(obj) == [0.0, 0.0, 0.0]


def test_driven_slider_moves_the_mesh(synthetic_data: Path):
    obj = add()
    curve = obj.data.driver_add("semantify.sliders[0].value")
    curve.driver.expression = "frame / 10"
    for frame in (2, 7):
        bpy.context.scene.frame_set(frame)
        assert slider_values(obj)[0] == pytest.approx(frame / 10)
        assert error_of(obj, synthetic_data) < 1e-5


def frames_of(obj: bpy.types.Object, frames: tuple[int, ...] = (1, 4, 8, 11)) -> np.ndarray:
    shapes = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        shapes.append(evaluated(obj))
    return np.stack(shapes)


def test_bake_plays_alike_without_the_add_on(tmp_path: Path):
    import semantify_blender

    obj = keyed()
    live = frames_of(obj)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    assert obj.data.semantify.baked
    assert np.abs(frames_of(obj) - live).max() < 1e-5
    assert not bpy.ops.semantify.reset_all.poll()
    name, path = obj.name, str(tmp_path / "baked.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    semantify_blender.unregister()
    try:
        bpy.ops.wm.open_mainfile(filepath=path)
        assert np.abs(frames_of(bpy.data.objects[name]) - live).max() < 1e-5
    finally:
        semantify_blender.register()


def test_free_gives_the_character_back_to_its_sliders(synthetic_data: Path):
    obj = keyed()
    own = obj.shape_key_add(name="Smile", from_mix=False)
    own.keyframe_insert("value", frame=1)
    bpy.ops.semantify.bake(frame_start=1, frame_end=11, step=5)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    bpy.context.scene.frame_set(7)
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert error_of(obj, synthetic_data) < 1e-5
    assert obj.data.shape_keys.animation_data.action is not None  # the user's own key is still animated
    bpy.context.scene.frame_set(11)
    assert error_of(obj, synthetic_data) < 1e-5
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    assert obj.data.semantify.bake_end == 11


def test_free_leaves_no_action_behind():
    obj = keyed()
    before = len(bpy.data.actions)
    bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    bpy.ops.semantify.free_bake()
    assert len(bpy.data.actions) == before
    assert obj.data.shape_keys.animation_data is None


def test_free_leaves_a_duplicates_bake_alone(synthetic_data: Path):
    obj = keyed()
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    live = frames_of(obj)
    twin = obj.copy()
    twin.data = obj.data.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.select_set(False)
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert not obj.data.semantify.baked
    assert twin.data.semantify.baked
    assert np.abs(frames_of(twin) - live).max() < 1e-5
    bpy.context.scene.frame_set(5)
    assert error_of(obj, synthetic_data) < 1e-5


def test_bake_of_nothing_is_a_sentence():
    keyed()
    with pytest.raises(RuntimeError, match="The last frame, 2, is before the first, 9"):
        bpy.ops.semantify.bake(frame_start=9, frame_end=2)


def glb(path: Path) -> dict:
    """The JSON part of a binary glTF file."""
    content = path.read_bytes()
    length, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    return json.loads(content[20 : 20 + length])


def test_gltf_carries_the_baked_animation(tmp_path: Path):
    import addon_utils

    addon_utils.enable("io_scene_gltf2")
    obj = keyed()
    bpy.context.scene.frame_end = 11
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    path = tmp_path / "baked.glb"
    bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB")
    exported = glb(path)
    targets = exported["meshes"][0]["primitives"][0]["targets"]
    assert len(targets) == obj.data.semantify.component_count
    assert [channel["target"]["path"] for channel in exported["animations"][0]["channels"]] == ["weights"]
    sampler = exported["animations"][0]["samplers"][0]
    assert exported["accessors"][sampler["output"]]["count"] == 11 * len(targets)


RENDER = """
import os, sys
sys.path.insert(0, {repository!r})
import bpy
import semantify_blender
semantify_blender.register()
bpy.ops.wm.open_mainfile(filepath={blend!r})
bpy.ops.render.render(animation=True)
sys.stdout.flush()
os._exit(0)
"""


def test_background_render_shows_every_frame_of_live_sliders(tmp_path: Path):
    obj = keyed(0)
    scene = bpy.context.scene
    prepare_to_render(scene, 48)
    scene.frame_start, scene.frame_end, scene.frame_step = 1, 11, 5
    scene.render.filepath = str(tmp_path / "frame-")
    silhouettes = []
    for frame in (1, 6, 11):
        scene.frame_set(frame)
        silhouettes.append(np.ptp(evaluated(obj), axis=0))
    scene.frame_set(1)
    blend = str(tmp_path / "animated.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    run_in_fresh_blender(RENDER.format(repository=str(REPOSITORY), blend=blend))
    alphas = [alpha_of(path) for path in sorted(tmp_path.glob("frame-*.png"))]
    assert len(alphas) == 3
    differences = [np.abs(a - b).sum() for a, b in ((alphas[0], alphas[1]), (alphas[1], alphas[2]))]
    assert min(differences) > 2.0, (differences, silhouettes)
