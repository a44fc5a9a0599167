"""The armature of a character: skinned like the model, at the joints of the shape, and the user's own beside that."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import lively_pose
from semantify_blender.core.model.skeleton import Skeleton
from tests.blender.addon_helpers import add, evaluated, set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
BODY = "anny-body-neutral"
MODEL = load_model(BODY)


@pytest.fixture(autouse=True)
def embedded(addon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models that are shipped: others have no bones that are worth posing."""
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()


def rigged() -> tuple[bpy.types.Object, bpy.types.Object]:
    """A character and its rig."""
    obj = add(BODY)
    assert bpy.ops.semantify.add_rig() == {"FINISHED"}
    return obj, obj.parent


def coefficients(obj: bpy.types.Object) -> np.ndarray:
    from semantify_blender.addon.character import shape

    return shape.asked(obj.data)[""]


def bones(rig: bpy.types.Object) -> np.ndarray:
    """(2, J, 3) where bones begin and end at rest."""
    skeleton = Skeleton.of(MODEL)
    found = [rig.data.bones[name] for name in skeleton.names]
    return np.array([[bone.head_local for bone in found], [bone.tail_local for bone in found]])


def off(obj: bpy.types.Object, rig: bpy.types.Object) -> float:
    """How far bones are from the joints of the shape, metres."""
    return float(np.abs(bones(rig) - Skeleton.of(MODEL).at(coefficients(obj))).max())


def turn(rig: bpy.types.Object, pose: dict[str, np.ndarray]) -> None:
    """Hold a rig in a pose of chains, in the figure's axes."""
    from mathutils import Matrix

    for name, rotation in zip(Skeleton.of(MODEL).names, Rig.of(MODEL).turns(pose), strict=True):
        bone = rig.pose.bones[name]
        rest = bone.bone.matrix_local.to_3x3()
        bone.matrix_basis = (rest.inverted() @ Matrix(rotation.tolist()) @ rest).to_4x4()


def posed_by_model(obj: bpy.types.Object, pose: dict[str, np.ndarray]) -> np.ndarray:
    """(V, 3) that the core makes of shape and pose, on the floor as at rest."""
    model = MODEL.dressed(obj.data.semantify.outfit).model
    values = coefficients(obj)
    skeleton, rig = Skeleton.of(MODEL), Rig.of(MODEL)
    from semantify_blender.core.model.grounded import Grounded
    from semantify_blender.core.model.posing import dense_weights, rows_moved, skinned

    grounded, rows = Grounded.of(MODEL), MODEL.dressed(obj.data.semantify.outfit).rows
    rest = (grounded.points.ravel() + values @ grounded.basis).reshape(-1, 3)[rows]
    weights = dense_weights(model.extra, len(skeleton.names))
    moved = rig.transforms(skeleton.at(values)[0], rig.turns(pose))
    return skinned(rest.astype(np.float32), weights, moved, rows_moved(weights))


def test_a_rig_has_the_models_bones_where_the_joints_of_the_shape_are_and_moves_nothing_at_rest() -> None:
    obj = add(BODY)
    set_slider(obj, 0, 0.7)
    before = evaluated(obj)
    assert bpy.ops.semantify.add_rig() == {"FINISHED"}
    rig = obj.parent
    assert rig.type == "ARMATURE"
    assert {bone.name for bone in rig.data.bones} == set(Skeleton.of(MODEL).names)
    assert off(obj, rig) < 1e-5
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    assert bpy.context.view_layer.objects.active == obj
    assert [scene.name for scene in bpy.data.scenes] == ["Scene"]
    with pytest.raises(RuntimeError, match="has a rig"):
        bpy.ops.semantify.add_rig()


@pytest.mark.parametrize("seed", range(3))
def test_bones_follow_the_sliders_and_a_posed_character_is_what_the_core_makes_of_shape_and_pose(seed: int) -> None:
    obj, rig = rigged()
    pose = lively_pose(np.random.default_rng(seed))
    for i in range(4):
        set_slider(obj, i, (0.9, -0.8, 0.6, -0.5)[(i + seed) % 4])
    assert off(obj, rig) < 1e-5
    turn(rig, pose)
    assert np.abs(evaluated(obj) - posed_by_model(obj, pose)).max() < 1e-4
    bpy.ops.semantify.reset_all()
    assert off(obj, rig) < 1e-5
    # a pose is kept in the bones' own axes, which have turned a little with the shape
    turn(rig, pose)
    assert np.abs(evaluated(obj) - posed_by_model(obj, pose)).max() < 1e-4


