"""Finish Character: a plain mesh that shows what the character showed, and nothing of the add-on on it."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.model.random_poses import lively_pose
from tests.blender.addon.test_animation import frames_of, keyed
from tests.blender.addon.test_export import farthest, world
from tests.blender.addon.test_removing import assert_plain
from tests.blender.addon.test_rig import BODY, turn
from tests.blender.addon_helpers import add, error_of, evaluated, set_slider, texts
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> bpy.types.Object:
    """A person on its rig, in a shape and a pose of its own, away from the origin, with a shape key of the user's."""
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()
    obj = add(BODY)
    set_slider(obj, 0, 0.6)
    set_slider(obj, 2, -0.5)
    points = np.empty((len(obj.data.vertices), 3), np.float32)
    key = obj.shape_key_add(name="Mine", from_mix=False)
    key.points.foreach_get("co", points.ravel())
    points[::3, 2] += 0.02
    key.points.foreach_set("co", points.ravel())
    key.value = 0.5
    bpy.ops.semantify.add_rig()
    obj.parent.location = 1.0, 2.0, 0.5
    turn(obj.parent, lively_pose(np.random.default_rng(2), "walking"))
    return obj


def finished(alone: bool = True) -> list[bpy.types.Object]:
    """The meshes that are selected, which all must be plain. alone: whether no character shares their materials."""
    found = [obj for obj in bpy.context.selected_objects if obj.type == "MESH"]
    for obj in found:
        check_plain(obj.data, alone)
    return found


def check_plain(mesh: bpy.types.Mesh, alone: bool = True) -> None:
    assert not len(mesh.semantify.sliders)
    # Blender 4 makes an empty group anew when it is asked for
    assert not [name for name, value in mesh.items() if name.startswith("semantify") and len(value)]
    assert ".semantify_row" not in mesh.attributes
    if alone:
        assert_plain(mesh)
        assert not any("semantify_region" in material for material in mesh.materials)


def plain_armatures() -> bool:
    return not any(key.startswith("semantify") for armature in bpy.data.armatures for key in armature.keys())  # noqa: SIM118


@pytest.mark.parametrize("clothes", ["JOINED", "SEPARATE"])
@pytest.mark.parametrize("rig", ["KEEP", "APPLY"])
def test_what_is_shown_stays_in_pose_and_with_the_users_key(rig: str, clothes: str, person: bpy.types.Object) -> None:
    key = person.data.shape_keys.key_blocks["Mine"]
    half = world([person])
    key.value = 1.0
    whole = world([person])
    key.value = 0.5
    assert bpy.ops.semantify.finish(rig=rig, clothes=clothes) == {"FINISHED"}
    made = finished()
    assert person in made
    assert len(made) == (1 if clothes == "JOINED" else 3)
    assert len(bpy.data.texts) == 0
    assert farthest(half, world(made)) < 1e-5
    for obj in made:
        assert [block.name for block in obj.data.shape_keys.key_blocks] == ["Basis", "Mine"]
        obj.data.shape_keys.key_blocks["Mine"].value = 1.0
    assert farthest(whole, world(made)) < 1e-5
    assert plain_armatures()
    if rig == "KEEP":
        (armature,) = (obj for obj in bpy.data.objects if obj.type == "ARMATURE")
        assert all(obj.modifiers[0].object == armature for obj in made)
        before = world(made)
        armature.pose.bones["thigh_l"].rotation_mode = "XYZ"
        armature.pose.bones["thigh_l"].rotation_euler.x += 1.0
        assert np.abs(world(made) - before).max() > 0.1
    else:
        assert not bpy.data.armatures
        assert not any(len(obj.modifiers) or len(obj.vertex_groups) for obj in made)


def test_without_its_rig_it_stands_as_at_rest(person: bpy.types.Object) -> None:
    for bone in person.parent.pose.bones:
        bone.matrix_basis.identity()
    wanted = world([person])
    turn(person.parent, lively_pose(np.random.default_rng(4), "walking"))
    bpy.ops.semantify.finish(rig="REMOVE")
    assert np.abs(world(finished()) - wanted).max() < 1e-5
    assert not bpy.data.armatures


def test_garments_are_objects_of_their_own_with_their_own_materials_and_go_with_the_body(
    person: bpy.types.Object,
) -> None:
    faces, materials = len(person.data.polygons), {material.name for material in person.data.materials}
    bpy.ops.semantify.finish(rig="REMOVE", clothes="SEPARATE")
    made = {obj.name.removeprefix(person.name).strip(): obj for obj in finished()}
    assert set(made) == {"", "Shorts", "T shirt"}
    assert [material.name for material in made["Shorts"].data.materials] == ["Shorts"]
    assert {material.name for obj in made.values() for material in obj.data.materials} == materials
    assert "Shorts" not in person.data.materials
    assert sum(len(obj.data.polygons) for obj in made.values()) == faces
    before = world(list(made.values()))
    person.location.x += 3.0
    assert np.allclose(world(list(made.values())) - before, [3.0, 0.0, 0.0], atol=1e-5)
    for obj in made.values():
        counts = np.zeros(len(obj.data.vertices), int)
        np.add.at(counts, [loop.vertex_index for loop in obj.data.loops], 1)
        assert counts.all()  # no vertex is left over


