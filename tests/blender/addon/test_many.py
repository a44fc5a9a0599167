"""Operators on all selected characters: matched by word, each mesh once, those that cannot be changed named."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import frames_of
from tests.blender.addon_helpers import add, error_of, load, set_slider, slider_values
from tests.blender.tier import bpy
from tests.synthetic import synthetic_mapper

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def other(synthetic_data: Path, tmp_path: Path) -> str:
    """A mapper for the same model with the words in another order, and one that the other has not."""
    path = tmp_path / "other.mapper.npz"
    synthetic_mapper(load(synthetic_data)[1], ("slim", "tall", "muscular"), seed=5).save(path)
    return str(path)


def words(obj: bpy.types.Object) -> dict[str, float]:
    return {slider.name: round(slider.value, 6) for slider in obj.data.semantify.sliders}


def select(active: bpy.types.Object, *others: bpy.types.Object) -> None:
    for obj in bpy.context.view_layer.objects:
        obj.select_set(obj == active or obj in others)
    bpy.context.view_layer.objects.active = active


def three(other: str) -> list[bpy.types.Object]:
    """Two of one mapper, one of another, all sliders moved."""
    found = [add(), add(), add(other)]
    for obj in found:
        for i in range(3):
            set_slider(obj, i, 0.5)
    return found


def test_reset_all_leaves_locked_sliders_and_those_that_are_not_selected(synthetic_data: Path, other: str) -> None:
    first, second, third = three(other)
    left = add()
    set_slider(left, 0, 0.5)
    first.data.semantify.sliders[1].lock = third.data.semantify.sliders["tall"].lock = True
    select(second, first, third)
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert slider_values(first) == [0.0, 0.5, 0.0]
    assert slider_values(second) == [0.0, 0.0, 0.0]
    assert words(third) == {"slim": 0.0, "tall": 0.5, "muscular": 0.0}
    assert slider_values(left)[0] == 0.5
    assert max(error_of(obj, synthetic_data) for obj in (first, second, left)) < 1e-5


def test_reset_slider_goes_by_the_word_and_not_by_the_place(other: str) -> None:
    first, second, third = three(other)
    word = first.data.semantify.sliders[0].name
    select(first, second, third)
    bpy.ops.semantify.reset_slider(index=0)
    for obj in (first, second, third):
        assert {name for name, value in words(obj).items() if value == 0.0} == ({word} & words(obj).keys())
    assert word in words(third)
    assert third.data.semantify.sliders[0].name != word
    set_slider(second, 1, 0.7)
    second.data.semantify.sliders[1].lock = first.data.semantify.sliders[1].lock = True
    bpy.ops.semantify.reset_slider(index=1)
    assert slider_values(first)[1] == 0.0  # asked for on this one
    assert slider_values(second)[1] == pytest.approx(0.7)


def test_each_is_randomised_by_a_seed_of_its_own(synthetic_data: Path) -> None:
    objects = [add() for _ in range(3)]
    objects[2].data.semantify.sliders[0].lock = True
    select(objects[0], *objects)
    bpy.ops.semantify.randomize(seed=7, strength=0.9)
    drawn = [slider_values(obj) for obj in objects]
    assert len({tuple(values) for values in drawn}) == 3
    assert drawn[2][0] == 0.0
    assert max(error_of(obj, synthetic_data) for obj in objects) < 1e-5
    alone = add()
    for seed, values in ((7, drawn[0]), (8, drawn[1])):
        bpy.ops.semantify.randomize(seed=seed, strength=0.9)
        assert slider_values(alone) == pytest.approx(values)


def test_a_press_moves_on_by_as_many_seeds_as_there_are_characters() -> None:
    objects = [add() for _ in range(3)]
    select(objects[1], *objects)
    objects[1].data.semantify.seed = 4
    bpy.ops.semantify.randomize(seed=4, pressed=True)
    assert [obj.data.semantify.seed for obj in objects] == [7, 7, 7]
    select(objects[0])
    bpy.ops.semantify.randomize(seed=7, pressed=True)
    assert [obj.data.semantify.seed for obj in objects] == [8, 7, 7]


def test_all_are_keyed_and_baked_in_one_pass_over_the_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    objects = [add(), add(), add("dressed")]
    select(objects[0], *objects)
    for frame, value in ((1, -0.5), (5, 0.9)):
        bpy.context.scene.frame_set(frame)
        for obj in objects:
            set_slider(obj, 0, value)
        bpy.ops.semantify.key_sliders()
    assert all(obj.data.animation_data.action for obj in objects)
    before = [frames_of(obj, (1, 3, 5)) for obj in objects]
    seen: list[int] = []
    bpy.app.handlers.frame_change_pre.append(lambda scene, *_: seen.append(scene.frame_current))
    try:
        bpy.ops.semantify.bake(frame_start=1, frame_end=5)
    finally:
        bpy.app.handlers.frame_change_pre.pop()
    assert seen[:5] == [1, 2, 3, 4, 5]
    assert len(seen) < 10
    assert all(obj.data.semantify.baked for obj in objects)
    for obj, live in zip(objects, before, strict=True):
        assert np.abs(frames_of(obj, (1, 3, 5)) - live).max() < 1e-5
    bpy.ops.semantify.free_bake()
    assert not any(obj.data.semantify.baked for obj in objects)


def test_linked_duplicates_are_done_once() -> None:
    obj, alone = add(), add()
    twin = obj.copy()
    bpy.context.scene.collection.objects.link(twin)
    select(obj, twin, alone)
    bpy.ops.semantify.randomize(seed=3, pressed=True)
    assert obj.data.semantify.seed == 5  # two shapes
    drawn = slider_values(alone)
    select(obj)
    bpy.ops.semantify.randomize(seed=4)
    assert slider_values(obj) == pytest.approx(drawn)


def test_those_that_cannot_be_changed_are_left_and_named_once(capfd: pytest.CaptureFixture) -> None:
    baked, free, edited = add(), add(), add()
    for obj in (baked, free, edited):
        set_slider(obj, 0, 0.5)
    select(baked)
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    select(baked, free, edited)
    edited.data.shape_keys.key_blocks["Semantify"].name = "Mine"
    capfd.readouterr()
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert slider_values(free)[0] == 0.0
    assert slider_values(baked)[0] == slider_values(edited)[0] == 0.5
    (line,) = [line for line in capfd.readouterr().out.splitlines() if "Left as they are" in line]
    assert f"{baked.name} (This character is baked" in line
    assert edited.name in line
    select(baked, edited)
    assert not bpy.ops.semantify.reset_all.poll()


def test_a_selected_rig_or_lamp_stands_for_its_character_or_for_none(other: str) -> None:
    from semantify_blender.addon.character.editing import editable_characters

    first, second, _ = three(other)
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    second.parent = parent
    select(first, parent)
    assert editable_characters(bpy.context) == [first, second]
    select(parent, second)
    assert editable_characters(bpy.context) == [second]
    parent.select_set(False)
    bpy.context.view_layer.objects.active = None
    assert editable_characters(bpy.context) == [second]


def test_in_edit_mode_the_others_are_left_alone(other: str) -> None:
    first, second, _ = three(other)
    select(first, second)
    bpy.ops.object.mode_set(mode="EDIT")
    try:
        assert not bpy.ops.semantify.reset_all.poll()
    finally:
        bpy.ops.object.mode_set(mode="OBJECT")


def test_all_of_it_is_one_step_of_undo(other: str) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    objects = three(other)
    names = [obj.name for obj in objects]
    select(objects[0], *objects)
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semantify.reset_all()
    bpy.ops.ed.undo_push(message="reset")
    bpy.ops.ed.undo()
    assert all(slider_values(bpy.data.objects[name]) == [0.5, 0.5, 0.5] for name in names)
