"""Remove Semantify: the mesh keeps the vertices it has, and nothing of the add-on stays on it or in the file."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import frames_of, keyed
from tests.blender.addon_helpers import add, evaluated, set_slider
from tests.blender.keyed_mesh import keyed_head, saved_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def remove(obj: bpy.types.Object) -> None:
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.semantify.remove() == {"FINISHED"}


def assert_plain(mesh: bpy.types.Mesh) -> None:
    from semantify_blender.addon.selection import is_character

    assert not is_character(bpy.context.view_layer.objects.active)
    assert not len(mesh.semantify.sliders)
    # Blender 4 makes an empty group anew when it is asked for
    assert not [name for name, value in mesh.items() if name.startswith("semantify") and len(value)]
    assert not [material for material in mesh.materials if "semantify_material" in material]
    assert mesh.animation_data is None or not (mesh.animation_data.action or len(mesh.animation_data.drivers))
    if mesh.shape_keys is not None:
        assert not [key for key in mesh.shape_keys.key_blocks if key.name.startswith("Semantify")]


def test_the_shape_becomes_the_meshs_own():
    obj = add()
    set_slider(obj, 0, 0.8)
    set_slider(obj, 2, -0.6)
    obj.data.semantify.sliders[0].keyframe_insert("value", frame=1)
    obj.data.driver_add("semantify.sliders[1].value").driver.expression = "0.5"
    bpy.context.view_layer.update()
    before, materials = evaluated(obj), list(obj.data.materials)
    remove(obj)
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert obj.data.shape_keys is None
    assert list(obj.data.materials) == materials
    assert_plain(obj.data)
    assert len(bpy.data.texts) == len(bpy.data.actions) == len(bpy.data.shape_keys) == 0
    assert not bpy.ops.semantify.remove.poll()
    bpy.context.scene.frame_set(5)
    assert np.abs(evaluated(obj) - before).max() < 1e-6


def test_the_users_own_shape_keys_work_on_top_as_before():
    obj = add()
    set_slider(obj, 1, 1.0)
    moved = np.empty((len(obj.data.vertices), 3), np.float32)
    for name, value in (("Smile", 0.5), ("Frown", 0.0)):
        key = obj.shape_key_add(name=name, from_mix=False)
        key.points.foreach_get("co", moved.ravel())
        moved[50:60, 1] -= 0.02
        key.points.foreach_set("co", moved.ravel())
        key.value = value
    keys = obj.data.shape_keys.key_blocks
    keys["Frown"].mute = True
    before = evaluated(obj)
    keys["Smile"].value = 1.0
    smiling = evaluated(obj)
    keys["Smile"].value = 0.5
    remove(obj)
    assert [key.name for key in keys] == ["Basis", "Smile", "Frown"]
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    keys["Smile"].value = 1.0
    assert np.abs(evaluated(obj) - smiling).max() < 1e-6
    assert keys["Frown"].mute
    assert_plain(obj.data)


def test_linked_duplicates_modifiers_and_a_pin_keep_what_they_show():
    obj = add()
    set_slider(obj, 0, -1.0)
    twin = obj.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.modifiers.new("Smooth", "SMOOTH")
    before = evaluated(obj), evaluated(twin)
    obj.show_only_shape_key = True
    remove(obj)
    assert obj.show_only_shape_key
    obj.show_only_shape_key = False
    assert np.abs(evaluated(obj) - before[0]).max() < 1e-6
    assert np.abs(evaluated(twin) - before[1]).max() < 1e-6


def test_what_another_character_needs_stays(synthetic_data: Path):
    from tests.blender.addon_helpers import error_of

    first, second = add(), add()
    set_slider(second, 0, 1.0)
    remove(first)
    assert len(bpy.data.texts) == 2
    set_slider(second, 1, -1.0)
    assert error_of(second, synthetic_data) < 1e-5
    assert any("semantify_material" in material for material in second.data.materials)
    remove(second)
    assert_plain(second.data)
    assert len(bpy.data.texts) == 0


def test_a_baked_character_keeps_its_keys_and_plays_on():
    obj = keyed()
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    live = frames_of(obj)
    remove(obj)
    assert np.abs(frames_of(obj) - live).max() < 1e-6
    assert not len(obj.data.semantify.sliders)
    assert obj.data.animation_data is None


def test_an_attached_mesh_keeps_its_keys_as_they_are(tmp_path: Path):
    head = keyed_head()
    names = [key.name for key in head.data.shape_keys.key_blocks]
    bpy.ops.semantify.attach_mapper(filepath=str(saved_mapper(head, tmp_path)))
    set_slider(head, 0, 1.0)
    before = evaluated(head)
    remove(head)
    assert np.array_equal(evaluated(head), before)
    assert [key.name for key in head.data.shape_keys.key_blocks] == names
    assert_plain(head.data)


def test_a_fitted_shape_stays_too():
    from semantify_blender.addon.character import shape

    obj = add()
    shape.set_offset(obj.data.semantify, np.array([0.5, -1.0, 0.8, 0.3]))
    set_slider(obj, 0, 0.4)
    before = evaluated(obj)
    remove(obj)
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert_plain(obj.data)


def test_refused_in_edit_mode():
    add()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="in Object Mode"):
        bpy.ops.semantify.remove()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_what_changes_the_mesh_is_refused_while_another_object_with_it_is_edited():
    """Blender would write its edit over the mesh at the end, and what was done meanwhile would be gone."""
    edited = add()
    twin = bpy.data.objects.new("Twin", edited.data)
    bpy.context.scene.collection.objects.link(twin)
    bpy.context.scene.tool_settings.lock_object_mode = False
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.view_layer.objects.active = twin
    assert twin.mode == "OBJECT"
    for name in ("remove", "bake", "randomize", "change_mapper"):
        assert not getattr(bpy.ops.semantify, name).poll(), name
    bpy.context.view_layer.objects.active = edited
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.view_layer.objects.active = twin
    assert not bpy.ops.semantify.free_bake.poll()
    bpy.context.view_layer.objects.active = edited
    bpy.ops.object.mode_set(mode="OBJECT")