def test_poses_constraints_and_bones_of_the_users_own_stay_while_bones_follow() -> None:
    obj, rig = rigged()
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    own = rig.data.edit_bones.new("sword")
    hand = rig.data.edit_bones["hand_r"]
    own.parent, own.head, own.tail = hand, hand.tail, hand.tail + (hand.tail - hand.head) * 5
    bpy.ops.object.mode_set(mode="POSE")
    rig.pose.bones["upperarm_r"].rotation_mode = "XYZ"
    rig.pose.bones["upperarm_r"].rotation_euler = 0.3, 0.2, 0.1
    constraint = rig.pose.bones["head"].constraints.new("LIMIT_ROTATION")
    before = np.array(rig.data.bones["sword"].head_local) - np.array(rig.data.bones["hand_r"].head_local)
    axis = np.array(rig.data.bones["upperarm_r"].z_axis)
    set_slider(obj, 0, 1.0)
    assert off(obj, rig) < 1e-5
    assert rig.mode == "POSE"
    assert tuple(rig.pose.bones["upperarm_r"].rotation_euler) == pytest.approx((0.3, 0.2, 0.1))
    assert rig.pose.bones["head"].constraints[0] == constraint
    after = np.array(rig.data.bones["sword"].head_local) - np.array(rig.data.bones["hand_r"].head_local)
    assert np.abs(after - before).max() < 1e-5
    assert axis @ np.array(rig.data.bones["upperarm_r"].z_axis) > 0.99


def test_a_rig_whose_bones_were_moved_by_hand_no_longer_follows_until_it_is_asked_to() -> None:
    from semantify_blender.addon.character import rigs

    obj, rig = rigged()
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    rig.data.edit_bones["hand_l"].tail.z -= 0.05
    set_slider(obj, 1, 0.5)  # in Edit Mode nothing of theirs is touched
    bpy.ops.object.mode_set(mode="OBJECT")
    kept = bones(rig)
    set_slider(obj, 0, 1.0)
    assert np.array_equal(bones(rig), kept)
    assert "no longer follows" in rigs.obstacle(rig, Skeleton.of(MODEL))
    assert bpy.ops.semantify.follow_shape() == {"FINISHED"}
    assert off(obj, rig) < 1e-5
    assert rigs.obstacle(rig, Skeleton.of(MODEL)) is None


def test_keyed_sliders_leave_the_bones_alone_until_a_frame_is_asked_for() -> None:
    obj, rig = rigged()
    slider = obj.data.semantify.sliders[0]
    for frame, value in ((1, 0.0), (10, 1.0)):
        slider.value = value
        slider.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_set(1)
    bpy.ops.semantify.follow_shape()
    rest = bones(rig)
    bpy.context.scene.frame_set(10)
    assert np.array_equal(bones(rig), rest)
    bpy.ops.semantify.follow_shape()
    assert np.abs(bones(rig) - rest).max() > 0.02


def test_other_clothes_hang_on_the_rig_too() -> None:
    obj, rig = rigged()
    pose = lively_pose(np.random.default_rng(5))
    turn(rig, pose)
    bpy.ops.semantify.change_clothes(outfit="casual")
    assert np.abs(evaluated(obj) - posed_by_model(obj, pose)).max() < 1e-4


def test_a_vertex_group_of_the_users_own_is_not_written_over() -> None:
    obj = add(BODY)
    group = obj.vertex_groups.new(name="head")
    group.add([0], 0.25, "REPLACE")
    with pytest.raises(RuntimeError, match="vertex group 'head'"):
        bpy.ops.semantify.add_rig()
    assert obj.parent is None
    assert not bpy.data.armatures
    assert [one.name for one in obj.vertex_groups] == ["head"]
    assert group.weight(0) == pytest.approx(0.25)


