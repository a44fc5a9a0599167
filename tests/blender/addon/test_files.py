"""A character in its file: saved, opened elsewhere, appended, its mapper damaged, missing or exchanged."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.mapper import Mapper
from tests.blender.addon_helpers import (
    add,
    error_of,
    evaluated,
    forget_decoded,
    load,
    on_the_floor,
    set_slider,
    slider_values,
)
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def forgetful() -> None:
    forget_decoded()


def saved(folder: Path) -> str:
    """A file with one shaped character, and nothing of the add-on left in memory."""
    set_slider(add(), 0, 0.5)
    path = str(folder / "character.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    forget_decoded()
    return path


def test_saved_and_opened_on_a_machine_without_mapper_and_model(
    synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    data = tmp_path / "data"
    shutil.copytree(synthetic_data, data)
    monkeypatch.setenv("SEMANTIFY_DATA", str(data))
    path = saved(tmp_path)
    shutil.rmtree(data)
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Synthetic"]
    assert slider_values(obj) == [0.5, 0.0, 0.0]
    assert error_of(obj, synthetic_data) < 1e-5
    set_slider(obj, 1, -0.8)
    assert error_of(obj, synthetic_data) < 1e-5


def test_embedded_mapper_is_the_files_bytes(synthetic_data: Path):
    import base64

    text = add().data["semantify_mapper"]
    packed = base64.b64decode("".join(line.body for line in text.lines[1:]))
    assert packed == (synthetic_data / "mappers" / "synthetic.mapper.npz").read_bytes()


def test_appended_to_another_file_brings_its_mapper(synthetic_data: Path, tmp_path: Path):
    path = saved(tmp_path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path) as (there, here):
        here.objects = there.objects
    obj = here.objects[0]
    bpy.context.scene.collection.objects.link(obj)
    assert obj.data["semantify_mapper"] in set(bpy.data.texts)
    set_slider(obj, 2, 1.0)
    assert error_of(obj, synthetic_data) < 1e-5


def test_linked_character_plays_its_animation_and_cannot_be_edited(synthetic_data: Path, tmp_path: Path):
    obj = add()
    for frame, value in ((1, -1.0), (11, 1.0)):
        set_slider(obj, 0, value)
        obj.data.semantify.sliders[0].keyframe_insert("value", frame=frame)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (there, here):
        here.objects = there.objects
    obj = here.objects[0]
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    assert not bpy.ops.semantify.reset_all.poll()
    for frame in (1, 11):
        bpy.context.scene.frame_set(frame)
        assert slider_values(obj)[0] == pytest.approx(-1.0 if frame == 1 else 1.0)
        assert error_of(obj, synthetic_data) < 1e-5


def lose_mapper(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damage: bool) -> bpy.types.Object:
    """A character whose stored mapper is gone, or damaged, where no file of it can be found either."""
    from semantify_blender.addon.state import memory

    obj = add()
    text = obj.data["semantify_mapper"]
    if damage:
        text.lines[1].body = "AAAA" + text.lines[1].body[4:]
    else:
        bpy.data.texts.remove(text)
    obj.data.semantify.mapper_path = str(tmp_path / "gone.mapper.npz")
    monkeypatch.setenv("SEMANTIFY_DATA", "")
    memory.decoded.clear()
    memory.undecodable.clear()
    memory.look_again()
    return obj


@pytest.mark.parametrize("damage", [False, True])
def test_missing_mapper_keeps_the_shape_says_so_and_can_be_chosen(
    damage: bool, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.character import embedding

    obj = lose_mapper(monkeypatch, tmp_path, damage)
    before = evaluated(obj)
    set_slider(obj, 0, 0.9)
    assert np.array_equal(evaluated(obj), before)
    problem = embedding.problem(obj.data.semantify)
    assert "'synthetic'" in problem
    assert ("damaged" in problem) == damage
    with pytest.raises(RuntimeError, match=r"(?i)the mapper 'synthetic' of this character"):
        bpy.ops.semantify.randomize(seed=1)
    mapper = str(synthetic_data / "mappers" / "synthetic.mapper.npz")
    assert bpy.ops.semantify.change_mapper(filepath=mapper) == {"FINISHED"}
    assert embedding.problem(obj.data.semantify) is None
    assert slider_values(obj)[0] == pytest.approx(0.9)
    assert error_of(obj, synthetic_data) < 1e-5


def test_embedded_model_is_the_files_bytes(synthetic_data: Path):
    text = add().data["semantify_model"]
    assert text["content"] == (synthetic_data / "models" / "synthetic.model.npz").read_bytes()
    assert len(text.as_string()) < 400


@pytest.mark.parametrize("damage", [False, True])
def test_a_missing_model_keeps_the_shape_says_so_and_can_be_located(
    damage: bool, synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.character import models
    from semantify_blender.addon.state import memory

    obj = add()
    set_slider(obj, 1, 0.4)
    text = obj.data["semantify_model"]
    if damage:
        text["content"] = text["content"][:-9] + b"unreadable"
    else:
        bpy.data.texts.remove(text)
    obj.data.semantify.mapper_path = str(tmp_path / "gone.mapper.npz")
    monkeypatch.setenv("SEMANTIFY_DATA", "")
    memory.look_again()
    memory.models.clear()
    memory.grounded.clear()
    before = evaluated(obj)
    set_slider(obj, 0, 0.9)
    assert np.array_equal(evaluated(obj), before)
    said = models.problem(obj.data.semantify)
    assert "'synthetic'" in said
    assert ("damaged" in said) == damage
    with pytest.raises(RuntimeError, match=r"(?i)the morphable model 'synthetic' of this character"):
        bpy.ops.semantify.randomize(seed=1)
    model = str(synthetic_data / "models" / "synthetic.model.npz")
    assert bpy.ops.semantify.locate_model(filepath=model) == {"FINISHED"}
    assert models.problem(obj.data.semantify) is None
    assert error_of(obj, synthetic_data) < 1e-5


def test_lost_texts_are_made_good_from_the_library(synthetic_data: Path, forgetful: None):
    obj = add()
    for name in ("semantify_mapper", "semantify_model"):
        bpy.data.texts.remove(obj.data[name])
    forget_decoded()
    set_slider(obj, 0, 0.9)
    assert error_of(obj, synthetic_data) < 1e-5


def test_a_body_that_stands_in_for_a_lost_one_gives_way_to_it(
    synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file of the same body may have other clothes than the one that was stored."""
    from semantify_blender.addon import handlers
    from semantify_blender.addon.character import models
    from semantify_blender.addon.state import memory

    obj = add("dressed")
    _, model = load(synthetic_data, "dressed")
    stored = obj.data["semantify_model"]
    content = stored["content"]
    bare = {name: part for name, part in model.parts.items() if name != "shorts"}
    clothes = {"default": "day", "outfits": {"bare": [], "day": ["shirt"]}}
    replace(model, parts=bare, metadata={**model.metadata, "clothes": clothes}).save(
        tmp_path / "models" / "dressed.model.npz"
    )
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    obj.data.semantify.mapper_path = ""
    del stored["content"]
    memory.clear()
    set_slider(obj, 0, 0.9)
    assert set(models.model_of(obj.data.semantify).parts) == set(bare)
    # the file itself, as when another character is added of it
    found, _ = models.load_file(synthetic_data / "models" / "dressed.model.npz")
    assert set(found.parts) == set(models.model_of(obj.data.semantify).parts) == set(model.parts)
    memory.clear()
    assert set(models.model_of(obj.data.semantify).parts) == set(bare)
    stored["content"] = content
    handlers.follow_undo()
    assert set(models.model_of(obj.data.semantify).parts) == set(model.parts)


