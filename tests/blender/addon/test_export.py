"""Export GLB and Export FBX: what is read back has the vertices that Blender showed, and the scene stays as it was."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.model.random_poses import lively_pose
from tests.blender.addon.test_animation import keyed
from tests.blender.addon.test_rig import BODY, turn
from tests.blender.addon_helpers import add, evaluated, set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
FORMS = ("glb", "fbx")
LIMIT = 1e-4
"""Metres."""


@pytest.fixture(autouse=True)
def formats(addon: None) -> None:
    import addon_utils

    for name in ("io_scene_gltf2", "io_scene_fbx"):
        addon_utils.enable(name)


def rigged(monkeypatch: pytest.MonkeyPatch) -> tuple[bpy.types.Object, bpy.types.Object]:
    """A person on its rig, in a shape of its own, away from the origin."""
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()
    obj = add(BODY)
    set_slider(obj, 0, 0.6)
    bpy.ops.semantify.add_rig()
    obj.parent.location = 0.5, 1.0, 0.0
    return obj, obj.parent


def world(objects: list[bpy.types.Object]) -> np.ndarray:
    """(V, 3) world-space vertices of all of them."""
    found = []
    for obj in objects:
        points = evaluated(obj)
        matrix = np.array(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world)
        found.append(points @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(found)


def export(form: str, path: Path, **options: object) -> None:
    assert getattr(bpy.ops.semantify, f"export_{form}")(filepath=str(path), **options) == {"FINISHED"}


def read(form: str, path: Path) -> list[bpy.types.Object]:
    """The meshes of a file, in an empty scene."""
    for other in list(bpy.data.objects):
        bpy.data.objects.remove(other)
    if form == "glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    # bones are drawn as a small mesh
    shapes = {bone.custom_shape for obj in bpy.data.objects if obj.pose for bone in obj.pose.bones}
    return [obj for obj in bpy.context.scene.objects if obj.type == "MESH" and obj not in shapes]


def farthest(wanted: np.ndarray, found: np.ndarray) -> float:
    """The largest distance of a vertex to the nearest one of the other list: exporters split vertices at seams."""
    from mathutils.kdtree import KDTree

    worst = 0.0
    for these, others in ((wanted, found), (found, wanted)):
        tree = KDTree(len(these))
        for number, point in enumerate(these.tolist()):
            tree.insert(point, number)
        tree.balance()
        worst = max(worst, *(tree.find(point)[2] for point in others.tolist()))
    return worst


def snapshot() -> dict[str, object]:
    """What must be the same before and after an export."""
    scene, layer = bpy.context.scene, bpy.context.view_layer
    kinds = ("objects", "meshes", "actions", "armatures", "materials", "texts", "images", "shape_keys", "collections")
    found: dict[str, object] = {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in kinds}
    found["selected"] = [obj.name for obj in layer.objects if obj.select_get()]
    found["active"] = layer.objects.active.name
    found["frame"] = scene.frame_current
    for obj in bpy.data.objects:
        found[obj.name] = (obj.data.name if obj.data else "", obj.hide_get(), obj.hide_viewport, obj.parent)
        if obj.type == "MESH":
            keys = obj.data.shape_keys
            found[f"{obj.name} keys"] = [(key.name, key.value, key.mute) for key in keys.key_blocks] if keys else []
            found[f"{obj.name} index"] = obj.active_shape_key_index, obj.show_only_shape_key
            found[f"{obj.name} sliders"] = [slider.value for slider in obj.data.semantify.sliders]
    return found


def chunk(path: Path) -> dict[str, object]:
    """The JSON of a GLB file."""
    content = path.read_bytes()
    return json.loads(content[20 : 20 + struct.unpack("<I", content[12:16])[0]])


@pytest.mark.parametrize("form", FORMS)
def test_an_unbaked_character_is_exported_in_its_shape_as_the_mesh_itself(form: str, tmp_path: Path) -> None:
    obj, other = add(), add()
    obj.name, obj.data.name = "Ann", "Ann's mesh"
    set_slider(obj, 0, 0.9)
    set_slider(obj, 1, -0.7)
    obj.location.x = 2.0
    obj.modifiers.new("Smooth", "SMOOTH")
    other.select_set(False)
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj
    before, wanted = snapshot(), world([obj])
    export(form, tmp_path / f"ann.{form}")
    assert snapshot() == before
    assert [file.name for file in tmp_path.iterdir()] == [f"ann.{form}"]
    if form == "glb":
        (mesh,) = chunk(tmp_path / "ann.glb")["meshes"]
        assert mesh["name"] == "Ann's mesh"
        assert not any("targets" in part for part in mesh["primitives"])
    (back,) = read(form, tmp_path / f"ann.{form}")
    assert back.name.startswith("Ann")
    assert back.data.shape_keys is None
    assert farthest(wanted, world([back])) < LIMIT


@pytest.mark.parametrize("form", FORMS)
def test_the_users_own_shape_keys_are_exported_over_the_shape(form: str, tmp_path: Path) -> None:
    obj = add()
    set_slider(obj, 0, -0.8)
    points = np.empty((len(obj.data.vertices), 3), np.float32)
    smile = obj.shape_key_add(name="Smile", from_mix=False)
    smile.points.foreach_get("co", points.ravel())
    points[:20, 2] += 0.1
    smile.points.foreach_set("co", points.ravel())
    smile.value = 0.5
    obj.active_shape_key_index = 2
    half, before = world([obj]), snapshot()
    export(form, tmp_path / f"x.{form}")
    assert snapshot() == before
    smile.value = 1.0
    whole = world([obj])
    (back,) = read(form, tmp_path / f"x.{form}")
    assert [key.name for key in back.data.shape_keys.key_blocks][1:] == ["Smile"]
    assert farthest(half, world([back])) < LIMIT
    back.data.shape_keys.key_blocks["Smile"].value = 1.0
    assert farthest(whole, world([back])) < LIMIT


@pytest.mark.parametrize("form", FORMS)
def test_a_rig_comes_along_in_a_pose_that_no_action_holds(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    obj, rig = rigged(monkeypatch)
    turn(rig, lively_pose(np.random.default_rng(1), "walking"))
    rig.hide_set(True)
    assert not rig.select_get()
    before, wanted = snapshot(), world([obj])
    export(form, tmp_path / f"x.{form}")
    assert snapshot() == before
    back = read(form, tmp_path / f"x.{form}")
    (armature,) = [other for other in bpy.data.objects if other.type == "ARMATURE"]
    assert len(armature.data.bones) == len(bpy.data.armatures[0].bones)
    assert farthest(wanted, world(back)) < LIMIT


@pytest.mark.parametrize("form", FORMS)
def test_a_rig_that_moves_and_a_baked_shape_play_together(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    obj, rig = rigged(monkeypatch)
    scene, slider, frames = bpy.context.scene, obj.data.semantify.sliders[1], (1, 3, 5)
    scene.frame_end = 5
    for frame, value in ((1, -0.8), (5, 0.9)):
        slider.value = value
        slider.keyframe_insert("value", frame=frame)
        turn(rig, lively_pose(np.random.default_rng(frame), "walking"))
        for bone in rig.pose.bones:
            bone.rotation_mode = "QUATERNION"
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    # the importer holds values to 0..1
    bpy.ops.semantify.bake(frame_start=1, frame_end=5, kind="POSITIVE")
    wanted = at_frames(lambda: [obj], frames)
    scene.frame_set(4)
    before = snapshot()
    export(form, tmp_path / f"x.{form}")
    assert snapshot() == before
    back = read(form, tmp_path / f"x.{form}")
    for found, points in zip(at_frames(lambda: back, frames), wanted, strict=True):
        assert farthest(points, found) < LIMIT


def at_frames(objects: Callable[[], list[bpy.types.Object]], frames: tuple[int, ...]) -> list[np.ndarray]:
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(world(objects()))
    return found


def test_actions_of_a_rig_are_exported_each_for_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, rig = rigged(monkeypatch)
    for name in ("Walk", "Wave"):
        for frame in (1, 5):
            turn(rig, lively_pose(np.random.default_rng(frame), "walking"))
            rig.pose.bones["upperarm_l"].keyframe_insert("rotation_quaternion", frame=frame)
        rig.animation_data.action.name = name
        rig.animation_data.action.use_fake_user = True
        rig.animation_data.action = None
    rig.animation_data.action = bpy.data.actions["Walk"]
    export("glb", tmp_path / "x.glb")
    assert {one["name"] for one in chunk(tmp_path / "x.glb")["animations"]} == {"Walk", "Wave"}
    export("glb", tmp_path / "still.glb", animation=False)
    assert "animations" not in chunk(tmp_path / "still.glb")


@pytest.mark.parametrize("form", FORMS)
def test_linked_duplicates_and_what_is_selected_beside_them_come_along(form: str, tmp_path: Path) -> None:
    obj = add()
    set_slider(obj, 2, 1.0)
    twin = obj.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.location.x = 1.5
    mesh = bpy.data.meshes.new("Cube")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    cube = bpy.data.objects.new("Cube", mesh)
    bpy.context.scene.collection.objects.link(cube)
    for one in (obj, twin, cube):
        one.select_set(True)
    before, wanted = snapshot(), world([obj, twin, cube])
    export(form, tmp_path / f"x.{form}")
    assert snapshot() == before
    assert farthest(wanted, world(read(form, tmp_path / f"x.{form}"))) < LIMIT


def test_sliders_that_are_keyed_and_not_baked_are_told(tmp_path: Path, capfd: pytest.CaptureFixture) -> None:
    obj = keyed()
    bpy.context.scene.frame_set(6)
    before, wanted = snapshot(), world([obj])
    export("glb", tmp_path / "x.glb")
    assert snapshot() == before
    assert "bake first" in capfd.readouterr().out
    assert farthest(wanted, world(read("glb", tmp_path / "x.glb"))) < LIMIT


def test_what_cannot_be_written_is_a_sentence_and_leaves_the_scene(tmp_path: Path) -> None:
    obj = add()
    before = snapshot()
    (tmp_path / "file").write_text("in the way")
    for form in FORMS:
        with pytest.raises(RuntimeError, match=r"Cannot write .* choose another file"):
            export(form, tmp_path / "file" / f"x.{form}")
        with pytest.raises(RuntimeError, match="No file name was given"):
            getattr(bpy.ops.semantify, f"export_{form}")()
    assert snapshot() == before
    (tmp_path / "old.glb").write_text("old")
    export("glb", tmp_path / "old")
    assert (tmp_path / "old.glb").read_bytes()[:4] == b"glTF"
    bpy.data.objects.remove(obj)
    assert not bpy.ops.semantify.export_glb.poll()