def test_the_character_can_be_kept_hidden_beside_it(person: bpy.types.Object) -> None:
    rig, wanted = person.parent, world([person])
    person.data.semantify.sliders[0].keyframe_insert("value", frame=1)
    bpy.ops.semantify.finish(keep_copy=True, clothes="SEPARATE")
    made = finished(alone=False)
    assert {obj.name for obj in made} == {f"{person.name} Finished{part}" for part in ("", " Shorts", " T shirt")}
    assert farthest(wanted, world(made)) < 1e-5
    assert bpy.context.view_layer.objects.active == made[0]
    assert person.hide_get()
    assert person.hide_render
    assert rig.hide_get()
    assert made[0].parent != rig
    assert person.data.animation_data.action.users == 1
    assert len(texts()) == 1
    person.hide_set(False)
    rig.hide_set(False)
    set_slider(person, 0, -1.0)
    assert np.abs(world([person]) - wanted).max() > 0.01
    assert farthest(wanted, world(made)) < 1e-5
    from semantify_blender.addon.character import rigs

    assert rigs.obstacle(rig, rigs.skeleton_of(person.data.semantify)) is None


def test_all_selected_are_finished_and_one_from_another_file_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture, synthetic_data: Path
) -> None:
    path = str(tmp_path / "library.blend")
    add().name = "Theirs"
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, here):
        here.objects = ["Theirs"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    first, second, other = add(), add("dressed"), add()
    for obj in (first, second):
        set_slider(obj, 0, 0.7)
    wanted = [evaluated(obj) for obj in (first, second)]
    for obj in bpy.data.objects:
        obj.select_set(obj != other)
    bpy.context.view_layer.objects.active = first
    capfd.readouterr()
    bpy.ops.semantify.finish()
    assert "Left as they are: Theirs (It comes from another file" in capfd.readouterr().out
    for obj, points in zip((first, second), wanted, strict=True):
        check_plain(obj.data, alone=False)
        assert np.abs(evaluated(obj) - points).max() < 1e-6
    set_slider(other, 0, 1.0)
    assert error_of(other, synthetic_data) < 1e-5


def test_linked_duplicates_are_finished_together_or_leave_those_that_are_not_selected(synthetic_data: Path) -> None:
    obj = add()
    set_slider(obj, 1, 0.8)
    twins = [obj.copy() for _ in range(2)]
    for twin in twins:
        bpy.context.scene.collection.objects.link(twin)
        twin.select_set(True)
    wanted = evaluated(obj)
    twins[1].select_set(False)
    bpy.ops.semantify.finish()
    assert obj.data == twins[0].data
    check_plain(obj.data, alone=False)
    assert np.abs(evaluated(twins[0]) - wanted).max() < 1e-6
    set_slider(twins[1], 0, 1.0)
    assert error_of(twins[1], synthetic_data) < 1e-5
    bpy.context.view_layer.objects.active = twins[1]
    bpy.ops.semantify.finish()
    assert len(bpy.data.texts) == 0


def test_a_baked_character_plays_on_also_in_pieces() -> None:
    obj = keyed()
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    live = frames_of(obj)
    bpy.ops.semantify.finish()
    assert np.abs(frames_of(obj) - live).max() < 1e-6
    assert "Semantify" not in obj.data.shape_keys.key_blocks


def test_a_character_whose_keys_are_lost_and_one_of_own_keys_can_be_finished(tmp_path: Path) -> None:
    from tests.blender.keyed_mesh import keyed_head, saved_mapper

    obj = add()
    obj.shape_key_clear()
    bpy.ops.semantify.finish(clothes="SEPARATE")
    assert_plain(obj.data)
    head = keyed_head()
    bpy.ops.semantify.attach_mapper(filepath=str(saved_mapper(head, tmp_path)))
    set_slider(head, 0, 1.0)
    before = evaluated(head)
    bpy.ops.semantify.finish(clothes="SEPARATE", rig="APPLY")
    assert np.array_equal(evaluated(head), before)
    assert_plain(head.data)


def test_the_animation_of_sliders_is_said_to_go_and_edit_mode_is_refused(capfd: pytest.CaptureFixture) -> None:
    obj = keyed()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.semantify.finish.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.context.scene.frame_set(6)
    before = evaluated(obj)
    capfd.readouterr()
    bpy.ops.semantify.finish()
    assert "undo and bake first" in capfd.readouterr().out
    bpy.context.scene.frame_set(1)
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert not bpy.ops.semantify.finish.poll()


def test_keyed_sliders_take_the_bones_along_to_the_frame_that_is_finished(person: bpy.types.Object) -> None:
    rig, slider = person.parent, person.data.semantify.sliders[0]
    for bone in rig.pose.bones:
        bone.matrix_basis.identity()
    head = tuple(rig.data.bones["head"].head_local)
    for frame, value in ((1, 0.6), (10, -1.0)):
        slider.value = value
        slider.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_set(1)
    bpy.ops.semantify.follow_shape()
    bpy.context.scene.frame_set(10)
    wanted = world([person])
    bpy.ops.semantify.finish()
    assert np.abs(np.array(rig.data.bones["head"].head_local) - head).max() > 0.01
    assert np.abs(world(finished()) - wanted).max() < 1e-5


def test_finishing_is_one_step_of_undo(synthetic_data: Path) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    obj = add()
    set_slider(obj, 0, 0.9)
    name = obj.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semantify.finish(keep_copy=True)
    bpy.ops.ed.undo_push(message="finish")
    bpy.ops.ed.undo()
    obj = bpy.data.objects[name]
    assert len(bpy.data.objects) == 1
    set_slider(obj, 1, -0.5)
    assert error_of(obj, synthetic_data) < 1e-5


def test_remove_semantify_leaves_the_rig_a_plain_one_too(person: bpy.types.Object) -> None:
    wanted = world([person])
    bpy.ops.semantify.remove()
    assert np.abs(world(finished()) - wanted).max() < 1e-5
    assert plain_armatures()