def test_two_shapes_on_one_rig_leave_its_bones_alone_and_a_copy_of_both_has_a_rig_of_its_own() -> None:
    from semantify_blender.addon.character import rigs

    obj, rig = rigged()
    bpy.ops.object.select_all(action="DESELECT")
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.duplicate()
    other, before = bpy.context.object, bones(rig)
    assert other.data != obj.data
    set_slider(other, 0, 1.0)
    assert np.array_equal(bones(rig), before)
    assert "several shapes" in rigs.obstacle(rig, Skeleton.of(MODEL))
    bpy.data.objects.remove(other)
    rig.select_set(True)
    obj.select_set(True)
    bpy.ops.object.duplicate()
    copies = {one.type: one for one in bpy.context.selected_objects}
    set_slider(copies["MESH"], 0, 1.0)
    assert rigs.of_object(copies["MESH"]) == copies["ARMATURE"]
    assert off(copies["MESH"], copies["ARMATURE"]) < 1e-5
    assert np.array_equal(bones(rig), before)


def test_a_converted_model_has_the_skeleton_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon.character import rigs
    from semantify_blender.addon.state import memory
    from semantify_blender.core.families.convert import Conversion, convert
    from tests.licensed_files import write_smplx
    from tests.synthetic import synthetic_mapper

    write_smplx(tmp_path / "SMPLX_NEUTRAL.npz")
    model = convert(tmp_path / "SMPLX_NEUTRAL.npz", Conversion(components=4))
    model.save(tmp_path / "data" / "models" / f"{model.name}.model.npz")
    synthetic_mapper(model).save(tmp_path / "data" / "mappers" / "mine.mapper.npz")
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path / "data"))
    memory.look_again()
    obj = add("mine")
    assert bpy.ops.semantify.add_rig() == {"FINISHED"}
    rig = obj.parent
    assert len(rig.data.bones) == 55
    set_slider(obj, 1, 0.8)
    skeleton = Skeleton.of(model)
    ends = skeleton.at(coefficients(obj))
    found = np.array([rig.data.bones[name].head_local for name in skeleton.names])
    assert np.abs(found - ends[0]).max() < 1e-5
    assert rigs.obstacle(rig, skeleton) is None


def test_bones_follow_after_the_file_was_opened_again(tmp_path: Path) -> None:
    from tests.blender.addon_helpers import forget_decoded

    rigged()
    bpy.ops.semantify.pose_rig(pose="RELAXED")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "rig.blend"))
    forget_decoded()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "rig.blend"))
    obj = bpy.data.objects["Person"]
    turned = obj.parent.pose.bones["upperarm_l"].matrix_basis.to_quaternion().angle
    set_slider(obj, 0, 0.9)
    assert off(obj, obj.parent) < 1e-5
    assert obj.parent.pose.bones["upperarm_l"].matrix_basis.to_quaternion().angle == pytest.approx(turned, abs=1e-5)


def test_a_rig_stands_where_its_character_stands_in_any_unit_and_under_any_parent() -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    above = bpy.data.objects.new("Above", None)
    bpy.context.scene.collection.objects.link(above)
    above.location, above.rotation_euler = (3.0, -1.0, 0.5), (0.0, 0.0, 1.0)
    obj = add(BODY)
    obj.parent, obj.location = above, (10.0, 20.0, 0.0)
    bpy.context.view_layer.update()
    place, before = np.array(obj.matrix_world), evaluated(obj)
    bpy.ops.semantify.add_rig()
    bpy.context.view_layer.update()
    rig = obj.parent
    assert rig.parent == above
    assert np.abs(np.array(obj.matrix_world) - place).max() < 1e-4
    assert np.abs(np.array(rig.matrix_world) - place).max() < 1e-4
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    above.location.x += 5
    bpy.context.view_layer.update()
    moved = np.array(obj.matrix_world) - place
    assert moved[0, 3] == pytest.approx(5.0, abs=1e-3)
    assert np.abs(evaluated(obj) - before).max() < 1e-4


