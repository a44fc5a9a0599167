"""Shape and sliders after everything that runs no update callback: drivers, unkeyed changes, loading, undo, errors."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon_helpers import (
    add,
    alpha_of,
    error_of,
    prepare_to_render,
    run_in_fresh_blender,
    set_slider,
    slider_values,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def drive(obj: bpy.types.Object, slider: int, expression: str, empty: bpy.types.Object | None = None) -> None:
    """A driver on a slider; `x` in its expression is the empty's x location."""
    driver = obj.data.driver_add(f"semantify.sliders[{slider}].value").driver
    if empty is not None:
        variable = driver.variables.new()
        variable.name, variable.type = "x", "TRANSFORMS"
        variable.targets[0].id, variable.targets[0].transform_type = empty, "LOC_X"
    driver.expression = expression


def add_empty() -> bpy.types.Object:
    empty = bpy.data.objects.new("Control", None)
    bpy.context.scene.collection.objects.link(empty)
    return empty


def key(obj: bpy.types.Object, slider: int = 1) -> None:
    """The slider goes from −1 at frame 1 to +1 at frame 11."""
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, slider, value)
        obj.data.semantify.sliders[slider].keyframe_insert("value", frame=frame)


def reopen(folder: Path) -> bpy.types.Object:
    path = str(folder / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return bpy.data.objects["Synthetic"]


def test_moving_the_object_that_drives_a_slider_moves_the_mesh(synthetic_data: Path):
    obj, empty = add(), add_empty()
    drive(obj, 0, "x", empty)
    for x in (0.7, -0.4):
        empty.location.x = x
        assert error_of(obj, synthetic_data) < 1e-5
        assert slider_values(obj)[0] == pytest.approx(x)


def test_a_driver_without_inputs_rules_at_once_and_after_every_try_to_drag(synthetic_data: Path):
    obj = add()
    drive(obj, 0, "0.6")
    assert error_of(obj, synthetic_data) < 1e-5
    assert slider_values(obj)[0] == pytest.approx(0.6)
    set_slider(obj, 0, -0.9)
    assert error_of(obj, synthetic_data) < 1e-5
    assert slider_values(obj)[0] == pytest.approx(0.6)


def test_setting_the_frame_without_going_there(synthetic_data: Path):
    obj = add()
    key(obj)
    bpy.context.scene.frame_current = 6
    assert error_of(obj, synthetic_data) < 1e-5
    assert slider_values(obj)[1] == pytest.approx(0.0, abs=1e-6)


def test_an_update_of_the_handlers_own_runs_no_other(synthetic_data: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.character import following

    obj, empty = add(), add_empty()
    drive(obj, 0, "x", empty)
    bpy.context.view_layer.update()
    calls = []
    follow = following.follow
    monkeypatch.setattr(following, "follow", lambda *a: (calls.append(a[0].name), follow(*a)))
    empty.location.x = 0.5
    for _ in range(3):
        bpy.context.view_layer.update()
    assert calls == ["Synthetic"]
    other = add_empty()
    bpy.context.view_layer.update()
    calls.clear()
    other.location.x = 1
    bpy.context.view_layer.update()
    assert calls == []
    assert error_of(obj, synthetic_data) < 1e-5


def test_changed_and_not_keyed_then_reopened(synthetic_data: Path, tmp_path: Path):
    obj = add()
    key(obj)
    bpy.context.scene.frame_set(6)
    set_slider(obj, 1, 0.9)
    # another object is evaluated as Blender does it without the add-on
    empty = add_empty()
    for frame in (1, 11):
        empty.location.x = frame
        empty.keyframe_insert("location", frame=frame)
    empty.location.x = 99.0
    obj = reopen(tmp_path)
    assert bpy.data.objects["Control"].location.x == pytest.approx(6.0)
    assert slider_values(obj)[1] == pytest.approx(0.0, abs=1e-6)
    assert error_of(obj, synthetic_data) < 1e-5


def test_driven_and_reopened_at_another_frame(synthetic_data: Path, tmp_path: Path):
    obj = add()
    drive(obj, 0, "frame / 10")
    drive(obj, 2, "-0.5")
    bpy.context.scene.frame_current = 8
    obj = reopen(tmp_path)
    assert slider_values(obj) == pytest.approx([0.8, 0.0, -0.5])
    assert error_of(obj, synthetic_data) < 1e-5


def test_undo_and_redo_of_animated_characters(synthetic_data: Path):
    bpy.context.preferences.edit.use_global_undo = True
    obj = add()
    key(obj)
    drive(obj, 0, "frame / 20")
    bpy.context.scene.frame_set(4)
    bpy.ops.ed.undo_push(message="keyed")
    set_slider(obj, 1, 0.9)
    bpy.ops.ed.undo_push(message="changed, not keyed")
    bpy.context.scene.frame_set(9)
    bpy.ops.ed.undo_push(message="another frame")
    for step in (bpy.ops.ed.undo, bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.redo, bpy.ops.ed.undo):
        assert step() == {"FINISHED"}
        obj = bpy.data.objects["Synthetic"]
        assert error_of(obj, synthetic_data) < 1e-5


def test_a_hidden_character_is_right_when_it_comes_back(synthetic_data: Path):
    obj, empty = add(), add_empty()
    drive(obj, 0, "x", empty)
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="driven")
    obj.hide_viewport = True
    bpy.context.view_layer.update()
    empty.location.x = 0.8
    set_slider(obj, 1, 0.5)
    bpy.context.view_layer.update()
    obj.hide_viewport = False
    assert error_of(obj, synthetic_data) < 1e-5
    assert slider_values(obj) == pytest.approx([0.8, 0.5, 0.0])


@pytest.mark.parametrize("event", ["frame", "update", "undo", "load"])
def test_one_broken_character_does_not_stop_the_others(
    event: str, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.character import following, shape

    bpy.context.preferences.edit.use_global_undo = True
    broken, obj, empty = add(), add(), add_empty()
    broken.data.name = broken.name = "Broken"
    obj.data.name = obj.name = "Synthetic"
    for character in (broken, obj):
        drive(character, 0, "x + frame / 100", empty)
    bpy.ops.ed.undo_push(message="before")
    work = shape.coefficients

    def fails(mapper: object, state: bpy.types.PropertyGroup, *values: np.ndarray) -> np.ndarray:
        if state.id_data.name == "Broken":
            raise ZeroDivisionError("no such luck")
        return work(mapper, state, *values)

    monkeypatch.setattr(shape, "coefficients", fails)
    empty.location.x = 0.5
    bpy.ops.ed.undo_push(message="moved")
    if event == "frame":
        bpy.context.scene.frame_set(20)
    elif event == "update":
        bpy.context.view_layer.update()
    elif event == "undo":
        bpy.ops.ed.undo()
    else:
        reopen(tmp_path)
    broken, obj = bpy.data.objects["Broken"], bpy.data.objects["Synthetic"]
    assert error_of(obj, synthetic_data) < 1e-5
    assert following.notices(obj) == []
    assert "ZeroDivisionError: no such luck" in " ".join(following.notices(broken))
    # a script that sets its slider goes on as well, and the notice goes with the cause
    set_slider(broken, 1, 0.3)
    monkeypatch.setattr(shape, "coefficients", work)
    set_slider(broken, 1, 0.4)
    bpy.context.view_layer.update()
    assert following.notices(broken) == []
    assert error_of(broken, synthetic_data) < 1e-5


def test_what_keeps_the_shape_from_the_sliders_is_said(synthetic_data: Path):
    from semantify_blender.addon.character import following

    obj = add()
    blocks = obj.data.shape_keys.key_blocks
    assert following.notices(obj) == []
    blocks["Semantify"].mute = True
    blocks["Semantify"].keyframe_insert("value", frame=1)
    obj.show_only_shape_key = True
    said = " ".join(following.notices(obj))
    for text in ("Semantify: muted", "Semantify: drivers or keyframes", "active shape key only"):
        assert text in said


def test_sliders_that_are_not_the_mappers_are_said_and_put_right_by_choosing_it_again(synthetic_data: Path):
    from semantify_blender.addon.character import embedding

    obj = add()
    obj.data.semantify.sliders.add()
    assert "4 sliders and its mapper 3 words" in embedding.problem(obj.data.semantify)
    for operator in ("randomize", "bake"):
        with pytest.raises(
            RuntimeError, match="4 sliders and its mapper 3 words, so they do nothing: choose the mapper"
        ):
            getattr(bpy.ops.semantify, operator)()
    mapper = str(synthetic_data / "mappers" / "synthetic.mapper.npz")
    assert bpy.ops.semantify.change_mapper(filepath=mapper) == {"FINISHED"}
    set_slider(obj, 0, 0.7)
    assert error_of(obj, synthetic_data) < 1e-5


RENDER = """
import os, sys
sys.path.insert(0, {repository!r})
import bpy
import semantify_blender
semantify_blender.register()
bpy.ops.wm.open_mainfile(filepath={blend!r})
scene = bpy.context.scene
for x in (-1.0, 1.0):
    bpy.data.objects["Control"].location.x = x
    scene.render.filepath = {folder!r} + f"/{{x}}.png"
    bpy.ops.render.render(write_still=True)
sys.stdout.flush()
os._exit(0)
"""


def test_a_still_rendered_in_background_shows_the_driven_slider(tmp_path: Path):
    from scripts.repository import REPOSITORY

    obj, empty = add(), add_empty()
    drive(obj, 0, "x", empty)
    prepare_to_render(bpy.context.scene, 48)
    blend = str(tmp_path / "driven.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    run_in_fresh_blender(RENDER.format(repository=str(REPOSITORY), blend=blend, folder=str(tmp_path)))
    low, high = (alpha_of(tmp_path / f"{x}.png") for x in (-1.0, 1.0))
    assert np.abs(low - high).sum() > 2.0
