"""Back and forth between the looks that a character had in this session."""

import time
from pathlib import Path

import pytest

from semantify_blender.core.presets.history import REST
from tests.blender.addon_helpers import add, error_of, set_slider, slider_values
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that go on when the test says so."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def back() -> None:
    assert bpy.ops.semantify.look_back() == {"FINISHED"}


def forward() -> None:
    assert bpy.ops.semantify.look_forward() == {"FINISHED"}


def can() -> tuple[bool, bool]:
    return bpy.ops.semantify.look_back.poll(), bpy.ops.semantify.look_forward.poll()


def test_operators_and_drags_are_looks_to_go_back_and_forth_between(clock: list[float], synthetic_data: Path) -> None:
    obj = add()
    assert can() == (False, False)
    for i, value in enumerate((0.25, 0.5, 0.75)):  # one drag
        clock[0] += 0.05
        set_slider(obj, 0, value)
        assert i or can() == (True, False)
    clock[0] += REST + 1  # another one
    set_slider(obj, 1, -0.5)
    bpy.ops.semantify.randomize(seed=3)
    drawn = slider_values(obj)
    seen = []
    while can()[0]:
        back()
        assert error_of(obj, synthetic_data) < 1e-5
        seen.append(slider_values(obj))
    assert seen == [[0.75, -0.5, 0.0], [0.75, 0.0, 0.0], [0.0, 0.0, 0.0]]
    for wanted in (*seen[-2::-1], drawn):
        forward()
        assert slider_values(obj) == pytest.approx(wanted, abs=1e-5)
    assert can() == (True, False)
    with pytest.raises(RuntimeError, match="poll"):
        bpy.ops.semantify.look_forward()


def test_characters_do_not_share_their_looks_and_locked_sliders_stay() -> None:
    first = add()
    bpy.ops.semantify.randomize(seed=1)
    second = add()
    assert can() == (False, False)
    bpy.ops.semantify.randomize(seed=2)
    drawn = slider_values(second)
    second.data.semantify.sliders[1].lock = True
    back()
    assert slider_values(second) == pytest.approx([0.0, drawn[1], 0.0], abs=1e-5)
    assert slider_values(first) != [0.0, 0.0, 0.0]
    first.select_set(True)
    bpy.context.view_layer.objects.active = first
    back()
    assert slider_values(first) == [0.0, 0.0, 0.0]
    assert slider_values(second)[1] == pytest.approx(drawn[1], abs=1e-5)


def test_going_back_is_one_undo_step_and_undo_is_noticed() -> None:
    obj = add()
    bpy.ops.ed.undo_push(message="added")
    bpy.ops.semantify.randomize("EXEC_DEFAULT", True, seed=1)
    drawn = slider_values(obj)
    bpy.ops.semantify.look_back("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    obj = bpy.context.object
    assert slider_values(obj) == pytest.approx(drawn, abs=1e-6)
    assert can() == (True, False) or can() == (True, True)
    bpy.ops.semantify.look_back("EXEC_DEFAULT", True)
    assert slider_values(bpy.context.object) == [0.0, 0.0, 0.0]
    bpy.ops.semantify.look_forward("EXEC_DEFAULT", True)
    assert slider_values(bpy.context.object) == pytest.approx(drawn, abs=1e-5)


def test_trying_values_in_the_redo_panel_leaves_one_look() -> None:
    from semantify_blender.addon.state import memory

    add()
    bpy.ops.ed.undo_push(message="added")
    for seed in range(5):
        bpy.ops.semantify.randomize("EXEC_DEFAULT", True, seed=seed)
        bpy.ops.ed.undo()
    bpy.ops.semantify.randomize("EXEC_DEFAULT", True, seed=9)
    (history,) = memory.histories.values()
    assert len(history.entries) == 2


def test_another_file_has_no_looks_yet() -> None:
    from semantify_blender.addon.state import memory

    add()
    bpy.ops.semantify.randomize(seed=1)
    bpy.ops.wm.read_homefile(use_factory_startup=True)
    assert memory.histories == {}
