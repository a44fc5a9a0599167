"""Alt-drag and Copy to Selected write sliders of other characters by their number; the wrong word is never set.

tests/gui plays both with a real mouse; here the button under the mouse is a stand-in.
"""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.blender.addon_helpers import add, error_of, evaluated, load, set_slider, slider_values
from tests.blender.tier import bpy
from tests.synthetic import synthetic_mapper

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def other(synthetic_data: Path, tmp_path: Path) -> str:
    """A mapper for the same model whose second word is another one."""
    path = tmp_path / "other.mapper.npz"
    synthetic_mapper(load(synthetic_data)[1], ("tall", "slim", "muscular"), seed=5).save(path)
    return str(path)


def copied(source: bpy.types.Object, target: bpy.types.Object, number: int, name: str = "value") -> bool:
    """Write a property as Blender does, and tell the update that the mouse is over the source's; True if taken back."""
    from semantify_blender.addon.character import copying

    bpy.context.view_layer.update()
    value = getattr(source.data.semantify.sliders[number], name)
    sliders = target.data.semantify.sliders
    values = [getattr(slider, name) for slider in sliders]
    values[number] = value
    sliders.foreach_set(name, values)  # runs no update of its own
    under_mouse = (source.data, f"semantify.sliders[{number}].{name}", -1)
    context = SimpleNamespace(property=under_mouse, view_layer=bpy.context.view_layer)
    return copying.taken_back(sliders[number], name, context)


def test_another_word_is_given_its_value_back(other: str):
    source, target = add(), add(other)
    set_slider(source, 1, 0.9)
    set_slider(target, 1, -0.3)
    before = evaluated(target)
    assert copied(source, target, 1)
    assert slider_values(target) == pytest.approx([0, -0.3, 0])
    assert np.abs(evaluated(target) - before).max() < 1e-6


def test_the_same_word_at_the_same_place_takes_the_copy(other: str):
    source, target = add(), add(other)
    set_slider(source, 0, 0.9)
    assert not copied(source, target, 0)
    assert slider_values(target) == pytest.approx([0.9, 0, 0])


def test_characters_of_one_mapper_take_the_copy_as_usual(synthetic_data: Path):
    source, target = add(), add()
    set_slider(source, 1, 0.9)
    assert not copied(source, target, 1)
    assert slider_values(target) == pytest.approx([0, 0.9, 0])


def test_a_drag_goes_to_the_same_word_at_another_place(synthetic_data: Path, tmp_path: Path):
    path = tmp_path / "shifted.mapper.npz"
    synthetic_mapper(load(synthetic_data)[1], ("old", "tall", "fat", "muscular"), seed=5).save(path)
    source, target = add(), add(str(path))
    words = [slider.name for slider in source.data.semantify.sliders]
    assert words[0] == "tall"
    set_slider(target, 1, 0.2)
    for value in (0.3, 0.5):
        bpy.context.view_layer.update()
        set_slider(source, 0, value)
        written = np.array(slider_values(target), np.float32)
        written[0] += value
        target.data.semantify.sliders.foreach_set("value", written)
        under_mouse = (source.data, "semantify.sliders[0].value", -1)
        from semantify_blender.addon.character import copying

        context = SimpleNamespace(property=under_mouse, view_layer=bpy.context.view_layer)
        assert copying.taken_back(target.data.semantify.sliders[0], "value", context)
        assert slider_values(target) == pytest.approx([0, 0.2 + value, 0, 0], abs=1e-6)


def test_locks_too(other: str):
    source, target = add(), add(other)
    source.data.semantify.sliders[1].lock = True
    assert copied(source, target, 1, "lock")
    assert not target.data.semantify.sliders[1].lock
    source.data.semantify.sliders[0].lock = True
    assert not copied(source, target, 0, "lock")
    assert target.data.semantify.sliders[0].lock


def test_scripts_write_what_they_want(synthetic_data: Path, other: str):
    source, target = add(other), add()
    bpy.context.view_layer.objects.active = source
    target.data.semantify.sliders[1].value = 0.5
    assert slider_values(target) == [0, 0.5, 0]
    assert error_of(target, synthetic_data) < 1e-5


def test_animation_linked_to_other_words_is_said(other: str):
    from semantify_blender.addon.character import copying

    source, twin, target = add(), add(), add(other)
    source.data.semantify.sliders[1].keyframe_insert("value", frame=1)
    assert copying.notices(source.data) == []
    for obj in (twin, target):
        obj.select_set(True)
    source.select_set(True)
    bpy.context.view_layer.objects.active = source
    target.select_set(False)
    bpy.ops.object.make_links_data(type="ANIMATION")
    assert twin.data.animation_data.action == source.data.animation_data.action
    assert copying.notices(source.data) == copying.notices(twin.data) == []
    target.select_set(True)
    bpy.ops.object.make_links_data(type="ANIMATION")
    (notice,) = copying.notices(target.data)
    assert "whose sliders are other words" in notice
    target.data.animation_data.action = target.data.animation_data.action.copy()
    assert copying.notices(target.data) == []
