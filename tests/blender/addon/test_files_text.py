"""The Texts that hold a character's mapper and model: one of each however it is copied, and with it for ever."""

from dataclasses import replace
from pathlib import Path

import pytest

from semantify_blender.core.mapper import Mapper
from tests.blender.addon_helpers import (
    add,
    error_of,
    forget_decoded,
    run_in_fresh_blender,
    set_slider,
    slider_values,
    texts,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
KEY, MODEL = "semantify_mapper", "semantify_model"


def library(folder: Path) -> str:
    """A saved file with one shaped character, in a collection of its own; then an empty file is open."""
    obj = add()
    set_slider(obj, 0, 0.5)
    collection = bpy.data.collections.new("cast")
    bpy.context.scene.collection.children.link(collection)
    collection.objects.link(obj)
    path = str(folder / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    forget_decoded()
    return path


def append(path: str) -> bpy.types.Object:
    before = set(bpy.data.objects)
    bpy.ops.wm.append(directory=f"{path}/Object/", filename="Synthetic")
    (obj,) = set(bpy.data.objects) - before
    return obj


def check(obj: bpy.types.Object, folder: Path) -> None:
    """It has its own Texts, which a fresh Blender could decode, and its sliders work."""
    assert {obj.data[KEY], obj.data[MODEL]} <= set(bpy.data.texts)
    forget_decoded()
    set_slider(obj, 1, -0.4 if slider_values(obj)[1] > 0 else 0.4)
    assert error_of(obj, folder) < 1e-5


def test_copies_and_linked_duplicates_hold_one_text(synthetic_data: Path):
    obj = add()
    bpy.ops.object.duplicate()
    full = bpy.context.view_layer.objects.active
    bpy.ops.object.duplicate(linked=True)
    linked = bpy.context.view_layer.objects.active
    assert full.data != obj.data
    assert linked.data == full.data
    twenty = [add() for _ in range(20)]
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    for one in (obj, full, linked, twenty[-1]):
        assert (one.data[KEY], one.data[MODEL]) == tuple(bpy.data.texts)
        check(one, synthetic_data)


def test_appended_again_and_again_shares_one_text_at_once(synthetic_data: Path, tmp_path: Path):
    path = library(tmp_path)
    cast = [append(path) for _ in range(3)]
    if not hasattr(bpy.app.handlers, "blend_import_post"):  # 4.2 tells nobody of an append: shared when it is saved
        assert (len(texts()), len(texts(".model"))) == (3, 3)
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert [text.name for text in bpy.data.texts] == ["synthetic.mapper", "synthetic.model"]
    for obj in cast:
        check(obj, synthetic_data)


def test_a_saved_file_of_many_appended_characters_has_one_text(synthetic_data: Path, tmp_path: Path):
    path = library(tmp_path)
    for _ in range(20):
        append(path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "many.blend"))
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "many.blend"))
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    cast = [obj for obj in bpy.data.objects if obj.type == "MESH"]
    assert len(cast) == 20
    for obj in cast[::7]:
        check(obj, synthetic_data)


def test_many_texts_of_a_file_made_without_the_add_on_are_one_after_loading(synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon import handlers

    path = library(tmp_path)
    handlers.unregister()
    for _ in range(3):
        append(path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "many.blend"))
    assert (len(texts()), len(texts(".model"))) == (3, 3)
    handlers.register()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "many.blend"))
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    for obj in bpy.data.objects:
        check(obj, synthetic_data)


def test_a_damaged_text_is_not_taken_for_a_sound_one(synthetic_data: Path, tmp_path: Path):
    path = library(tmp_path)
    first = append(path)
    first.data[KEY].lines[1].body = "AAAA" + first.data[KEY].lines[1].body[4:]
    second = append(path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "both.blend"))
    assert (len(texts()), len(texts(".model"))) == (2, 1)
    assert first.data[KEY] != second.data[KEY]
    check(second, synthetic_data)


def test_a_linked_character_keeps_to_its_librarys_text(synthetic_data: Path, tmp_path: Path):
    path = library(tmp_path)
    own = append(path)
    bpy.ops.wm.link(directory=f"{path}/Object/", filename="Synthetic")
    linked = next(obj for obj in bpy.data.objects if obj.library)
    assert linked.data[KEY].library is not None
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    assert sorted(text.library is None for text in bpy.data.texts) == [False, False, True, True]
    own, linked = (next(o for o in bpy.data.objects if bool(o.library) is is_linked) for is_linked in (False, True))
    assert linked.data[KEY].library is not None
    assert own.data[KEY].library is None
    check(own, synthetic_data)
    forget_decoded()
    assert error_of(linked, synthetic_data) < 1e-5


