"""What *Use Own Shape Keys* refuses, in one sentence and with nothing changed, and what it takes all the same."""

from pathlib import Path

import pytest

from tests.blender.addon.test_own_keys import attach, fits
from tests.blender.addon_helpers import set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def test_a_key_of_no_numbers_is_refused_by_name_even_with_changes_allowed(head: bpy.types.Object, mapper_path: Path):
    head.data.shape_keys.key_blocks["smile_R"].points[5].co.z = float("nan")
    for allow in (False, True):
        with pytest.raises(RuntimeError, match="Shape key smile_R of 'Head' holds points that are no numbers"):
            bpy.ops.semantify.attach_mapper(filepath=str(mapper_path), allow_changes=allow)
    assert not len(head.data.semantify.sliders)


def test_a_mesh_in_edit_mode_elsewhere_is_refused_at_export_and_attach(
    head: bpy.types.Object, mapper_path: Path, tmp_path: Path
):
    twin = bpy.data.objects.new("Twin", head.data)
    bpy.context.scene.collection.objects.link(twin)
    bpy.context.view_layer.objects.active = twin
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.view_layer.objects.active = head
    for operator, path in ((bpy.ops.semantify.attach_mapper, mapper_path), (bpy.ops.semantify.export_keys_model, "x")):
        with pytest.raises(RuntimeError, match="'Head' is in Edit Mode, through 'Twin', which shares its mesh"):
            operator(filepath=str(tmp_path / path))
    assert not len(head.data.semantify.sliders)


def test_a_hidden_or_pinned_mesh_takes_its_mapper_all_the_same(head: bpy.types.Object, mapper_path: Path):
    head.show_only_shape_key, head.use_shape_key_edit_mode = True, True
    bpy.context.view_layer.objects.active = head
    head.hide_set(True)
    attach(head, mapper_path)
    set_slider(head, 0, 1.0)
    assert fits(head, mapper_path)


def test_nothing_is_attached_where_every_key_has_keyframes_or_all_is_baked(head: bpy.types.Object, mapper_path: Path):
    attach(head, mapper_path)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=3) == {"FINISHED"}
    with pytest.raises(RuntimeError, match="'Head' is baked, and its keyframes would win: press Free Bake"):
        bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert bpy.ops.semantify.detach() == {"FINISHED"}
    for key in head.data.shape_keys.key_blocks:
        key.keyframe_insert("value", frame=1)
    with pytest.raises(RuntimeError, match=r"All shape keys that Head\.mapper\.npz moves have drivers or keyframes"):
        bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
    assert not len(head.data.semantify.sliders)


def test_export_leaves_driven_keys_out_unless_told(head: bpy.types.Object, tmp_path: Path):
    from semantify_blender.core.model.morphable_model import MorphableModel

    head.data.shape_keys.key_blocks["smile_L"].driver_add("value").driver.expression = "0.5"
    for driven in (False, True):
        path = tmp_path / f"{driven}.model.npz"
        assert bpy.ops.semantify.export_keys_model(filepath=str(path), include_driven=driven) == {"FINISHED"}
        assert ("smile_L" in MorphableModel.load(path).metadata["shape_keys"]) == driven
