"""The full rig and the Rigify metarig: at the joints of the shape, skinned, handed over to what Rigify makes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.skeleton import Skeleton
from semantify_blender.core.rig_sets import rigs_for
from tests.blender.addon_helpers import add, evaluated, set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
BODY = "anny-body-neutral"


@pytest.fixture(autouse=True)
def embedded(addon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The models that are shipped: others have no rigs beside their own."""
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()


@pytest.fixture
def rigify() -> Iterator[None]:
    """Rigify enabled; Blender's own operator for that wants to write preferences."""
    import addon_utils

    entry = bpy.context.preferences.addons.new()
    entry.module = "rigify"
    assert addon_utils.enable("rigify") is not None
    yield
    addon_utils.disable("rigify")
    bpy.context.preferences.addons.remove(entry)


def skeleton(kind: str) -> Skeleton:
    model = load_model(BODY)
    found = Skeleton.further(model, rigs_for(model), kind)
    assert found is not None
    return found


def off(obj: bpy.types.Object, rig: bpy.types.Object, kind: str) -> float:
    """How far bones are from the joints of the shape, metres."""
    from semantify_blender.addon.character import shape

    known = skeleton(kind)
    bones = [rig.data.bones[name] for name in known.names]
    ends = np.array([[bone.head_local for bone in bones], [bone.tail_local for bone in bones]])
    return float(np.abs(ends - known.at(shape.asked(obj.data)[""])).max())


def turn(rig: bpy.types.Object, name: str, degrees: tuple[float, float, float]) -> None:
    """Turn a bone or control on top of its rest, in the figure's axes."""
    from mathutils import Euler

    bone = rig.pose.bones[name]
    rest = bone.bone.matrix_local.to_3x3()
    bone.rotation_mode = "QUATERNION"
    turned = Euler(np.radians(degrees)).to_matrix()
    bone.rotation_quaternion = (rest.inverted() @ turned @ rest).to_quaternion()


def test_the_full_rig_moves_nothing_at_rest_follows_the_shape_and_is_taken_away_whole() -> None:
    obj = add(BODY)
    set_slider(obj, 1, 0.6)
    before = evaluated(obj)
    assert bpy.ops.semantify.add_rig(kind="FULL") == {"FINISHED"}
    rig = obj.parent
    assert len(rig.data.bones) == 163
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    assert off(obj, rig, "full") < 1e-5
    set_slider(obj, 0, -0.8)
    assert off(obj, rig, "full") < 1e-5
    assert {one.name for one in rig.data.collections} == {"Body", "Fingers", "Toes", "Face"}
    assert not rig.data.bones["oris02"].use_deform  # the model's weights leave it out
    assert rig.data.bones["jaw"].use_deform
    assert bpy.ops.semantify.remove_rig() == {"FINISHED"}
    assert not obj.vertex_groups
    assert not bpy.data.armatures


def test_the_full_rig_holds_named_poses() -> None:
    obj = add(BODY)
    bpy.ops.semantify.add_rig(kind="FULL")
    assert bpy.ops.semantify.pose_rig(pose="T") == {"FINISHED"}
    bpy.context.view_layer.update()
    bones = obj.parent.pose.bones
    for side, sign in (("L", 1), ("R", -1)):
        along = np.array(bones[f"wrist.{side}"].head - bones[f"upperarm01.{side}"].head)
        assert sign * along[0] / np.linalg.norm(along) > 0.999
    assert np.ptp(evaluated(obj)[:, 0]) > 1.5


def test_a_posed_full_rig_moves_skin_as_the_game_rig_does_but_for_how_bends_are_rounded() -> None:
    obj = add(BODY)
    found = []
    for kind in ("GAME", "FULL"):
        bpy.ops.semantify.add_rig(kind=kind)
        bpy.ops.semantify.pose_rig(pose="RELAXED")
        found.append(evaluated(obj))
        bpy.ops.semantify.remove_rig()
    apart = np.linalg.norm(found[0] - found[1], axis=1)
    assert apart.mean() < 0.01
    assert apart.max() < 0.06


def test_clothes_hang_on_the_full_rig_too() -> None:
    from semantify_blender.addon.character.clothing import clothes_of

    obj = add(BODY)
    bpy.ops.semantify.add_rig(kind="FULL")
    outfit = next(name for name, parts in clothes_of(obj.data).outfits.items() if "dress" in parts)
    assert bpy.ops.semantify.change_clothes(outfit=outfit) == {"FINISHED"}
    weights = [sum(one.weight for one in vertex.groups) for vertex in obj.data.vertices]
    assert np.allclose(weights, 1, atol=1e-3)


def test_teeth_go_with_their_jaws() -> None:
    known, model = skeleton("full"), load_model(BODY)
    begin = model.vertex_count
    for name, part in model.parts.items():
        if name == "teeth":
            rows = slice(begin, begin + part.vertex_count)
        begin += part.vertex_count
    carried = {known.groups[number] for number in known.weight_index[rows][known.weights[rows] > 0].tolist()}
    assert carried == {"head", "jaw"}


def test_without_rigify_it_is_said_how_to_enable_it() -> None:
    obj = add(BODY)
    with pytest.raises(RuntimeError, match="Rigify is not enabled: tick it in Edit > Preferences > Add-ons"):
        bpy.ops.semantify.add_rig(kind="RIGIFY")
    assert obj.parent is None
    assert not obj.vertex_groups