def test_an_overridden_character_uses_its_librarys_text(synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon.character import embedding

    path = library(tmp_path)
    bpy.ops.wm.link(directory=f"{path}/Object/", filename="Synthetic")
    linked = next(obj for obj in bpy.data.objects if obj.library)
    obj = linked.override_create()
    obj.data = linked.data.override_create()
    bpy.context.scene.collection.objects.link(obj)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    forget_decoded()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    obj = next(obj for obj in bpy.data.objects if obj.override_library)
    assert obj.data[KEY].library is not None
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    assert embedding.problem(obj.data.semantify) is None


def test_purging_orphans_leaves_the_text_of_a_character(synthetic_data: Path, tmp_path: Path):
    obj = add()
    bpy.ops.outliner.orphans_purge(do_local_ids=True, do_linked_ids=True, do_recursive=True)
    check(obj, synthetic_data)
    path = str(tmp_path / "purged.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    check(bpy.data.objects["Synthetic"], synthetic_data)


def test_texts_go_with_the_last_character_and_with_another_mapper(synthetic_data: Path, tmp_path: Path):
    """Blender keeps a new Text for ever: files would grow by megabytes that nobody sees."""
    first, second = add(), add()
    mapper = Mapper.load(synthetic_data / "mappers" / "synthetic.mapper.npz")
    replace(mapper, default=mapper.default + 0.01).save(tmp_path / "other.mapper.npz")
    for obj in (first, second):
        bpy.context.view_layer.objects.active = obj
        bpy.ops.semantify.change_mapper(filepath=str(tmp_path / "other.mapper.npz"))
    path = str(tmp_path / "scene.blend")

    def kept() -> list[str]:
        for _ in range(2):  # what nothing uses is not written; what a deleted mesh used, one time later
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
        return [text.name for text in bpy.data.texts]

    assert kept() == ["other.mapper", "synthetic.model"]
    bpy.data.objects.remove(bpy.data.objects["Synthetic"])
    assert kept() == ["other.mapper", "synthetic.model"]
    bpy.data.objects.remove(bpy.data.objects["Synthetic.001"])
    assert kept() == []


def test_detaching_takes_the_text_away(synthetic_data: Path):
    from semantify_blender.addon.own_keys import attaching

    first, second = add(), add()
    attaching.detach(first, keep=True)
    assert not {KEY, MODEL} & set(first.data.keys())
    assert (len(texts()), len(texts(".model"))) == (1, 1)
    attaching.detach(second, keep=True)
    assert (len(texts()), len(texts(".model"))) == (0, 0)


def test_undo_of_a_shared_append_brings_everything_back(synthetic_data: Path, tmp_path: Path):
    path = library(tmp_path)
    bpy.ops.ed.undo_push(message="start")
    append(path)
    bpy.ops.ed.undo_push(message="first")
    append(path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "two.blend"))
    bpy.ops.ed.undo_push(message="second")
    bpy.ops.ed.undo()
    (obj,) = bpy.data.objects
    check(obj, synthetic_data)
    bpy.ops.ed.redo()
    for obj in bpy.data.objects:
        check(obj, synthetic_data)


def test_no_group_of_ours_points_to_a_datablock():
    """Such a pointer dangles in Blender 5.0 once the datablock is deleted, and Blender crashes later."""
    from semantify_blender import addon

    groups = [cls for cls in addon.CLASSES if issubclass(cls, bpy.types.PropertyGroup)]
    assert len(groups) >= 7
    found = {f"{cls.__name__}.{item.identifier}": item for cls in groups for item in cls.bl_rna.properties}
    pointers = {name: item for name, item in found.items() if item.type == "POINTER" and item.identifier != "rna_type"}
    ours = {cls.__name__ for cls in groups}
    assert pointers  # groups within groups: they live and die with their owner
    assert [name for name, item in pointers.items() if item.fixed_type.identifier not in ours] == []


CRASH = """
import atexit, os, sys
sys.path.insert(0, {root!r})
import bpy, semantify_blender
bpy.ops.wm.read_factory_settings(use_empty=True)
semantify_blender.register()
atexit.register(semantify_blender.unregister)
for _ in range(10):
    bpy.ops.semantify.add_character(mapper="synthetic")
    mesh = bpy.context.object.data
    for name in ("semantify_mapper", "semantify_model"):
        bpy.data.texts.remove(mesh[name])
        assert not mesh.get(name)
    bpy.ops.wm.save_as_mainfile(filepath={path!r})
    bpy.ops.wm.open_mainfile(filepath={path!r})
    bpy.ops.wm.read_factory_settings(use_empty=True)
print("STILL HERE", flush=True)
os._exit(0)
"""


def test_a_deleted_text_and_another_file_do_not_kill_blender(synthetic_data: Path, tmp_path: Path):
    root = str(Path(__file__).resolve().parents[3])
    assert "STILL HERE" in run_in_fresh_blender(CRASH.format(root=root, path=str(tmp_path / "without.blend")))
