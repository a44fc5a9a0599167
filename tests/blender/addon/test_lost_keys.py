"""Shape keys deleted, renamed, applied or of another mesh: what the panel says, and both ways out.

Everything is judged by evaluated vertices: key values may be right on a mesh that does not move.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon_helpers import add, error_of, evaluated, expected, set_slider, slider_values
from tests.blender.keyed_mesh import keyed_head, saved_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def shaped() -> bpy.types.Object:
    obj = add()
    for i, value in enumerate((0.7, -0.5, 0.9)):
        set_slider(obj, i, value)
    return obj


def trouble(obj: bpy.types.Object) -> str | None:
    from semantify_blender.addon.character import condition

    return condition.trouble(obj.data)


def keys(obj: bpy.types.Object) -> bpy.types.bpy_prop_collection:
    return obj.data.shape_keys.key_blocks


def delete_all(obj: bpy.types.Object) -> None:
    bpy.ops.object.shape_key_remove(all=True)


def apply_all(obj: bpy.types.Object) -> None:
    bpy.ops.object.shape_key_remove(all=True, apply_mix=True)


def delete_one(obj: bpy.types.Object) -> None:
    obj.shape_key_remove(keys(obj)["Semantify"])


def delete_basis(obj: bpy.types.Object) -> None:
    obj.shape_key_remove(keys(obj)["Basis"])


def rename_one(obj: bpy.types.Object) -> None:
    keys(obj)["Semantify"].name = "Belly"


def convert(obj: bpy.types.Object) -> None:
    bpy.ops.object.convert(target="MESH")


def make_absolute(obj: bpy.types.Object) -> None:
    obj.data.shape_keys.use_relative = False


def relate_to_itself(obj: bpy.types.Object) -> None:
    keys(obj)["Semantify"].relative_key = keys(obj)["Semantify"]


GONE = "The shape key 'Semantify' was deleted, renamed or applied: the sliders move nothing"
LOSSES: dict[Callable[[bpy.types.Object], None], str] = {
    delete_all: GONE,
    apply_all: GONE,
    convert: GONE,
    delete_one: GONE,
    delete_basis: "The Basis was deleted and 'Semantify' took its place",
    rename_one: GONE,
    make_absolute: "The shape keys were made absolute",
    relate_to_itself: "The shape key 'Semantify' was made relative to itself: the sliders move nothing",
}


@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__)
def test_every_operator_says_what_happened_and_rebuilding_gives_the_sliders_their_shape_back(
    lose: Callable[[bpy.types.Object], None], synthetic_data: Path
):
    obj = shaped()
    assert trouble(obj) is None
    assert not bpy.ops.semantify.rebuild_keys.poll()
    lose(obj)
    assert trouble(obj).startswith(LOSSES[lose])
    now = evaluated(obj)
    operators = bpy.ops.semantify
    for each in ("reset_slider", "reset_all", "randomize", "key_sliders", "bake", "fit_image", "change_mapper"):
        assert not getattr(operators, each).poll(), each
    with pytest.raises(RuntimeError, match=r"Rebuild Shape Key or Remove Semantify"):
        operators.randomize(seed=3)
    assert np.array_equal(evaluated(obj), now)
    assert operators.rebuild_keys() == {"FINISHED"}
    assert trouble(obj) is None
    assert error_of(obj, synthetic_data) < 1e-5
    assert operators.randomize(seed=3) == {"FINISHED"}
    assert error_of(obj, synthetic_data) < 1e-5
    assert [key.name for key in keys(obj)] == ["Basis", "Semantify"]
    operators.reset_all()
    assert error_of(obj, synthetic_data) < 1e-5


def test_applied_keys_keep_what_was_sculpted_afterwards(synthetic_data: Path):
    obj = shaped()
    apply_all(obj)
    sculpted = np.zeros((len(obj.data.vertices), 3), np.float32)
    sculpted[40:44, 0] = 0.03
    obj.data.vertices.foreach_set("co", (evaluated(obj) + sculpted).ravel())
    obj.data.update()
    now = evaluated(obj)
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    # the little that the model can explain of the sculpted part is the sliders' now
    assert np.abs(evaluated(obj) - now).max() < 0.003
    assert np.abs(evaluated(obj) - expected(synthetic_data, slider_values(obj))).max() > 0.02
    asked = slider_values(obj)
    bpy.ops.semantify.reset_all()
    for i, value in enumerate(asked):
        set_slider(obj, i, value)
    assert np.abs(evaluated(obj) - now).max() < 0.003


def test_users_own_keys_and_a_sculpted_basis_survive_rebuilding(synthetic_data: Path):
    obj = shaped()
    bump = np.zeros((len(obj.data.vertices), 3), np.float32)
    bump[30] = 0.0, -0.05, 0.0
    basis = keys(obj)["Basis"]
    points = np.empty_like(bump)
    for key in keys(obj):  # Blender's sculpting on the Basis moves all keys along
        key.points.foreach_get("co", points.ravel())
        key.points.foreach_set("co", (points + bump).ravel())
    basis.points.foreach_get("co", points.ravel())
    smile = obj.shape_key_add(name="Smile", from_mix=False)
    smile.points.foreach_set("co", (points + bump).ravel())
    smile.value = 0.5
    now = evaluated(obj)
    delete_one(obj)
    assert np.abs(evaluated(obj) - now).max() > 1e-3
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert np.abs(evaluated(obj) - now).max() < 1e-6
    assert keys(obj)["Smile"].value == 0.5


def subdivide(obj: bpy.types.Object) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.subdivide()
    bpy.ops.object.mode_set(mode="OBJECT")


def test_an_edited_topology_goes_on_until_keys_are_lost_and_cannot_be_rebuilt():
    obj = shaped()
    subdivide(obj)
    assert trouble(obj) is None
    before = evaluated(obj)
    set_slider(obj, 0, -1.0)
    assert np.abs(evaluated(obj) - before).max() > 1e-3
    delete_one(obj)
    count = len(obj.data.vertices)
    with pytest.raises(RuntimeError, match=rf"has {count:,} vertices and its model 194: keys of an edited mesh cannot"):
        bpy.ops.semantify.rebuild_keys()
    now = evaluated(obj)
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert np.abs(evaluated(obj) - now).max() < 1e-6


def test_vertices_replaced_by_a_script_are_noticed():
    obj = shaped()
    obj.data.clear_geometry()
    points = [(0, 0, 0), (1, 0, 0), (0, 1, 0)]
    obj.data.from_pydata(points, [], [(0, 1, 2)])
    assert trouble(obj).startswith("The shape keys")
    assert not bpy.ops.semantify.randomize.poll()
    with pytest.raises(RuntimeError, match="has 3 vertices and its model 194"):
        bpy.ops.semantify.rebuild_keys()
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert np.array_equal(evaluated(obj), points)
    assert obj.data.shape_keys is None


def test_an_emptied_mesh_can_be_given_up():
    obj = shaped()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.delete(type="VERT")
    bpy.ops.object.mode_set(mode="OBJECT")
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert obj.data.shape_keys is None
    assert trouble(obj) is None


def test_another_mesh_of_as_many_vertices_is_refused():
    obj = shaped()
    delete_all(obj)
    points = evaluated(obj)
    obj.data.vertices.foreach_set("co", np.ascontiguousarray(points[::-1] * 100).ravel())
    obj.data.update()
    with pytest.raises(RuntimeError, match="no longer where its model has them"):
        bpy.ops.semantify.rebuild_keys()
    assert obj.data.shape_keys is None
    assert np.array_equal(evaluated(obj), points[::-1] * np.float32(100))


def test_a_baked_character_whose_keys_were_deleted_is_ruled_by_its_sliders_again(synthetic_data: Path):
    obj = shaped()
    bpy.ops.semantify.bake(frame_start=1, frame_end=3)
    delete_all(obj)
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert not obj.data.semantify.baked
    set_slider(obj, 1, 1.0)
    assert error_of(obj, synthetic_data) < 1e-5


def test_an_attached_mesh_without_its_keys_can_only_be_given_back(tmp_path: Path):
    head = keyed_head()
    bpy.ops.semantify.attach_mapper(filepath=str(saved_mapper(head, tmp_path)))
    set_slider(head, 0, 1.0)
    for name in ("smile_L", "jawOpen"):
        head.shape_key_remove(keys(head)[name])
    assert trouble(head) is None  # the others go on
    apply_all(head)
    now = evaluated(head)
    assert trouble(head).startswith("The shape keys of this character were deleted, renamed or applied")
    with pytest.raises(RuntimeError, match=r"the sliders move nothing\. Remove Semantify"):
        bpy.ops.semantify.randomize()
    with pytest.raises(RuntimeError, match="only Undo brings those back"):
        bpy.ops.semantify.rebuild_keys()
    assert bpy.ops.semantify.remove() == {"FINISHED"}
    assert np.array_equal(evaluated(head), now)
    assert not len(head.data.semantify.sliders)


def test_height_is_that_of_the_mesh_whatever_keys_are_left():
    from semantify_blender.addon.character import shape

    obj = shaped()
    apply_all(obj)
    assert shape.height(obj.data) == pytest.approx(float(np.ptp(evaluated(obj)[:, 2])), abs=1e-6)
