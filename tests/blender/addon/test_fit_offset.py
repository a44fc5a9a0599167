"""What a fit adds to the sliders' shape: edited on top, scaled, kept and cleared, in every way a file is used."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.fitting.solve import offset_coefficients
from tests.blender.addon_helpers import add, evaluated, files_opened, load, set_slider, slider_values
from tests.blender.fit_helpers import expected_mesh, state_of
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
OFFSET = np.array([0.5, -0.4, 0.3, 0.8], np.float32)


def fitted(offset: np.ndarray = OFFSET) -> bpy.types.Object:
    """A character with an offset, as a fit leaves it."""
    from semantify_blender.addon.character import shape

    obj = add()
    shape.set_offset(obj.data.semantify, offset)
    obj.data.semantify.fitted_to = "someone.png"
    shape.apply(obj.data)
    return obj


def offset_error(obj: bpy.types.Object, folder: Path, offset: np.ndarray = OFFSET) -> float:
    """Metres between the character and M(Ω(its sliders)) + offset."""
    mapper, _ = load(folder)
    scores = mapper.scores_from_sliders(np.array(slider_values(obj), np.float32))
    wanted = expected_mesh(folder, offset_coefficients(mapper, scores, offset))
    return float(np.abs(evaluated(obj) - wanted).max())


def test_sliders_edit_on_top_of_the_offset(synthetic_data: Path):
    obj = fitted()
    assert offset_error(obj, synthetic_data) < 1e-5
    assert offset_error(obj, synthetic_data, np.zeros(4)) > 1e-3
    for i, value in enumerate((0.6, -0.3, 1.0)):
        set_slider(obj, i, value)
        assert offset_error(obj, synthetic_data) < 1e-5


def test_amount_scales_the_offset(synthetic_data: Path):
    obj = fitted()
    set_slider(obj, 0, 0.5)
    for amount in (0.0, 0.5, 1.0):
        obj.data.semantify.offset_amount = amount
        assert offset_error(obj, synthetic_data, amount * OFFSET) < 1e-5


def test_more_coefficients_than_a_vector_property_holds():
    from semantify_blender.addon.character import shape

    state = add().data.semantify
    many = np.arange(52, dtype=np.float32)
    shape.set_offset(state, many)
    state.component_count = 52
    assert shape.offset(state).tolist() == many.tolist()
    # an offset of another model is none
    state.component_count = 51
    assert shape.offset(state) is None


def test_reset_all_clears_and_randomize_and_reset_slider_keep_it(synthetic_data: Path):
    obj = fitted()
    assert bpy.ops.semantify.randomize(seed=3) == {"FINISHED"}
    assert any(slider_values(obj))
    assert offset_error(obj, synthetic_data) < 1e-5
    bpy.ops.semantify.reset_slider(index=0)
    assert offset_error(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert slider_values(obj) == [0, 0, 0]
    assert len(obj.data.semantify.offset) == 0
    assert obj.data.semantify.fitted_to == ""
    assert offset_error(obj, synthetic_data, np.zeros(4)) < 1e-5


def test_clear_fit_keeps_the_sliders(synthetic_data: Path):
    obj = fitted()
    set_slider(obj, 1, 0.5)
    assert bpy.ops.semantify.clear_fit() == {"FINISHED"}
    assert slider_values(obj) == [0, 0.5, 0]
    assert offset_error(obj, synthetic_data, np.zeros(4)) < 1e-5


def test_another_mapper_for_the_model_keeps_the_fitted_shape(synthetic_data: Path, tmp_path: Path):
    mapper, _ = load(synthetic_data)
    layers = tuple((weight * 0.5, bias) for weight, bias in mapper.layers)
    replace(mapper, layers=layers, descriptors=("muscular", "round", "tall")).save(tmp_path / "other.mapper.npz")
    obj = fitted()
    set_slider(obj, 0, 0.7)
    before = evaluated(obj)
    assert bpy.ops.semantify.change_mapper(filepath=str(tmp_path / "other.mapper.npz")) == {"FINISHED"}
    assert slider_values(obj) == pytest.approx([0, 0, 0.7])
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    set_slider(obj, 2, -0.7)
    assert np.abs(evaluated(obj) - before).max() > 1e-3


def test_saved_and_opened(synthetic_data: Path, tmp_path: Path):
    set_slider(fitted(), 0, 0.4)
    path = str(tmp_path / "fitted.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Synthetic"]
    assert obj.data.semantify.fitted_to == "someone.png"
    assert offset_error(obj, synthetic_data) < 1e-5
    set_slider(obj, 1, 0.9)
    assert offset_error(obj, synthetic_data) < 1e-5


def test_linked_duplicates_share_it_and_full_ones_do_not(synthetic_data: Path):
    obj = fitted()
    linked, full = obj.copy(), obj.copy()
    full.data = obj.data.copy()
    for other in (linked, full):
        bpy.context.scene.collection.objects.link(other)
    obj.data.semantify.offset_amount = 0.5
    assert offset_error(linked, synthetic_data, 0.5 * OFFSET) < 1e-5
    assert offset_error(full, synthetic_data) < 1e-5


def test_animated_sliders_play_on_top_and_bake_with_it(synthetic_data: Path):
    obj = fitted()
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 0, value)
        obj.data.semantify.sliders[0].keyframe_insert("value", frame=frame)
    for frame in (1, 6, 11):
        bpy.context.scene.frame_set(frame)
        assert offset_error(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    for frame in (1, 6, 11):
        bpy.context.scene.frame_set(frame)
        assert offset_error(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert offset_error(obj, synthetic_data) < 1e-5


def test_keep_natural_leaves_a_fit_exact(synthetic_data: Path):
    from semantify_blender.addon.pictures import fitting

    mapper, _ = load(synthetic_data)
    obj = fitted()
    obj.data.semantify.keep_natural = True
    sliders = np.array([0.5, 0.0, -0.5], np.float32)
    fitting.set_shape(obj.data.semantify, sliders, OFFSET)
    wanted = offset_coefficients(mapper, mapper.scores_from_sliders(sliders), OFFSET)
    assert np.abs(evaluated(obj) - expected_mesh(synthetic_data, wanted)).max() < 1e-5


def test_undo_and_redo_bring_it_back(synthetic_data: Path):
    bpy.context.preferences.edit.use_global_undo = True
    name = fitted().name
    bpy.ops.ed.undo_push(message="fitted")
    before = state_of(bpy.data.objects[name])
    bpy.ops.semantify.clear_fit()
    bpy.ops.ed.undo_push(message="cleared")
    bpy.ops.ed.undo()
    obj = bpy.data.objects[name]
    assert state_of(obj) == before
    assert offset_error(obj, synthetic_data) < 1e-5
    bpy.ops.ed.redo()
    assert offset_error(bpy.data.objects[name], synthetic_data, np.zeros(4)) < 1e-5


def test_a_slider_change_of_a_fitted_character_imports_nothing_and_touches_no_disk():
    obj = fitted()
    before = set(sys.modules)
    with files_opened() as opened:
        for i in range(20):
            set_slider(obj, i % 3, i / 20)
    assert opened == []
    assert set(sys.modules) == before