def other_words(synthetic_data: Path, path: Path) -> Mapper:
    mapper, _ = load(synthetic_data)
    changed = replace(mapper, descriptors=("muscular", "round", "tall"))
    changed.save(path)
    return changed


def test_another_mapper_keeps_the_words_they_share(synthetic_data: Path, tmp_path: Path):
    path = tmp_path / "other.mapper.npz"
    other = other_words(synthetic_data, path)
    obj = add()
    for i, value in enumerate((0.1, 0.2, 0.3)):
        set_slider(obj, i, value)
    obj.data.semantify.sliders[0].lock = True
    assert bpy.ops.semantify.change_mapper(filepath=str(path)) == {"FINISHED"}
    state = obj.data.semantify
    assert [(s.name, round(s.value, 4), s.lock) for s in state.sliders] == [
        ("muscular", 0.3, False),
        ("round", 0.0, False),
        ("tall", 0.1, True),
    ]
    wanted = other.coefficients(other.scores_from_sliders(np.array([0.3, 0, 0.1])))
    assert np.abs(evaluated(obj) - on_the_floor(load(synthetic_data)[1], wanted)).max() < 1e-5


def test_another_mapper_is_refused_for_another_model_or_animated_sliders(synthetic_data: Path, tmp_path: Path):
    obj = add()
    mapper, _ = load(synthetic_data)
    foreign = tmp_path / "foreign.mapper.npz"
    replace(mapper, model_name="giraffe", model_checksum="0" * 64).save(foreign)
    with pytest.raises(RuntimeError, match="was trained for model 'giraffe', but this character is 'synthetic'"):
        bpy.ops.semantify.change_mapper(filepath=str(foreign))
    obj.data.semantify.sliders[0].keyframe_insert("value", frame=1)
    other_words(synthetic_data, tmp_path / "other.mapper.npz")
    with pytest.raises(RuntimeError, match="animated by their number"):
        bpy.ops.semantify.change_mapper(filepath=str(tmp_path / "other.mapper.npz"))
    assert [slider.name for slider in obj.data.semantify.sliders] == ["tall", "fat", "muscular"]
    assert error_of(obj, synthetic_data) < 1e-5


def test_unchanged_file_saved_without_the_add_on_still_has_its_character(synthetic_data: Path, tmp_path: Path):
    import semantify_blender

    path = saved(tmp_path)
    semantify_blender.unregister()
    bpy.ops.wm.open_mainfile(filepath=path)
    bpy.ops.wm.save_as_mainfile(filepath=path)
    semantify_blender.register()
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Synthetic"]
    set_slider(obj, 2, 0.4)
    assert slider_values(obj) == pytest.approx([0.5, 0.0, 0.4])
    assert error_of(obj, synthetic_data) < 1e-5
