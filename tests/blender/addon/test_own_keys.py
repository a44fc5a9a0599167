"""A mapper attached to a mesh of the user's: its own keys move, everything else stays, and all can be given back."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.mapper import Mapper
from semantify_blender.core.model.limits import settled
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.blender.addon_helpers import evaluated, set_slider, slider_values
from tests.blender.keyed_mesh import key_values, keys_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def attach(obj: bpy.types.Object, path: Path, **options: object) -> None:
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.semantify.attach_mapper(filepath=str(path), **options) == {"FINISHED"}


def wanted(path: Path, sliders: list[float]) -> dict[str, float]:
    """What mapper alone says of each key."""
    mapper = Mapper.load(path)
    values = settled(mapper.coefficients(mapper.scores_from_sliders(np.array(sliders))), mapper.limits)
    return dict(zip(mapper.keys.names, values.tolist(), strict=True))


def fits(obj: bpy.types.Object, path: Path) -> bool:
    values = key_values(obj)
    asked = wanted(path, slider_values(obj))
    return all(values[name] == pytest.approx(value, abs=1e-6) for name, value in asked.items())


def test_sliders_move_the_keys_that_are_there_and_add_nothing(head: bpy.types.Object, mapper_path: Path):
    head.modifiers.new("Smooth", "SMOOTH")
    material = bpy.data.materials.new("mine")
    head.data.materials.append(material)
    head.data.shape_keys.key_blocks["jawLeft"].value = 0.3
    names = list(key_values(head))
    points = np.array([tuple(point.co) for point in head.data.shape_keys.key_blocks["smile_L"].points])
    attach(head, mapper_path)
    assert [slider.name for slider in head.data.semantify.sliders] == ["happy", "surprised", "sleepy"]
    assert max(wanted(mapper_path, [0, 0, 0]).values()) < 0.05
    assert fits(head, mapper_path)
    rest = evaluated(head)
    for i, value in enumerate((1.0, -0.4, 0.6)):
        set_slider(head, i, value)
        assert fits(head, mapper_path)
    assert np.abs(evaluated(head) - rest).max() > 1e-3
    assert list(key_values(head)) == names
    assert key_values(head)["jawLeft"] == pytest.approx(0.3)
    assert np.array_equal(points, [tuple(point.co) for point in head.data.shape_keys.key_blocks["smile_L"].points])
    assert list(head.data.materials) == [material]
    assert len(head.modifiers) == 1
    for key in head.data.shape_keys.key_blocks:
        assert key.slider_min <= key.value <= key.slider_max


def test_reset_randomize_locks_and_keep_natural(head: bpy.types.Object, mapper_path: Path):
    attach(head, mapper_path)
    set_slider(head, 0, 0.9)
    assert bpy.ops.semantify.reset_slider(index=0) == {"FINISHED"}
    assert fits(head, mapper_path)
    head.data.semantify.sliders[1].value = 0.5
    head.data.semantify.sliders[1].lock = True
    assert bpy.ops.semantify.randomize(seed=3, strength=1.0) == {"FINISHED"}
    assert slider_values(head)[1] == 0.5
    assert slider_values(head)[0] != 0
    assert fits(head, mapper_path)
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert slider_values(head) == [0, 0.5, 0]
    assert fits(head, mapper_path)
    head.data.semantify.keep_natural = True


def test_detach_gives_values_back_and_leaves_no_trace(head: bpy.types.Object, mapper_path: Path):
    blocks = head.data.shape_keys.key_blocks
    blocks["smile_L"].value, blocks["jawOpen"].value = 0.25, 0.75
    before, shape = key_values(head), evaluated(head)
    attach(head, mapper_path)
    set_slider(head, 0, 1.0)
    head.data.semantify.sliders[0].keyframe_insert("value", frame=1)
    assert key_values(head) != before
    assert bpy.ops.semantify.detach() == {"FINISHED"}
    assert key_values(head) == before
    assert np.array_equal(evaluated(head), shape)
    assert not len(head.data.semantify.sliders)
    assert not len(head.data.semantify.keys)
    assert head.data.semantify.mapper_checksum == ""
    assert head.data.animation_data is None
    assert len(bpy.data.texts) == 0
    assert len(bpy.data.actions) == 0
    assert not bpy.ops.semantify.detach.poll()


def test_detach_can_keep_the_shape(head: bpy.types.Object, mapper_path: Path):
    attach(head, mapper_path)
    set_slider(head, 1, 1.0)
    now = key_values(head)
    assert bpy.ops.semantify.detach(keep=True) == {"FINISHED"}
    assert key_values(head) == now


def test_the_stored_mapper_stays_while_another_mesh_uses_it(head: bpy.types.Object, mapper_path: Path):
    twin = head.copy()
    twin.data = head.data.copy()
    bpy.context.scene.collection.objects.link(twin)
    attach(head, mapper_path)
    attach(twin, mapper_path)
    assert len(bpy.data.texts) == 1
    assert bpy.ops.semantify.detach() == {"FINISHED"}
    assert len(bpy.data.texts) == 1
    set_slider(head, 0, -1.0)
    assert fits(head, mapper_path)


def test_another_mapper_for_the_same_mesh_keeps_sliders_of_the_same_words(
    head: bpy.types.Object, mapper_path: Path, tmp_path: Path
):
    bpy.data.shape_keys[0].key_blocks["smile_L"].value = 0.2
    before = key_values(head)
    attach(head, mapper_path)
    set_slider(head, 1, 0.8)
    model = MorphableModel.load(tmp_path / "Head.model.npz")
    other = tmp_path / "other.mapper.npz"
    keys_mapper(model, ("surprised", "angry")).save(other)
    assert bpy.ops.semantify.change_mapper(filepath=str(other)) == {"FINISHED"}
    assert slider_values(head) == pytest.approx([0.8, 0.0])
    assert fits(head, other)
    bpy.ops.semantify.detach()
    assert key_values(head) == before


def test_a_renamed_and_a_deleted_key_are_named_and_the_rest_goes_on(head: bpy.types.Object, mapper_path: Path):
    from semantify_blender.addon.own_keys import attaching

    attach(head, mapper_path)
    assert attaching.notices(head) == []
    blocks = head.data.shape_keys.key_blocks
    blocks["smile_L"].name = "grin_L"
    head.shape_key_remove(blocks["brow_R"])
    set_slider(head, 0, 1.0)
    expected = wanted(mapper_path, [1, 0, 0])
    assert blocks["jawOpen"].value == pytest.approx(expected["jawOpen"], abs=1e-6)
    (notice,) = attaching.notices(head)
    assert notice.startswith("smile_L, brow_R: deleted or renamed; the others go on")
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=3) == {"FINISHED"}
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert bpy.ops.semantify.detach() == {"FINISHED"}


def test_driven_and_keyed_keys_are_left_alone_and_said_so(head: bpy.types.Object, mapper_path: Path):
    from semantify_blender.addon.own_keys import attaching

    blocks = head.data.shape_keys.key_blocks
    blocks["brow_L"].driver_add("value").driver.expression = "0.125"
    blocks["blink_L"].value = 0.5
    blocks["blink_L"].keyframe_insert("value", frame=1)
    attach(head, mapper_path)
    (notice,) = attaching.notices(head)
    assert notice.startswith("blink_L, brow_L: left alone")
    set_slider(head, 0, 1.0)
    bpy.context.view_layer.update()
    assert blocks["blink_L"].value == 0.5
    assert blocks["brow_L"].value == pytest.approx(0.125)
    assert blocks["jawOpen"].value == pytest.approx(wanted(mapper_path, [1, 0, 0])["jawOpen"], abs=1e-6)
    bpy.ops.semantify.bake(frame_start=1, frame_end=4)
    bpy.ops.semantify.free_bake()
    bpy.ops.semantify.detach()
    data = head.data.shape_keys.animation_data
    assert [driver.data_path for driver in data.drivers] == ['key_blocks["brow_L"].value']
    assert data.action is not None
    bpy.context.scene.frame_set(2)
    assert blocks["blink_L"].value == 0.5


def test_keyframes_made_later_are_not_baked_over(head: bpy.types.Object, mapper_path: Path):
    from semantify_blender.addon.own_keys import attaching

    attach(head, mapper_path)
    head.data.shape_keys.key_blocks["jawOpen"].keyframe_insert("value", frame=1)
    assert "jawOpen: drivers or keyframes added since" in attaching.notices(head)[0]
    with pytest.raises(RuntimeError, match="JawOpen got keyframes or a driver after Semantify was attached"):
        bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    assert not head.data.semantify.baked


def test_muted_keys_and_the_pin_are_said(head: bpy.types.Object, mapper_path: Path):
    from semantify_blender.addon.own_keys import attaching

    attach(head, mapper_path)
    head.data.shape_keys.key_blocks["jawOpen"].mute = True
    head.show_only_shape_key = True
    muted, pinned = attaching.notices(head)
    assert muted == "jawOpen: muted in the list of shape keys."
    assert "active shape key only" in pinned


def test_keyed_sliders_play_on_the_keys_and_bake_and_free(head: bpy.types.Object, mapper_path: Path):
    attach(head, mapper_path)
    scene = bpy.context.scene
    slider = head.data.semantify.sliders[0]
    for frame, value in ((1, -1.0), (11, 1.0)):
        slider.value = value
        slider.keyframe_insert("value", frame=frame)
    for frame in (1, 6, 11):
        scene.frame_set(frame)
        assert fits(head, mapper_path)
    middle = key_values(head)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    scene.frame_set(11)
    assert key_values(head) == pytest.approx(middle)
    assert head.data.shape_keys.animation_data is not None
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert head.data.shape_keys.animation_data is None
    scene.frame_set(6)
    assert fits(head, mapper_path)


def test_detaching_a_baked_mesh_takes_the_keyframes_away_or_keeps_them(head: bpy.types.Object, mapper_path: Path):
    before = key_values(head)
    for keep in (False, True):
        attach(head, mapper_path)
        set_slider(head, 0, 1.0)
        bpy.ops.semantify.bake(frame_start=1, frame_end=5)
        assert bpy.ops.semantify.detach(keep=keep) == {"FINISHED"}
        assert (head.data.shape_keys.animation_data is not None) == keep
        if not keep:
            assert key_values(head) == before


def test_full_duplicates_are_independent_and_linked_ones_share(head: bpy.types.Object, mapper_path: Path):
    attach(head, mapper_path)
    bpy.ops.object.duplicate()
    twin = bpy.context.object
    assert twin.data != head.data
    set_slider(twin, 0, 1.0)
    set_slider(head, 0, -1.0)
    assert fits(twin, mapper_path)
    assert fits(head, mapper_path)


def test_saved_and_opened_again_on_a_machine_without_the_mapper(
    head: bpy.types.Object, mapper_path: Path, tmp_path: Path
):
    attach(head, mapper_path)
    set_slider(head, 2, 0.5)
    values = key_values(head)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    elsewhere = mapper_path.rename(tmp_path / "away.npz")
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    obj = bpy.data.objects["Head"]
    assert key_values(obj) == pytest.approx(values)
    set_slider(obj, 0, 0.7)
    assert fits(obj, elsewhere)


def test_undo_and_redo(head: bpy.types.Object, mapper_path: Path):
    bpy.context.preferences.edit.use_global_undo = True
    head.data.shape_keys.key_blocks["smile_R"].value = 0.5
    before = key_values(head)
    bpy.ops.ed.undo_push(message="start")
    attach(head, mapper_path)
    bpy.ops.ed.undo_push(message="attached")
    set_slider(bpy.data.objects["Head"], 0, 0.75)
    bpy.ops.ed.undo_push(message="drag")
    assert bpy.ops.ed.undo() == {"FINISHED"}
    assert slider_values(bpy.data.objects["Head"]) == [0, 0, 0]
    assert fits(bpy.data.objects["Head"], mapper_path)
    assert bpy.ops.ed.undo() == {"FINISHED"}
    assert key_values(bpy.data.objects["Head"]) == before
    assert not len(bpy.data.objects["Head"].data.semantify.sliders)
    bpy.ops.ed.redo()
    bpy.ops.ed.redo()
    assert slider_values(bpy.data.objects["Head"]) == [0.75, 0, 0]
    assert fits(bpy.data.objects["Head"], mapper_path)
    bpy.ops.semantify.detach()
    bpy.ops.ed.undo_push(message="detached")
    assert key_values(bpy.data.objects["Head"]) == before
    bpy.ops.ed.undo()
    assert slider_values(bpy.data.objects["Head"]) == [0.75, 0, 0]
    assert fits(bpy.data.objects["Head"], mapper_path)


def test_a_changed_mesh_is_refused_naming_what_changed(head: bpy.types.Object, mapper_path: Path):
    blocks = head.data.shape_keys.key_blocks
    blocks["brow_L"].points[5].co.z += 0.01
    message = r"Head\.mapper\.npz was trained for 'Head' and 'Head' differs from it: brow_L changed; train"
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
    assert not len(head.data.semantify.sliders)
    blocks["smile_R"].name = "grin"
    with pytest.raises(RuntimeError, match="differs from it: smile_R missing, brow_L changed;"):
        bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
    attach(head, mapper_path, allow_changes=True)
    set_slider(head, 0, 1.0)
    assert blocks["jawOpen"].value == pytest.approx(wanted(mapper_path, [1, 0, 0])["jawOpen"], abs=1e-6)


def test_mappers_for_something_else_are_refused(head: bpy.types.Object, mapper_path: Path, synthetic_data: Path):
    with pytest.raises(RuntimeError, match=r"trained for the model 'synthetic', not for a mesh's own shape keys"):
        bpy.ops.semantify.attach_mapper(filepath=str(synthetic_data / "mappers" / "synthetic.mapper.npz"))
    for key in list(head.data.shape_keys.key_blocks)[1:]:
        key.name = f"x{key.name}"
    with pytest.raises(RuntimeError, match="'Head' has none of its shape keys"):
        bpy.ops.semantify.attach_mapper(filepath=str(mapper_path), allow_changes=True)


def test_a_key_mapper_among_new_characters_says_what_to_do(
    mapper_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.state import memory

    monkeypatch.setattr(memory, "located_models", [])
    (tmp_path / "Head.model.npz").unlink()
    bpy.ops.semantify.open_mapper(filepath=str(mapper_path))
    assert "select that mesh and use Attach Mapper" in catalogue.problem("Head")


def test_where_the_operators_are_offered(head: bpy.types.Object, mapper_path: Path):
    assert bpy.ops.semantify.attach_mapper.poll()
    bpy.ops.object.mode_set(mode="EDIT")
    assert not bpy.ops.semantify.attach_mapper.poll()
    assert not bpy.ops.semantify.export_keys_model.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.ops.semantify.add_character(mapper="synthetic")
    assert not bpy.ops.semantify.export_keys_model.poll()
    assert not bpy.ops.semantify.detach.poll()
    for name in ("attach_mapper", "detach"):
        assert {"REGISTER", "UNDO"} <= getattr(bpy.types, f"SEMANTIFY_OT_{name}").bl_options


def test_export_says_how_many_and_refuses_a_bad_pattern(head: bpy.types.Object, tmp_path: Path):
    with pytest.raises(RuntimeError, match=r"Exclude 'nose\*' matches no shape key of 'Head'"):
        bpy.ops.semantify.export_keys_model(filepath=str(tmp_path / "x.model.npz"), exclude="nose*")
    with pytest.raises(RuntimeError, match="No file name"):
        bpy.ops.semantify.export_keys_model(filepath=f"{tmp_path}/")
    assert list(tmp_path.iterdir()) == []


def test_a_key_mapper_with_its_model_also_makes_a_character_of_its_own(mapper_path: Path):
    assert bpy.ops.semantify.add_character(mapper=str(mapper_path)) == {"FINISHED"}
    obj = bpy.context.object
    set_slider(obj, 0, 1.0)
    model = MorphableModel.load(mapper_path.with_name("Head.model.npz"))
    shown = model.vertices(np.array(list(wanted(mapper_path, [1, 0, 0]).values())))
    assert np.abs(evaluated(obj) - shown + [0, 0, model.template[:, 2].min()]).max() < 1e-6
    # a head stands on no floor: its template's lowest point is at 0 and no component carries a shift
    assert min(vertex.co.z for vertex in obj.data.vertices) == pytest.approx(0, abs=1e-6)
