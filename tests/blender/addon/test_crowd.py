"""Crowds: many characters that share what can be shared, each in a shape of its own, in rows or on a curve."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon_helpers import add, error_of, evaluated, set_slider, slider_values, texts
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
BODY = "anny-body-neutral"


def crowd(**options: object) -> list[bpy.types.Object]:
    """The people of a new crowd, as it numbers them."""
    before = set(bpy.data.objects)
    assert bpy.ops.semantify.crowd(**{"mapper": "synthetic", **options}) == {"FINISHED"}
    return sorted(set(bpy.data.objects) - before, key=lambda obj: obj.name)


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()


def directions(people: list[bpy.types.Object]) -> np.ndarray:
    """(n, 3) where they look."""
    bpy.context.view_layer.update()
    return np.array([-np.array(obj.matrix_world)[:3, 1] for obj in people])


def test_people_differ_follow_their_sliders_and_stand_in_rows_at_the_cursor(synthetic_data: Path) -> None:
    bpy.context.scene.cursor.location = 3.0, 1.0, 0.5
    people = crowd(count=7, spacing=2.0, seed=3)
    assert [obj.name for obj in people] == [f"Crowd {i:03d}" for i in range(1, 8)]
    assert {obj.users_collection[0].name for obj in people} == {"Crowd"}
    assert len({tuple(slider_values(obj)) for obj in people}) == 7
    assert max(error_of(obj, synthetic_data) for obj in people) < 1e-5
    places = np.array([obj.location for obj in people])
    assert np.allclose(places[:3], [[1, 1, 0.5], [3, 1, 0.5], [5, 1, 0.5]])
    assert np.allclose(places[3], [1, 3, 0.5])
    assert np.allclose(directions(people), [0, -1, 0], atol=1e-6)
    assert bpy.context.view_layer.objects.active == people[0]
    assert set(bpy.context.selected_objects) == set(people)
    assert len(bpy.data.meshes) == 7
    set_slider(people[2], 0, 1.0)
    assert max(error_of(obj, synthetic_data) for obj in people) < 1e-5


def test_the_same_seed_gives_the_same_people_however_many(synthetic_data: Path) -> None:
    five, eight = crowd(count=5, seed=2), crowd(count=8, seed=2)
    assert [obj.name for obj in eight[:2]] == ["Crowd 006", "Crowd 007"]
    assert [slider_values(obj) for obj in eight[:5]] == [slider_values(obj) for obj in five]
    assert slider_values(crowd(count=1, seed=3)[0]) != slider_values(five[0])
    assert [slider_values(obj) for obj in crowd(count=2, spread=0.0)] == [[0, 0, 0], [0, 0, 0]]
    assert np.std([slider_values(obj) for obj in crowd(count=20, spread=0.2)]) < np.std(
        [slider_values(obj) for obj in crowd(count=20, spread=1.0)]
    )


def test_the_active_character_is_the_middle_and_its_locked_sliders_stay(synthetic_data: Path) -> None:
    obj = add("dressed")
    bpy.ops.semantify.change_clothes(outfit="bare")
    bpy.ops.semantify.skin_tone(step=9)
    for i, value in enumerate((0.4, -0.6, 0.2)):
        set_slider(obj, i, value)
    obj.data.semantify.sliders[1].lock = True
    obj.data.semantify.sliders[0].keyframe_insert("value", frame=1)
    before = evaluated(obj)
    still = crowd(count=2, source="ACTIVE", spread=0.0)
    assert all(slider_values(one) == pytest.approx([0.4, -0.6, 0.2]) for one in still)
    assert all(np.abs(evaluated(one) - before).max() < 1e-6 for one in still)
    bpy.context.view_layer.objects.active = obj
    people = crowd(count=30, source="ACTIVE", spread=0.3)
    values = np.array([slider_values(one) for one in people])
    assert np.allclose(values[:, 1], -0.6)
    assert np.abs(values[:, 0].mean() - 0.4) < 0.3
    assert all(one.data.semantify.outfit == "bare" for one in people)
    assert all(list(one.data.materials) == list(people[0].data.materials) for one in people)
    assert not any(one.data.animation_data for one in people)
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert slider_values(obj) == pytest.approx([0.4, -0.6, 0.2])


def test_along_a_curve_feet_are_on_it_evenly_and_people_look_where_it_goes() -> None:
    bpy.ops.curve.primitive_bezier_circle_add(radius=4.0, location=(1.0, 2.0, 0.5))
    circle = bpy.context.object
    circle.data.bevel_depth = 0.1
    people = crowd(count=12, layout_kind="CURVE")
    away = np.array([obj.location for obj in people]) - (1.0, 2.0, 0.5)
    assert np.abs(np.linalg.norm(away, axis=1) - 4.0).max() < 0.02
    assert np.abs(away[:, 2]).max() < 1e-6
    steps = np.linalg.norm(np.diff(away, axis=0), axis=1)
    assert steps.std() < 0.02 * steps.mean()
    looks = directions(people)
    assert np.abs(np.einsum("ni,ni->n", looks, away)).max() < 0.3  # tangent
    assert np.abs(looks[:, 2]).max() < 1e-6
    ahead = np.einsum("ni,ni->n", looks[:-1], np.diff(away, axis=0))
    assert (ahead > 0).all()
    bpy.ops.curve.primitive_nurbs_path_add(location=(0, 0, 3))
    path = bpy.context.object
    front = crowd(count=3, layout_kind="CURVE", facing="FRONT")
    assert np.allclose(directions(front), [0, -1, 0], atol=1e-6)
    places = np.array([obj.location for obj in front])
    assert np.allclose(places[:, 0], [-2, 0, 2], atol=1e-5)  # both ends
    assert len(bpy.data.curves) == 2
    bpy.data.objects.remove(path)
    bpy.data.objects.remove(circle)
    with pytest.raises(RuntimeError, match="No curve is selected"):
        bpy.ops.semantify.crowd(count=2, layout_kind="CURVE")


def test_what_cannot_be_done_is_a_sentence_and_leaves_nothing() -> None:
    with pytest.raises(RuntimeError, match="No mapper 'nobody'"):
        bpy.ops.semantify.crowd(mapper="nobody")
    with pytest.raises(RuntimeError, match="No character is active"):
        bpy.ops.semantify.crowd(source="ACTIVE")
    obj = add()
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    with pytest.raises(RuntimeError, match=r"cannot be the middle of a crowd .*baked"):
        bpy.ops.semantify.crowd(source="ACTIVE")
    assert list(bpy.data.objects) == [obj]
    assert not bpy.data.collections
    assert len(bpy.data.meshes) == 1


def test_metres_stay_metres_in_scenes_of_other_units() -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    people = crowd(count=2, spacing=1.5)
    assert people[1].location.x - people[0].location.x == pytest.approx(150.0)
    assert people[0].scale[0] == pytest.approx(100.0)


def test_one_undo_takes_all_away(synthetic_data: Path) -> None:
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="before")
    crowd(count=4)
    bpy.ops.ed.undo_push(message="crowd")
    bpy.ops.ed.undo()
    assert not bpy.data.objects
    bpy.ops.ed.redo()
    assert len(bpy.data.objects) == 4
    assert max(error_of(obj, synthetic_data) for obj in bpy.data.objects) < 1e-5


def test_twenty_people_share_materials_and_texts_and_the_file_is_small(embedded: None, tmp_path: Path) -> None:
    people = crowd(mapper=BODY, count=20)
    assert len(bpy.data.materials) <= 12
    assert len(texts()) == len(texts(".model")) == 1
    assert len({obj.data.name for obj in people}) == 20
    path = str(tmp_path / "crowd.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)
    size = Path(path).stat().st_size
    for obj in people[1:]:
        copy = people[0].copy()
        copy.data = people[0].data.copy()
        bpy.context.scene.collection.objects.link(copy)
        bpy.data.meshes.remove(obj.data)
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)
    assert size <= 1.05 * Path(path).stat().st_size
    bpy.ops.wm.open_mainfile(filepath=path)
    assert len(bpy.data.materials) <= 12


def test_random_clothes_are_worn_and_can_be_changed(embedded: None) -> None:
    people = crowd(mapper=BODY, count=12, outfits=True)
    worn = {obj.data.semantify.outfit for obj in people}
    assert len(worn) > 2
    assert "none" not in worn
    assert len(bpy.data.materials) <= 15
    bpy.context.view_layer.objects.active = people[0]
    bpy.ops.semantify.change_clothes(outfit="none")
    set_slider(people[0], 0, 1.0)
    bpy.ops.semantify.skin_tone(step=2)
    names = [material.name for material in people[0].data.materials]
    assert not {"Lips", "Nails", "Pupil"} & {name.partition(".")[0] for name in names}


def test_merged_materials_look_the_same_and_leave_others_alone(embedded: None) -> None:
    alone = add(BODY)
    kept = list(alone.data.materials)
    crowd(mapper=BODY, count=2)
    assert list(alone.data.materials) == kept
    whole = crowd(mapper=BODY, count=2, few_materials=False)
    assert list(whole[0].data.materials) == kept


def test_a_thousand_are_no_trouble_to_the_memory_of_the_add_on() -> None:
    from semantify_blender.addon.state import memory

    people = crowd(count=60)
    known = {obj.data.session_uid for obj in people}
    assert not known & {uid for uid, _ in memory.added}
    assert not known & memory.spans.keys()