def test_removing_the_rig_leaves_the_character_as_it_was() -> None:
    obj = add(BODY)
    obj.location = 1.0, 2.0, 0.5
    bpy.context.view_layer.update()
    before, place = evaluated(obj), obj.matrix_world.copy()
    bpy.ops.semantify.add_rig()
    bpy.ops.semantify.pose_rig(pose="T")
    bpy.ops.semantify.remove_rig()
    assert not bpy.data.armatures
    assert not obj.modifiers
    assert not obj.vertex_groups
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert np.abs(np.array(obj.matrix_world) - np.array(place)).max() < 1e-6
    assert bpy.ops.semantify.add_rig() == {"FINISHED"}


def test_named_poses_hold_the_arms_as_they_say() -> None:
    _, rig = rigged()
    for pose, low, high in (("T", -0.02, 0.02), ("RELAXED", 0.4, 0.6), ("A", 0.2, 0.4)):
        bpy.ops.semantify.pose_rig(pose=pose)
        bpy.context.view_layer.update()
        for side in "lr":
            shoulder, hand = (rig.pose.bones[f"{name}_{side}"].head for name in ("upperarm", "hand"))
            assert low < shoulder.z - hand.z < high, (pose, side)
    with pytest.raises(RuntimeError, match="no picture"):
        bpy.ops.semantify.pose_rig(pose="PICTURE")


def test_the_pose_of_the_picture_is_the_one_that_was_seen() -> None:
    obj, rig = rigged()
    obj.data.semantify.fit_pose = '[{}, {"forearm.L": [0.0, 0.0, 40.0]}]'
    bpy.ops.semantify.pose_rig(pose="PICTURE")
    turned = rig.pose.bones["lowerarm_l"].matrix_basis.to_quaternion().angle
    assert np.degrees(turned) == pytest.approx(40.0, abs=0.1)
    assert rig.pose.bones["lowerarm_r"].matrix_basis.to_quaternion().angle == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("form", ["glb", "fbx"])
def test_a_rigged_character_comes_back_from_a_file_in_three_poses(form: str, tmp_path: Path) -> None:
    """Vertices are those of this Blender to 0.1 mm, on frames of an action that the file carries."""
    if form == "fbx" and not hasattr(bpy.types, "EXPORT_SCENE_OT_fbx"):
        pytest.skip("this Blender has no FBX exporter")
    obj, rig = rigged()
    set_slider(obj, 0, 0.6)
    frames = (1, 5, 9)
    for number, frame in enumerate(frames):
        turn(rig, lively_pose(np.random.default_rng(number), "walking"))
        for bone in rig.pose.bones:
            bone.rotation_mode = "QUATERNION"
            bone.keyframe_insert("rotation_quaternion", frame=frame)
    whole = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        matrix = np.array(obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world)
        whole.append(evaluated(obj) @ matrix[:3, :3].T + matrix[:3, 3])
    path = tmp_path / f"person.{form}"
    if form == "glb":
        bpy.ops.export_scene.gltf(filepath=str(path), export_apply=False)
    else:
        bpy.ops.export_scene.fbx(filepath=str(path), add_leaf_bones=False, bake_anim_simplify_factor=0.0,
                                 bake_anim_use_nla_strips=False, bake_anim_use_all_actions=False)  # fmt: skip
    for other in list(bpy.data.objects):
        bpy.data.objects.remove(other)
    if form == "glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)  # Blender's default moves all by a frame
    back = [other for other in bpy.data.objects if other.type == "MESH" and len(other.data.vertices) > 1000]
    for frame, before in zip(frames, whole, strict=True):
        bpy.context.scene.frame_set(frame)
        after = []
        for other in back:
            matrix = np.array(other.evaluated_get(bpy.context.evaluated_depsgraph_get()).matrix_world)
            after.append(evaluated(other) @ matrix[:3, :3].T + matrix[:3, 3])
        assert _farthest(before, np.concatenate(after)) < 1e-4, frame


def _farthest(wanted: np.ndarray, found: np.ndarray) -> float:
    """The largest distance of a vertex to the nearest one of the other list."""
    from mathutils.kdtree import KDTree

    tree = KDTree(len(found))
    for number, point in enumerate(found.tolist()):
        tree.insert(point, number)
    tree.balance()
    return max(tree.find(point)[2] for point in wanted.tolist())
