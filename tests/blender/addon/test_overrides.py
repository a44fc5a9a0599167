"""Characters from other files: linked, overridden with and without their mesh, edited, undone, saved, opened again."""

from pathlib import Path

import numpy as np
import pytest

from tests.blender.addon_helpers import (
    add,
    error_of,
    evaluated,
    expected,
    forget_decoded,
    set_slider,
    slider_values,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A file whose collection "Hero" holds one character with the first slider at 0.25."""
    path = tmp_path / "library.blend"
    save_library(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


def save_library(path: Path, values: tuple[float, ...] = (0.25,), fitted: bool = False) -> None:
    from semantify_blender.addon.character import shape

    obj = add()
    hero = bpy.data.collections.new("Hero")
    bpy.context.scene.collection.children.link(hero)
    for collection in obj.users_collection:
        collection.objects.unlink(obj)
    hero.objects.link(obj)
    for i, value in enumerate(values):
        set_slider(obj, i, value)
    if fitted:
        shape.set_offset(obj.data.semantify, np.array([0.5, -0.5, 1.0, 0.2]))
        shape.apply(obj.data)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def linked(library: Path) -> bpy.types.Collection:
    with bpy.data.libraries.load(str(library), link=True) as (_, here):
        here.collections = ["Hero"]
    return here.collections[0]


def overridden(library: Path) -> bpy.types.Object:
    """As Object > Library Override > Make does it: the collection and its object, never the mesh."""
    hero = linked(library)
    # Blender 5.3 overrides only what stands in the scene, as it does where a user links it
    bpy.context.scene.collection.children.link(hero)
    hero.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer, do_fully_editable=True)
    return active()


def active() -> bpy.types.Object:
    """The character that is not linked, made active."""
    obj = next(obj for obj in bpy.data.objects if obj.type == "MESH" and obj.library is None)
    bpy.context.view_layer.objects.active = obj
    return obj


def editable(library: Path) -> bpy.types.Object:
    obj = overridden(library)
    assert bpy.ops.semantify.override_mesh() == {"FINISHED"}
    return obj


def reopen(folder: Path) -> bpy.types.Object:
    path = str(folder / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    return active()


def test_an_overridden_object_with_a_linked_mesh_says_so_and_refuses(library: Path, synthetic_data: Path):
    from semantify_blender.addon.character import overriding

    obj = overridden(library)
    assert obj.override_library is not None
    assert obj.data.library is not None
    assert "mesh is linked from another file" in overriding.problem(obj)
    for operator in ("reset_all", "randomize", "key_sliders", "change_mapper", "bake"):
        assert not getattr(bpy.ops.semantify, operator).poll()
    assert error_of(obj, synthetic_data) < 1e-5


def test_an_override_shares_its_mesh_with_nobody_and_linked_duplicates_do(library: Path):
    from semantify_blender.addon.selection import sharing

    obj = editable(library)
    assert sharing(obj) == 1
    other = obj.copy()
    bpy.context.scene.collection.objects.link(other)
    assert sharing(obj) == sharing(other) == 2
    obj.data.use_fake_user = True
    assert sharing(obj) == 2


def test_a_linked_object_says_what_to_do(library: Path):
    from semantify_blender.addon.character import overriding

    collection = linked(library)
    bpy.context.scene.collection.children.link(collection)
    obj = collection.objects[0]
    bpy.context.view_layer.objects.active = obj
    assert "Library Override > Make" in overriding.problem(obj)
    assert not bpy.ops.semantify.override_mesh.poll()
    assert not bpy.ops.semantify.reset_all.poll()


def test_the_mesh_of_a_lone_object_can_be_overridden(library: Path, synthetic_data: Path, tmp_path: Path):
    collection = linked(library)
    bpy.context.scene.collection.objects.link(collection.objects[0])
    collection.objects[0].override_create(remap_local_usages=True)
    obj = active()
    assert bpy.ops.semantify.override_mesh() == {"FINISHED"}
    set_slider(obj, 1, -0.75)
    obj = reopen(tmp_path)
    assert slider_values(obj) == [0.25, -0.75, 0.0]
    assert error_of(obj, synthetic_data) < 1e-5


def test_sliders_locks_and_options_of_an_override_are_kept(library: Path, synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon.character import overriding

    obj = editable(library)
    assert overriding.problem(obj) is None
    assert obj.data.override_library is not None
    set_slider(obj, 0, 0.9)
    set_slider(obj, 2, -0.5)
    obj.data.semantify.sliders[1].lock = True
    obj.data.semantify.seed = 7
    assert error_of(obj, synthetic_data) < 1e-5
    for _ in range(2):
        obj = reopen(tmp_path)
        assert slider_values(obj) == pytest.approx([0.9, 0.0, -0.5])
        assert [slider.lock for slider in obj.data.semantify.sliders] == [False, True, False]
        assert obj.data.semantify.seed == 7
        assert error_of(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    obj = reopen(tmp_path)
    assert slider_values(obj) == [0.0, 0.0, 0.0]
    assert error_of(obj, synthetic_data) < 1e-5


def test_undo_and_redo_on_an_override(library: Path, synthetic_data: Path):
    bpy.context.preferences.edit.use_global_undo = True
    editable(library)
    bpy.ops.ed.undo_push(message="overridden")
    set_slider(active(), 0, 0.9)
    bpy.ops.ed.undo_push(message="drag")
    for step, value in ((bpy.ops.ed.undo, 0.25), (bpy.ops.ed.redo, 0.9)):
        assert step() == {"FINISHED"}
        assert slider_values(active())[0] == pytest.approx(value)
        assert error_of(active(), synthetic_data) < 1e-5


def test_keyed_driven_and_baked_overrides_are_kept(library: Path, synthetic_data: Path, tmp_path: Path):
    obj = editable(library)
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 1, value)
        obj.data.semantify.sliders[1].keyframe_insert("value", frame=frame)
    obj.data.driver_add("semantify.sliders[0].value").driver.expression = "0.5"
    obj = reopen(tmp_path)
    for frame in (1, 6, 11):
        bpy.context.scene.frame_set(frame)
        assert slider_values(obj) == pytest.approx([0.5, (frame - 6) / 5, 0.0], abs=1e-5)
        assert error_of(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    obj = reopen(tmp_path)
    for frame in (1, 6, 11):
        bpy.context.scene.frame_set(frame)
        assert error_of(obj, synthetic_data) < 1e-5
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert error_of(obj, synthetic_data) < 1e-5


def test_animation_of_the_library_plays_on_the_override_and_its_bake_can_be_freed(synthetic_data: Path, tmp_path: Path):
    path = tmp_path / "library.blend"
    save_library(path)
    obj = active()
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 1, value)
        obj.data.semantify.sliders[1].keyframe_insert("value", frame=frame)
    bpy.ops.semantify.bake(frame_start=1, frame_end=11)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    obj = editable(path)
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    set_slider(obj, 0, 0.5)
    for frame in (1, 6, 11):
        bpy.context.scene.frame_set(frame)
        assert slider_values(obj) == pytest.approx([0.5, (frame - 6) / 5, 0.0], abs=1e-5)
        assert error_of(obj, synthetic_data) < 1e-5


def test_what_the_library_changes_later_arrives_beside_what_was_overridden(
    library: Path, synthetic_data: Path, tmp_path: Path
):
    obj = editable(library)
    set_slider(obj, 0, 0.9)
    shot = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=shot)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    save_library(library, (0.25, -0.5, 1.0))
    bpy.ops.wm.open_mainfile(filepath=shot)
    obj = active()
    assert slider_values(obj) == pytest.approx([0.9, -0.5, 1.0])
    assert error_of(obj, synthetic_data) < 1e-5
    save_library_elsewhere(library)
    bpy.data.libraries[0].reload()
    obj = active()
    assert slider_values(obj) == pytest.approx([0.9, 0.7, -0.2])
    assert error_of(obj, synthetic_data) < 1e-5


def save_library_elsewhere(library: Path) -> None:
    """Another artist changes the library while the shot is open here."""
    from scripts.repository import REPOSITORY
    from tests.blender.addon_helpers import run_in_fresh_blender

    run_in_fresh_blender(f"""
import os, sys
sys.path.insert(0, {str(REPOSITORY)!r})
import bpy
import semantify_blender
semantify_blender.register()
bpy.ops.wm.open_mainfile(filepath={str(library)!r})
state = bpy.data.meshes["Synthetic"].semantify
state.sliders[1].value, state.sliders[2].value = 0.7, -0.2
bpy.ops.wm.save_mainfile()
sys.stdout.flush()
os._exit(0)
""")


@pytest.mark.parametrize("fitted_before", [False, True])
def test_a_fit_on_an_override_is_kept_and_can_be_taken_away(fitted_before: bool, synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon.character import shape

    path = tmp_path / "library.blend"
    save_library(path, fitted=fitted_before)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    obj = editable(path)
    shape.set_offset(obj.data.semantify, np.array([1.0, -1.0, 0.5, 0.1]))
    obj.data.semantify.fitted_to = "ann.png"
    shape.apply(obj.data)
    before = evaluated(obj)
    obj = reopen(tmp_path)
    assert [round(entry.value, 5) for entry in obj.data.semantify.offset] == [1.0, -1.0, 0.5, 0.1]
    assert obj.data.semantify.fitted_to == "ann.png"
    assert np.abs(evaluated(obj) - before).max() < 1e-6
    assert bpy.ops.semantify.reset_slider(index=0) == {"FINISHED"}
    assert bpy.ops.semantify.reset_all() == {"FINISHED"}
    assert error_of(obj, synthetic_data) < 1e-5
    obj = reopen(tmp_path)
    assert error_of(obj, synthetic_data) < 1e-5


def test_another_mapper_is_refused_with_the_way_out(library: Path, synthetic_data: Path):
    obj = editable(library)
    mapper = str(synthetic_data / "mappers" / "synthetic.mapper.npz")
    with pytest.raises(RuntimeError, match="is overridden from another file: choose its mapper in that file"):
        bpy.ops.semantify.change_mapper(filepath=mapper)
    assert len(obj.data.semantify.sliders) == 3


def test_without_the_add_on_an_override_shows_the_librarys_shape(library: Path, synthetic_data: Path, tmp_path: Path):
    """Blender keeps an override's property values and no points; what opens the file again writes those."""
    import semantify_blender

    obj = editable(library)
    set_slider(obj, 0, 0.9)
    assert error_of(obj, synthetic_data) < 1e-5
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    semantify_blender.unregister()
    try:
        bpy.ops.wm.open_mainfile(filepath=path)
        shown = evaluated(active())
    finally:
        semantify_blender.register()
    assert np.abs(shown - expected(synthetic_data, [0.25, 0.0, 0.0])).max() < 1e-5
    bpy.ops.wm.open_mainfile(filepath=path)
    assert error_of(active(), synthetic_data) < 1e-5


def test_a_bake_of_an_override_makes_the_mesh_this_files_own_and_plays_without_the_add_on(
    library: Path, synthetic_data: Path, tmp_path: Path
):
    import semantify_blender

    obj = editable(library)
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 1, value)
        obj.data.semantify.sliders[1].keyframe_insert("value", frame=frame)
    assert bpy.ops.semantify.bake(frame_start=1, frame_end=11) == {"FINISHED"}
    assert obj.data.library is None
    assert obj.data.override_library is None
    assert obj.override_library is not None
    path = str(tmp_path / "shot.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    semantify_blender.unregister()
    try:
        bpy.ops.wm.open_mainfile(filepath=path)
        for frame in (1, 6, 11):
            bpy.context.scene.frame_set(frame)
            wanted = expected(synthetic_data, [0.25, (frame - 6) / 5, 0.0])
            assert np.abs(evaluated(active()) - wanted).max() < 1e-4
    finally:
        semantify_blender.register()
    bpy.ops.wm.open_mainfile(filepath=path)
    active()
    assert bpy.ops.semantify.free_bake() == {"FINISHED"}
    assert error_of(active(), synthetic_data) < 1e-5


@pytest.mark.parametrize("how", ["append", "link", "override"])
def test_complete_where_neither_mapper_nor_model_is_on_disk(
    how: str, library: Path, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path / "nothing"))
    forget_decoded()
    if how == "append":
        with bpy.data.libraries.load(str(library)) as (_, here):
            here.collections = ["Hero"]
        bpy.context.scene.collection.children.link(here.collections[0])
        obj = active()
    elif how == "link":
        collection = linked(library)
        bpy.context.scene.collection.children.link(collection)
        obj = collection.objects[0]
    else:
        obj = editable(library)
    # of a linked character only a script can set sliders, and nothing keeps them
    for value in (0.8, -0.3):
        set_slider(obj, 2, value)
        assert error_of(obj, synthetic_data) < 1e-5


def test_every_property_of_a_character_is_overridable(library: Path):
    obj = editable(library)
    groups = [obj.data.semantify, obj.data.semantify.sliders[0]]
    groups += [getattr(obj.data.semantify, name).add() for name in ("keys", "baked_keys", "offset", "pictures")]
    for group in groups:
        for name in [each.identifier for each in group.bl_rna.properties]:
            if name not in ("rna_type", "name"):
                assert group.is_property_overridable_library(name), f"{group.bl_rna.identifier}.{name}"