def test_a_metarig_follows_the_shape_and_rigify_makes_a_rig_that_moves_the_character(rigify: None) -> None:
    from semantify_blender.addon.character import metarigs, rigs

    obj = add(BODY)
    obj.location = 1.6, 0.4, 0.0
    before = evaluated(obj)
    assert bpy.ops.semantify.add_rig(kind="RIGIFY") == {"FINISHED"}
    metarig = obj.parent
    assert off(obj, metarig, "rigify") < 1e-5
    set_slider(obj, 0, 0.7)
    assert off(obj, metarig, "rigify") < 1e-5
    set_slider(obj, 0, 0.0)
    # Rigify's own button
    bpy.context.view_layer.objects.active = metarig
    assert bpy.ops.pose.rigify_generate() == {"FINISHED"}
    made = obj.parent
    assert made not in (None, metarig)
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    assert np.allclose(obj.matrix_world.translation, (1.6, 0.4, 0.0), atol=1e-6)
    assert np.allclose(made.matrix_world.translation, (1.6, 0.4, 0.0), atol=1e-6)
    bones = {bone.name for bone in made.data.bones if bone.use_deform}
    assert {group.name for group in obj.vertex_groups} <= bones
    assert rigs.of_object(obj) == metarig
    # an arm out to the side by its control takes skin along
    made.pose.bones["upper_arm_parent.L"]["IK_FK"] = 1.0
    turn(made, "upper_arm_fk.L", (0, -45, 0))
    moved = np.linalg.norm(evaluated(obj) - before, axis=1)
    assert moved.max() > 0.3
    assert (moved < 1e-4).mean() > 0.5
    arm = made.pose.bones["upper_arm_fk.L"]
    arm.keyframe_insert("rotation_quaternion", frame=1)
    action, held = made.animation_data.action, np.array(arm.matrix_basis)
    # the shape goes on; controls are made to fit when they are asked to
    bpy.context.view_layer.objects.active = obj
    set_slider(obj, 0, 0.7)
    assert metarigs.is_behind(metarig)
    assert off(obj, metarig, "rigify") < 1e-5
    assert bpy.ops.semantify.generate_rig() == {"FINISHED"}
    assert obj.parent == made
    assert not metarigs.is_behind(metarig)
    assert bpy.context.view_layer.objects.active == obj
    assert made.animation_data.action == action
    assert np.allclose(np.array(made.pose.bones["upper_arm_fk.L"].matrix_basis), held, atol=1e-6)
    assert made.pose.bones["upper_arm_parent.L"]["IK_FK"] == 1.0
    head = made.data.bones["ORG-spine.006"].head_local - metarig.data.bones["spine.006"].head_local
    assert head.length < 1e-5
    assert bpy.ops.semantify.remove_rig() == {"FINISHED"}
    assert [one.name for one in bpy.data.objects] == [obj.name]
    assert obj.parent is None
    assert not obj.vertex_groups


def test_a_character_on_rigifys_rig_is_finished_with_it(rigify: None, tmp_path: Path) -> None:
    obj = add(BODY)
    bpy.ops.semantify.add_rig(kind="RIGIFY")
    assert bpy.ops.semantify.generate_rig() == {"FINISHED"}
    made = obj.parent
    assert bpy.ops.semantify.finish(rig="KEEP") == {"FINISHED"}
    assert [one.object for one in obj.modifiers if one.type == "ARMATURE"] == [made]
    assert not any(key.startswith("semantify") for one in bpy.data.armatures if one.users for key in dict(one))


def test_a_duplicate_that_loses_its_rig_leaves_it_to_the_original():
    """Shift-D of the character alone: both are moved by one rig."""
    obj = add(BODY)
    bpy.ops.semantify.add_rig(kind="FULL")
    rig = obj.parent
    other = obj.copy()
    other.data = obj.data.copy()
    bpy.context.collection.objects.link(other)
    place = other.matrix_world.copy()
    bpy.context.view_layer.objects.active = other
    assert bpy.ops.semantify.remove_rig() == {"FINISHED"}
    assert rig.name in bpy.data.objects
    assert [one.object for one in obj.modifiers if one.type == "ARMATURE"] == [rig]
    assert len(obj.vertex_groups) > 100
    assert other.parent is None
    assert not any(one.type == "ARMATURE" for one in other.modifiers)
    assert not len(other.vertex_groups)
    assert other.matrix_world == place
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.semantify.remove_rig() == {"FINISHED"}
    assert not any(one.type == "ARMATURE" for one in bpy.data.objects)


def test_generating_one_character_says_nothing_of_another(rigify: None):
    from semantify_blender.addon.character import metarigs, rigs

    first = add(BODY)
    bpy.ops.semantify.add_rig(kind="RIGIFY")
    bpy.ops.semantify.generate_rig()
    second = add(BODY)
    bpy.ops.semantify.add_rig(kind="RIGIFY")
    set_slider(first, 0, 0.8)
    assert metarigs.is_behind(rigs.of_object(first))
    bpy.context.view_layer.objects.active = second
    bpy.ops.semantify.generate_rig()
    assert metarigs.is_behind(rigs.of_object(first))
    assert not metarigs.is_behind(rigs.of_object(second))


def test_what_rigs_share_goes_with_the_last_of_them(rigify: None):
    obj = add(BODY)
    bpy.ops.semantify.add_rig(kind="RIGIFY")
    bpy.ops.semantify.generate_rig()
    made = next(one.object for one in obj.modifiers if one.type == "ARMATURE")
    copy = made.copy()
    copy.data = made.data.copy()
    bpy.context.collection.objects.link(copy)
    worn = sum(bone.custom_shape is not None for bone in copy.pose.bones)
    assert worn > 50
    bpy.context.view_layer.objects.active = obj
    bpy.ops.semantify.remove_rig()
    assert sum(bone.custom_shape is not None for bone in copy.pose.bones) == worn
