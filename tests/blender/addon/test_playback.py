"""Keyed sliders: the shape is written once a frame, before Blender evaluates it, and right where that cannot be."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon.test_animation import keyed
from tests.blender.addon_helpers import add, error_of, set_slider, slider_values
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which handler is at work whenever points are written: "pre", "post", or "" for none."""
    from semantify_blender.addon import handlers
    from semantify_blender.addon.character import following, live_key

    found: list[str] = []
    now = [""]

    def during(name: str, work: Callable[..., None]) -> Callable[..., None]:
        def called(*given: object) -> None:
            now[0] = name
            try:
                work(*given)
            finally:
                now[0] = ""

        return called

    put = live_key._put
    monkeypatch.setattr(live_key, "_put", lambda *given: (found.append(now[0]), put(*given)))
    monkeypatch.setattr(following, "lead", during("pre", following.lead))
    monkeypatch.setattr(following, "follow_frame", during("post", following.follow_frame))
    assert handlers.lead_animation in bpy.app.handlers.frame_change_pre
    return found


def played(obj: bpy.types.Object, writes: list[str], folder: Path) -> list[str]:
    """Who wrote at each of four frames; the shape is right at all."""
    writes.clear()
    for frame in (2, 5, 9, 12):
        bpy.context.scene.frame_set(frame)
        before = list(writes)
        assert error_of(obj, folder) < 1e-5
        assert writes == before, "looking at the mesh writes nothing"
    return writes


def test_keyframes_are_written_before_the_frame_and_not_again(synthetic_data: Path, writes: list[str]):
    assert played(keyed(), writes, synthetic_data) == ["pre"] * 4


def curve_of(obj: bpy.types.Object) -> bpy.types.FCurve:
    from semantify_blender.blender.shape_keys.ruled import action_curves

    return action_curves(obj.data.animation_data)[0]


def cycles(obj: bpy.types.Object) -> None:
    curve_of(obj).modifiers.new("CYCLES")


def noise(obj: bpy.types.Object) -> None:
    curve = curve_of(obj)
    for point in curve.keyframe_points:
        point.co.y *= 0.5
    # up to 0.4 of it: the sum stays within the slider
    curve.modifiers.new("NOISE").strength = 0.8


def by_word(obj: bpy.types.Object) -> None:
    curve_of(obj).data_path = 'semantify.sliders["fat"].value'


def static_beside(obj: bpy.types.Object) -> None:
    set_slider(obj, 2, 0.7)


@pytest.mark.parametrize("change", [cycles, noise, by_word, static_beside], ids=lambda change: change.__name__)
def test_whatever_the_curves_say_is_known_before(
    change: Callable[[bpy.types.Object], None], synthetic_data: Path, writes: list[str]
):
    obj = keyed()
    change(obj)
    assert set(played(obj, writes, synthetic_data)) == {"pre"}


def muted(obj: bpy.types.Object) -> None:
    curve_of(obj).mute = True


def muted_group(obj: bpy.types.Object) -> None:
    obj.data.semantify.sliders[0].keyframe_insert("value", frame=1, group="Shape")
    curve = next(curve for curve in _curves(obj) if curve.group is not None)
    curve.group.mute = True


def _curves(obj: bpy.types.Object) -> list[bpy.types.FCurve]:
    from semantify_blender.blender.shape_keys.ruled import action_curves

    return list(action_curves(obj.data.animation_data))


@pytest.mark.parametrize("change", [muted, muted_group], ids=lambda change: change.__name__)
def test_muted_curves_move_nothing(change: Callable[[bpy.types.Object], None], synthetic_data: Path, writes: list[str]):
    obj = keyed()
    change(obj)
    assert "post" not in played(obj, writes, synthetic_data)


def drive(obj: bpy.types.Object) -> None:
    obj.data.driver_add("semantify.sliders[0].value").driver.expression = "frame / 20"


def push_down(obj: bpy.types.Object) -> None:
    data = obj.data.animation_data
    track = data.nla_tracks.new()
    strip = track.strips.new("strip", 1, data.action)
    strip.use_animated_influence = False
    strip.influence = 0.5
    data.action = None


def additive_action(obj: bpy.types.Object) -> None:
    """An NLA strip below the action that is played."""
    data = obj.data.animation_data
    track = data.nla_tracks.new()
    track.strips.new("strip", 1, data.action.copy())
    data.action_influence = 0.3


@pytest.mark.parametrize("change", [drive, push_down, additive_action], ids=lambda change: change.__name__)
def test_drivers_and_nla_are_followed_after_the_frame(
    change: Callable[[bpy.types.Object], None], synthetic_data: Path, writes: list[str]
):
    obj = keyed()
    change(obj)
    assert set(played(obj, writes, synthetic_data)) == {"post"}


def test_a_wrong_guess_is_put_right_after_the_frame(
    synthetic_data: Path, writes: list[str], monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.character import playback

    obj = keyed()
    monkeypatch.setattr(playback, "all_values", lambda mesh, frame: {"": np.float32([0.3, 0.3, 0.3])})
    assert set(played(obj, writes, synthetic_data)) == {"pre", "post"}


def test_between_frames_and_with_remapped_time(synthetic_data: Path, writes: list[str]):
    obj = keyed()
    writes.clear()
    scene = bpy.context.scene
    scene.frame_set(4, subframe=0.5)
    assert slider_values(obj)[1] == pytest.approx(curve_of(obj).evaluate(4.5), abs=1e-6)
    assert error_of(obj, synthetic_data) < 1e-5
    scene.render.frame_map_old, scene.render.frame_map_new = 100, 50
    scene.frame_set(8)
    assert scene.frame_current_final != 8
    assert slider_values(obj)[1] == pytest.approx(curve_of(obj).evaluate(scene.frame_current_final), abs=1e-6)
    assert error_of(obj, synthetic_data) < 1e-5
    assert set(writes) == {"pre"}


def test_twenty_characters_are_written_once_each(synthetic_data: Path, writes: list[str]):
    cast = [keyed(i % 3) for i in range(20)]
    writes.clear()
    bpy.context.scene.frame_set(6)
    assert writes == ["pre"] * 20
    assert max(error_of(obj, synthetic_data) for obj in cast) < 1e-5


def test_a_driven_character_beside_a_keyed_one(synthetic_data: Path, writes: list[str]):
    first, second = keyed(), add()
    drive(second)
    writes.clear()
    bpy.context.scene.frame_set(7)
    assert sorted(writes) == ["post", "pre"]
    assert max(error_of(obj, synthetic_data) for obj in (first, second)) < 1e-5
