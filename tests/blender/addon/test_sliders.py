"""Setting sliders: reset, lock, random, keep natural, duplicates, Edit Mode, undo."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon_helpers import add, error_of, evaluated, load, on_the_floor, set_slider, slider_values
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def test_values_outside_the_range_are_clamped():
    obj = add()
    set_slider(obj, 0, 7.0)
    assert slider_values(obj)[0] == 1.0


def test_reset_one_and_all_but_the_locked(synthetic_data: Path):
    obj = add()
    for i, value in enumerate((0.4, -0.6, 0.9)):
        set_slider(obj, i, value)
    assert bpy.ops.semantify.reset_slider(index=1) == {"FINISHED"}
    assert slider_values(obj) == pytest.approx([0.4, 0.0, 0.9])
    assert error_of(obj, synthetic_data) < 1e-5
    obj.data.semantify.sliders[2].lock = True
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert slider_values(obj) == pytest.approx([0.0, 0.0, 0.9])
    assert error_of(obj, synthetic_data) < 1e-5


def test_a_press_moves_on_to_the_next_seed_also_when_the_redo_panel_does_it_again():
    """The redo panel undoes everything and executes, with the properties that the press had, and invokes nothing."""
    state = add().data.semantify
    for seed, following in ((0, 1), (2**31 - 1, 0)):
        bpy.ops.ed.undo_push(message="start")
        for strength in (0.7, 0.3):
            assert bpy.ops.semantify.randomize(seed=seed, strength=strength, pressed=True) == {"FINISHED"}
            assert state.seed == following
            bpy.ops.ed.undo_push(message="randomize")
            bpy.ops.ed.undo()
            state = bpy.context.object.data.semantify
    bpy.ops.semantify.randomize(seed=5)
    assert state.seed == 0


def test_randomize_is_seeded_respects_locks_and_strength(synthetic_data: Path):
    obj = add()
    set_slider(obj, 1, 0.25)
    obj.data.semantify.sliders[1].lock = True
    drawn = []
    for seed in (1, 2, 1):
        assert bpy.ops.semantify.randomize(seed=seed, strength=0.7) == {"FINISHED"}
        drawn.append(slider_values(obj))
        assert error_of(obj, synthetic_data) < 1e-5
    assert drawn[0] == drawn[2] != drawn[1]
    assert all(values[1] == 0.25 for values in drawn)
    obj.data.semantify.sliders[1].lock = False
    bpy.ops.semantify.randomize(seed=1, strength=0.0)
    assert slider_values(obj) == pytest.approx([0, 0, 0], abs=1e-6)


def test_random_characters_follow_the_scores_covariance():
    from dataclasses import replace

    from semantify_blender.addon.character import shape
    from tests.synthetic import synthetic_mapper, synthetic_model

    mapper = synthetic_mapper(synthetic_model())
    covariance = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]], np.float32)
    mapper = replace(mapper, score_covariance=covariance, low=mapper.default - 9, high=mapper.default + 9)
    free = np.zeros(3, bool)
    draws = np.array([shape.random_values(mapper, np.zeros(3), free, seed, 1.0) for seed in range(800)])
    correlation = np.corrcoef(draws.T)
    assert correlation[0, 1] == pytest.approx(0.9, abs=0.05)
    assert abs(correlation[0, 2]) < 0.1
    # given a locked slider, the one that goes with it is drawn around what it implies
    locked = np.array([True, False, False])
    held = np.array([2 / 9, 0, 0], np.float32)
    draws = np.array([shape.random_values(mapper, held, locked, seed, 1.0) for seed in range(800)])
    assert np.allclose(draws[:, 0], held[0])
    assert draws[:, 1].mean() * 9 == pytest.approx(0.9 * 2, abs=0.1)
    assert draws[:, 1].std() * 9 == pytest.approx(np.sqrt(1 - 0.81), abs=0.06)


def test_keep_natural_lets_untouched_scores_follow(tmp_path: Path, synthetic_data: Path):
    from dataclasses import replace

    mapper, model = load(synthetic_data)
    spread = np.outer(mapper.score_deviation, mapper.score_deviation)
    related = np.array([[1, 0.8, 0], [0.8, 1, 0], [0, 0, 1]], np.float32)
    mapper = replace(mapper, score_covariance=(spread * related).astype(np.float32))
    mapper.save(tmp_path / "related.mapper.npz")
    obj = add(str(tmp_path / "related.mapper.npz"))
    state = obj.data.semantify
    set_slider(obj, 0, 1.0)
    plain = evaluated(obj)
    state.keep_natural = True
    scores = mapper.scores_from_sliders(np.array([1.0, 0, 0]))
    scores = mapper.natural_scores(scores, np.array([True, False, False]))
    assert scores[1] > mapper.default[1] + 0.5
    natural = evaluated(obj)
    assert np.abs(natural - on_the_floor(model, mapper.coefficients(scores))).max() < 1e-5
    assert np.abs(natural - plain).max() > 1e-3
    assert slider_values(obj) == [1.0, 0.0, 0.0]
    state.sliders[1].lock = True
    assert np.abs(evaluated(obj) - plain).max() < 1e-6
    state.keep_natural = state.sliders[1].lock = False
    assert np.abs(evaluated(obj) - plain).max() < 1e-6


def test_linked_duplicates_share_and_full_ones_do_not(synthetic_data: Path):
    obj = add()
    linked = obj.copy()
    full = obj.copy()
    full.data = obj.data.copy()
    for other in (linked, full):
        bpy.context.scene.collection.objects.link(other)
    set_slider(obj, 0, 0.8)
    assert slider_values(linked)[0] == pytest.approx(0.8)
    assert slider_values(full)[0] == 0.0
    assert np.abs(evaluated(linked) - evaluated(obj)).max() == 0.0
    for character in (obj, linked, full):
        assert error_of(character, synthetic_data) < 1e-5
    set_slider(full, 0, -0.8)
    assert slider_values(obj)[0] == pytest.approx(0.8)
    assert error_of(full, synthetic_data) < 1e-5
    assert error_of(obj, synthetic_data) < 1e-5


def test_duplicated_by_the_operator_as_a_user_does(synthetic_data: Path):
    obj = add()
    set_slider(obj, 2, 0.5)
    bpy.ops.object.duplicate()
    twin = bpy.context.object
    assert twin.data != obj.data
    set_slider(twin, 2, -0.5)
    assert error_of(twin, synthetic_data) < 1e-5
    assert error_of(obj, synthetic_data) < 1e-5


def test_two_characters_are_independent_and_share_the_stored_mapper(synthetic_data: Path):
    first, second = add(), add()
    assert first.data["semantify_mapper"] == second.data["semantify_mapper"]
    assert first.data["semantify_model"] == second.data["semantify_model"]
    assert len(bpy.data.texts) == 2
    set_slider(first, 0, 1.0)
    set_slider(second, 0, -1.0)
    assert error_of(first, synthetic_data) < 1e-5
    assert error_of(second, synthetic_data) < 1e-5
    assert np.abs(evaluated(first) - evaluated(second)).max() > 1e-3


def test_edit_mode_stops_operators_and_keeps_the_shape(synthetic_data: Path):
    obj = add()
    set_slider(obj, 0, 0.5)
    bpy.ops.object.mode_set(mode="EDIT")
    for operator in (bpy.ops.semantify.reset_all, bpy.ops.semantify.randomize, bpy.ops.semantify.add_character):
        assert not operator.poll()
    set_slider(obj, 0, -0.5)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert error_of(obj, synthetic_data) < 1e-5


def test_other_shape_keys_and_modifiers_are_left_alone():
    obj = add()
    own = obj.shape_key_add(name="Smile", from_mix=False)
    own.value = 0.5
    obj.modifiers.new("Smooth", "SMOOTH")
    set_slider(obj, 0, 0.7)
    bpy.ops.semantify.randomize(seed=4)
    assert own.value == 0.5
    assert len(obj.modifiers) == 1


def test_a_value_set_on_the_live_key_lasts_until_the_next_change(synthetic_data: Path):
    obj = add()
    set_slider(obj, 0, 0.5)
    obj.data.shape_keys.key_blocks["Semantify"].value = 0.3
    assert error_of(obj, synthetic_data) > 1e-3
    set_slider(obj, 1, 1.0)
    assert error_of(obj, synthetic_data) < 1e-5


@pytest.fixture
def undoable() -> None:
    """Undo in background needs a first step to come back to."""
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="start")


@pytest.mark.usefixtures("undoable")
def test_undo_and_redo_restore_sliders_and_mesh(synthetic_data: Path):
    name = add().name
    bpy.ops.ed.undo_push(message="added")
    set_slider(bpy.data.objects[name], 0, 0.75)
    bpy.ops.ed.undo_push(message="drag")
    bpy.ops.semantify.randomize(seed=5)
    bpy.ops.ed.undo_push(message="random")
    random = slider_values(bpy.data.objects[name])
    for undo, wanted in (
        (bpy.ops.ed.undo, [0.75, 0, 0]),
        (bpy.ops.ed.undo, [0, 0, 0]),
        (bpy.ops.ed.redo, [0.75, 0, 0]),
        (bpy.ops.ed.redo, random),
    ):
        assert undo() == {"FINISHED"}
        obj = bpy.data.objects[name]
        assert slider_values(obj) == pytest.approx(wanted)
        assert error_of(obj, synthetic_data) < 1e-5


def test_operators_that_change_the_file_are_undo_steps():
    for name in ("add_character", "reset_slider", "reset_all", "randomize", "key_sliders", "bake", "free_bake"):
        cls = getattr(bpy.types, f"SEMANTIFY_OT_{name}")
        assert {"REGISTER", "UNDO"} <= cls.bl_options, name
