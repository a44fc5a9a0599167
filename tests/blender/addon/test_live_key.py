"""The one shape key that carries the shape: what else happens to the mesh meanwhile, judged by evaluated vertices."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.model.grounded import Grounded
from tests.blender.addon_helpers import add, error_of, evaluated, expected, load, set_slider, slider_values
from tests.blender.tier import bpy
from tests.synthetic import dressed_model, synthetic_mapper

pytestmark = pytest.mark.usefixtures("addon")


def points_of(key: bpy.types.ShapeKey) -> np.ndarray:
    points = np.empty((len(key.points), 3), np.float32)
    key.points.foreach_get("co", points.ravel())
    return points


def edit(obj: bpy.types.Object, *steps: str, **options: object) -> None:
    """Select all in Edit Mode, do something with `bpy.ops.mesh`, and leave."""
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    for step in steps:
        assert getattr(bpy.ops.mesh, step)(**options) == {"FINISHED"}
    bpy.ops.object.mode_set(mode="OBJECT")


def delete(obj: bpy.types.Object, vertices: set[int]) -> None:
    """Some vertices, in Edit Mode."""
    import bmesh

    bpy.ops.object.mode_set(mode="EDIT")
    edited = bmesh.from_edit_mesh(obj.data)
    edited.verts.ensure_lookup_table()
    bmesh.ops.delete(edited, geom=[edited.verts[i] for i in vertices], context="VERTS")
    bmesh.update_edit_mesh(obj.data)
    bpy.ops.object.mode_set(mode="OBJECT")


def test_keys_modifiers_and_basis_stay_as_they_are(synthetic_data: Path):
    obj = add()
    _, model = load(synthetic_data)
    for i, value in enumerate((0.7, -0.5, 0.9)):
        set_slider(obj, i, value)
    basis, live = obj.data.shape_keys.key_blocks
    assert (basis.name, live.name, live.value) == ("Basis", "Semantify", 1.0)
    assert np.abs(points_of(basis) - Grounded.of(model).points).max() < 1e-7
    assert error_of(obj, synthetic_data) < 1e-5
    obj.shape_key_remove(live)
    assert np.abs(evaluated(obj) - Grounded.of(model).points).max() < 1e-7


def test_what_is_sculpted_on_the_basis_stays_beneath_every_shape(synthetic_data: Path):
    obj = add()
    set_slider(obj, 0, 0.5)
    bump = np.zeros((len(obj.data.vertices), 3), np.float32)
    bump[30] = 0.0, -0.05, 0.02
    # Blender's sculpting on the Basis moves all keys along
    for key in obj.data.shape_keys.key_blocks:
        key.points.foreach_set("co", (points_of(key) + bump).ravel())
    for value in (0.5, -0.8):
        set_slider(obj, 0, value)
        wanted = expected(synthetic_data, slider_values(obj)) + bump
        assert np.abs(evaluated(obj) - wanted).max() < 1e-5


@pytest.mark.parametrize("limits", [(0.0, 0.5), (1.5, 4.0)])
def test_a_range_that_the_user_gave_the_key_does_not_hold_it_back(limits: tuple[float, float], synthetic_data: Path):
    obj = add()
    key = obj.data.shape_keys.key_blocks["Semantify"]
    key.slider_max, key.slider_min = limits[1], limits[0]
    set_slider(obj, 0, 0.9)
    assert key.value == 1.0
    assert error_of(obj, synthetic_data) < 1e-5
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    key.slider_max, key.slider_min = limits[1], limits[0]
    bpy.ops.semantify.free_bake()
    assert error_of(obj, synthetic_data) < 1e-5


def test_a_key_that_was_made_relative_to_itself_is_left_as_it_is():
    """Else each shape would be put on top of the last one."""
    obj = add()
    key = obj.data.shape_keys.key_blocks["Semantify"]
    key.relative_key = key
    before = points_of(key)
    for value in (0.5, 0.6, 0.7):
        set_slider(obj, 0, value)
    assert np.array_equal(points_of(key), before)


def test_nothing_is_written_when_the_shape_is_there_already(monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.character import live_key, shape

    obj = add()
    set_slider(obj, 0, 0.5)
    written = []
    monkeypatch.setattr(live_key, "_put", lambda *_: written.append(1))
    for _ in range(3):
        assert shape.apply(obj.data)
    assert written == []


def test_what_is_no_number_is_written_once_and_gone_with_the_next_shape(
    synthetic_data: Path, monkeypatch: pytest.MonkeyPatch
):
    """Else every update of a driven character would ask for another one, and Blender would never rest."""
    from semantify_blender.addon.character import live_key

    obj = add()
    written, put = [], live_key._put
    monkeypatch.setattr(live_key, "_put", lambda *given: (written.append(1), put(*given)))
    for _ in range(3):
        live_key.write(obj.data, {"": np.full(4, np.nan, np.float32)})
    assert len(written) == 1
    set_slider(obj, 0, 0.4)
    assert error_of(obj, synthetic_data) < 1e-5


def test_a_change_in_edit_mode_is_there_after_it_without_another_change(synthetic_data: Path):
    obj = add()
    bpy.ops.object.mode_set(mode="EDIT")
    set_slider(obj, 0, -0.7)
    bpy.context.view_layer.update()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert error_of(obj, synthetic_data) < 1e-5


def test_frames_played_in_edit_mode_are_there_after_it(synthetic_data: Path):
    obj = add()
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 1, value)
        obj.data.semantify.sliders[1].keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_set(2)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.scene.frame_set(9)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert error_of(obj, synthetic_data) < 1e-5


def test_frames_in_edit_mode_have_their_shape_there_and_then():
    """As a render sees it; Blender shows no attributes of what is edited, so no rows of a mesh that lacks some."""
    obj = add("dressed")
    slider, live = obj.data.semantify.sliders[0], obj.data.shape_keys.key_blocks["Semantify"]
    for frame, value in ((1, -1.0), (11, 1.0)):
        slider.value = value
        slider.keyframe_insert("value", frame=frame)
    bpy.context.scene.frame_set(11)
    wanted = points_of(live)
    bpy.context.scene.frame_set(1)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.context.scene.frame_set(11)
    assert np.array_equal(points_of(live), wanted)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert np.array_equal(points_of(live), wanted)


def test_a_vertex_that_slides_along_its_edge_follows_where_it_is_now(tmp_path: Path):
    """Else the file would open with another shape than it was saved with."""
    obj = add()
    edit(obj, "subdivide")
    set_slider(obj, 0, 1.0)
    moved = len(obj.data.vertices) - 1
    reference = obj.data.shape_keys.reference_key
    points = points_of(reference)
    points[moved] += 0.9 * (points[0] - points[moved])
    for key in obj.data.shape_keys.key_blocks:
        key.points[moved].co = points[moved]
    set_slider(obj, 0, -1.0)
    set_slider(obj, 0, 1.0)
    before = evaluated(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "slid.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "slid.blend"))
    obj = bpy.data.objects["Synthetic"]
    set_slider(obj, 0, 0.0)
    set_slider(obj, 0, 1.0)
    assert np.abs(evaluated(obj) - before).max() < 1e-6


def test_deleted_vertices_leave_the_others_exact(synthetic_data: Path):
    obj = add()
    set_slider(obj, 0, 0.6)
    gone = set(range(20, 60))
    delete(obj, gone)
    left = [i for i in range(194) if i not in gone]
    assert len(obj.data.vertices) == len(left)
    for value in (0.6, -1.0):
        set_slider(obj, 0, value)
        assert np.abs(evaluated(obj) - expected(synthetic_data, slider_values(obj))[left]).max() < 1e-5
    obj.shape_key_clear()
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert np.abs(evaluated(obj) - expected(synthetic_data, slider_values(obj))[left]).max() < 1e-5


def test_subdivided_edges_follow_the_surface_they_lie_on(synthetic_data: Path):
    obj = add()
    count, ends = len(obj.data.vertices), [tuple(edge.vertices) for edge in obj.data.edges]
    edit(obj, "subdivide")
    for value in (0.0, 0.8, -0.9):
        set_slider(obj, 0, value)
        found, wanted = evaluated(obj), expected(synthetic_data, slider_values(obj))
        assert np.abs(found[:count] - wanted).max() < 1e-5
        middles = np.array([(wanted[a] + wanted[b]) / 2 for a, b in ends])
        away = np.linalg.norm(found[count:, None] - middles[None], axis=2).min(0)
        assert away.max() < 1e-5, "the middle of every edge of the model is a vertex of the mesh"


def test_what_is_added_in_edit_mode_from_elsewhere_stays_where_it_is():
    obj = add()
    count = len(obj.data.vertices)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.primitive_cube_add(size=0.1, location=(0, 0, 2))
    bpy.ops.object.mode_set(mode="OBJECT")
    before = evaluated(obj)
    set_slider(obj, 0, 1.0)
    assert np.abs(evaluated(obj)[:count] - before[:count]).max() > 1e-3
    assert np.abs(evaluated(obj)[count:] - before[count:]).max() < 1e-6


def test_an_edited_mesh_goes_on_in_another_session(synthetic_data: Path, tmp_path: Path):
    from tests.blender.addon_helpers import forget_decoded

    obj = add()
    edit(obj, "subdivide")
    set_slider(obj, 0, 0.8)
    before = evaluated(obj)
    path = str(tmp_path / "edited.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    forget_decoded()
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Synthetic"]
    set_slider(obj, 0, -0.8)
    assert np.abs(evaluated(obj) - before).max() > 1e-3
    set_slider(obj, 0, 0.8)
    assert np.abs(evaluated(obj) - before).max() < 1e-6


def test_a_model_with_parts_stands_dressed_and_its_clothes_follow(tmp_path: Path):
    model = dressed_model()
    model.save(tmp_path / "synthetic.model.npz")
    mapper = synthetic_mapper(model)
    mapper.save(tmp_path / "worn.mapper.npz")
    obj = add(str(tmp_path / "worn.mapper.npz"))
    dressed = model.dressed()
    assert len(obj.data.vertices) == dressed.model.vertex_count < model.vertex_count + 200
    low = model.template[:, 2].min()
    soles = model.template[:, 2] <= low + 0.02 * np.ptp(model.template[:, 2])
    for values in ([0.0, 0.0, 0.0], [0.7, -0.5, 0.9]):
        for i, value in enumerate(values):
            set_slider(obj, i, value)
        coefficients = mapper.coefficients(mapper.scores_from_sliders(np.array(values)))
        wanted = dressed.model.vertices(coefficients)
        wanted[:, 2] -= low + (model.vertices(coefficients) - model.template)[soles, 2].mean()
        assert np.abs(evaluated(obj) - wanted).max() < 1e-5
    obj.shape_key_clear()
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert np.abs(evaluated(obj) - wanted).max() < 1e-5


def test_characters_of_one_mesh_size_share_one_basis():
    from semantify_blender.addon.character import rows

    first, second = add(), add()
    assert rows.span_of(first.data) is rows.span_of(second.data)
    for obj, other in ((first, second), (second, first)):
        bpy.context.view_layer.objects.active = obj
        obj.select_set(True)
        other.select_set(False)
        delete(obj, set(range(8)))
        set_slider(obj, 0, 0.5)
    assert rows.span_of(first.data).basis.shape[1] == 3 * 186
    assert rows.span_of(first.data) is rows.span_of(second.data)


def test_sculpting_on_the_live_key_is_warned_of():
    from semantify_blender.addon.character import following

    obj = add()
    bpy.ops.object.mode_set(mode="SCULPT")
    assert following.notices(obj) == []
    obj.active_shape_key_index = 1
    assert "is lost with the next slider change" in " ".join(following.notices(obj))
    bpy.ops.object.mode_set(mode="OBJECT")
    assert following.notices(obj) == []


@pytest.mark.parametrize(("reach", "typed", "kept"), [(1.0, 1.4, 1.0), (1.5, 1.4, 1.4), (1.5, -2.0, -1.5)])
def test_sliders_may_be_typed_as_far_as_the_mapper_reaches(
    reach: float, typed: float, kept: float, synthetic_data: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.character import shape
    from semantify_blender.blender.shape_keys.ruled import action_curves

    obj = add()
    monkeypatch.setattr(shape, "reach", lambda mapper: reach)
    set_slider(obj, 0, typed)
    assert slider_values(obj)[0] == pytest.approx(kept)
    assert error_of(obj, synthetic_data) < 1e-5
    definition = obj.data.semantify.sliders[0].bl_rna.properties["value"]
    assert (definition.soft_min, definition.soft_max, definition.hard_max) == (-1.0, 1.0, 1.5)
    # a keyframe may ask for more than the mapper allows
    obj.data.semantify.sliders[1].keyframe_insert("value", frame=1)
    action_curves(obj.data.animation_data)[0].keyframe_points[0].co.y = 1.5
    bpy.context.scene.frame_set(1)
    values = np.clip(slider_values(obj), -reach, reach)
    assert np.abs(evaluated(obj) - expected(synthetic_data, values.tolist())).max() < 1e-5
