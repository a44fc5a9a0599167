"""Looks as presets: kept, taken up by word, mixed, and kept on a shelf; and characters as assets."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.presets.preset import Fit, Preset
from tests.blender.addon_helpers import add, error_of, evaluated, set_slider, slider_values
from tests.blender.layer_helpers import person, save_heads, values_of
from tests.blender.tier import bpy
from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

pytestmark = pytest.mark.usefixtures("addon")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(autouse=True)
def own(addon: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's presets."""
    from semantify_blender.addon import presets
    from semantify_blender.addon.state import memory

    folder = tmp_path / "own"
    monkeypatch.setattr(presets, "own_folder", lambda create=False: folder)
    memory.look_again()
    return folder


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time is spent on pictures."""
    from semantify_blender.addon.character import portraits

    monkeypatch.setattr(portraits, "picture_of", lambda *_, **__: PNG)


@pytest.fixture
def heads(synthetic_data: Path) -> Iterator[None]:
    """The synthetic body's face and expression, in the list of mappers."""
    from semantify_blender.addon.state import memory

    before = set(synthetic_data.rglob("*.npz"))
    save_heads(synthetic_data)
    memory.look_again()
    yield
    for path in set(synthetic_data.rglob("*.npz")) - before:
        path.unlink()  # other tests have heads of another body


def save(name: str, **settings: object) -> None:
    assert bpy.ops.semantify.save_preset(name=name, **settings) == {"FINISHED"}


def put(preset: str, **settings: object) -> None:
    assert bpy.ops.semantify.load_preset(preset=preset, **settings) == {"FINISHED"}


def file_of(own: Path, preset: Preset) -> Preset:
    """A preset of the user's in its folder."""
    from semantify_blender.addon.state import memory

    preset.save(own / f"{preset.name}.json")
    memory.look_again()
    return preset


def counts() -> dict[str, list[str]]:
    """Names of all datablocks of the file, by kind."""
    kinds = [name for name in dir(bpy.data) if isinstance(getattr(bpy.data, name), bpy.types.bpy_prop_collection)]
    return {name: sorted(item.name for item in getattr(bpy.data, name)) for name in kinds}


@pytest.mark.usefixtures("unseen")
def test_a_look_is_kept_and_taken_up_exactly_by_another_character(own: Path, synthetic_data: Path) -> None:
    first = add()
    for i, value in enumerate((0.75, -0.5, 0.123456)):
        set_slider(first, i, value)
    before = evaluated(first)
    save("Look")
    assert sorted(path.name for path in own.iterdir()) == ["Look.json", "Look.png"]
    second = add()
    assert np.abs(evaluated(second) - before).max() > 0.01
    put("Look")
    assert slider_values(second) == pytest.approx([0.75, -0.5, 0.12346], abs=1e-6)
    assert np.abs(evaluated(second) - before).max() < 1e-5
    assert error_of(second, synthetic_data) < 1e-5


@pytest.mark.usefixtures("unseen")
def test_saving_wants_another_name_or_overwrite_and_refuses_names_that_lead_elsewhere(own: Path) -> None:
    obj = add()
    save("Look")
    set_slider(obj, 0, 1.0)
    with pytest.raises(RuntimeError, match="There is a preset 'Look' already"):
        bpy.ops.semantify.save_preset(name="look")
    save("look", overwrite=True)
    assert Preset.load(own / "Look.json").values("body", ("tall",)) == [1.0]
    for name in ("../x", "a/b", "a\\b", "CON", ""):
        with pytest.raises(RuntimeError, match="name: is"):
            bpy.ops.semantify.save_preset(name=name)
    assert {path.name for path in own.parent.rglob("*") if path.is_file()} == {"Look.json", "Look.png"}


@pytest.mark.usefixtures("unseen")
def test_renaming_and_deleting_are_of_the_users_own() -> None:
    add()
    for operator, settings in ((bpy.ops.semantify.rename_preset, {"name": "X"}), (bpy.ops.semantify.delete_preset, {})):
        assert not operator.poll()
        save("Mine", overwrite=True)
        with pytest.raises(RuntimeError, match="came with the add-on"):
            operator(preset="Runner", **settings)
        with pytest.raises(RuntimeError, match="There is no preset 'Nobody'"):
            operator(preset="Nobody", **settings)
        bpy.ops.semantify.delete_preset(preset="Mine")
    save("Mine")
    assert bpy.ops.semantify.rename_preset(preset="mine", name="Ours") == {"FINISHED"}
    with pytest.raises(RuntimeError, match="There is no preset 'Mine'"):
        put("Mine")
    put("Ours")
    assert bpy.ops.semantify.delete_preset(preset="Ours") == {"FINISHED"}
    with pytest.raises(RuntimeError, match="There is no preset 'Ours'"):
        put("Ours")


def test_words_go_to_the_sliders_of_their_name_and_others_are_left_out_and_named(
    own: Path, synthetic_data: Path, capfd: pytest.CaptureFixture
) -> None:
    from semantify_blender.addon.character import looks

    # the same subject, other words in another order
    model = synthetic_model()
    synthetic_mapper(model, ("muscular", "old", "Tall"), 3, TRAINED).save(synthetic_data / "mappers" / "b.mapper.npz")
    file_of(own, Preset("Look", "synthetic", {"body": {"tall": 0.5, "fat": 0.25, "muscular": -1.0, "slim": 0.0}}))
    obj = add("b")
    set_slider(obj, 1, 0.9)
    put("Look")
    assert slider_values(obj) == pytest.approx([-1.0, 0.0, 0.5])
    preset = Preset.load(own / "Look.json")
    assert looks.put(obj.data, preset) == ["fat (no such slider)"]
    (synthetic_data / "mappers" / "b.mapper.npz").unlink()


def test_locked_sliders_stay(own: Path) -> None:
    file_of(own, Preset("Look", "synthetic", {"body": {"tall": 0.5, "fat": 0.25}}))
    obj = add()
    set_slider(obj, 0, -0.75)
    set_slider(obj, 2, 0.75)
    obj.data.semantify.sliders[0].lock = True
    put("Look")
    assert slider_values(obj) == pytest.approx([-0.75, 0.25, 0.0])
    bpy.ops.semantify.mix_presets(second="Look", factor=0.0)
    assert slider_values(obj) == pytest.approx([-0.75, 0.25, 0.0])


def test_mixing_two_presets_and_mixing_with_the_look_of_now(own: Path) -> None:
    file_of(own, Preset("One", "synthetic", {"body": {"tall": 1.0, "fat": -0.5}}))
    file_of(own, Preset("Two", "synthetic", {"body": {"fat": 0.5, "muscular": 1.0}}))
    obj = add()
    for factor, wanted in ((0.0, [1, -0.5, 0]), (0.25, [0.75, -0.25, 0.25]), (1.0, [0, 0.5, 1])):
        bpy.ops.semantify.mix_presets(first="One", second="Two", factor=factor)
        assert slider_values(obj) == pytest.approx(wanted)
    set_slider(obj, 0, 0.8)
    bpy.ops.semantify.mix_presets(second="One", factor=0.5)
    assert slider_values(obj) == pytest.approx([0.9, 0.0, 0.5])
    with pytest.raises(RuntimeError, match="There is no preset ''"):
        bpy.ops.semantify.mix_presets(first="One")


def test_all_selected_characters_take_the_look(own: Path) -> None:
    file_of(own, Preset("Look", "synthetic", {"body": {"tall": 0.5}}))
    characters = [add(), add(), add("dressed")]
    for obj in characters[:2]:
        obj.select_set(True)
    characters[2].select_set(False)
    bpy.context.view_layer.objects.active = characters[0]
    put("Look")
    assert [slider_values(obj)[0] for obj in characters] == [0.5, 0.5, 0.0]


@pytest.mark.usefixtures("unseen")
def test_clothes_and_colours_go_with_the_look_unless_they_are_not_wanted() -> None:
    first = add("dressed")
    bpy.ops.semantify.change_clothes(outfit="bare")
    first.data.semantify.regions["skin"].colour = (0.5, 0.1, 0.2)
    save("All")
    save("Shape", colours=False)
    second = add("dressed")
    put("Shape")
    assert second.data.semantify.outfit == "day"
    put("All", colours=False)
    assert second.data.semantify.outfit == "day"
    put("All")
    assert second.data.semantify.outfit == "bare"
    assert tuple(second.data.semantify.regions["skin"].colour) == pytest.approx((0.5, 0.1, 0.2), abs=1e-3)
    third = add()
    put("All")
    # this model has no clothes
    assert third.data.semantify.outfit == ""


@pytest.mark.usefixtures("unseen")
def test_what_a_picture_added_is_kept_for_its_own_model(own: Path) -> None:
    from semantify_blender.addon.character import looks, shape

    obj = add()
    shape.set_offset(obj.data.semantify, np.array([0.5, -1.0, 0.25, 2.0]))
    obj.data.semantify.fitted_to = "sailor.jpg"
    obj.data.semantify.offset_amount = 0.5
    set_slider(obj, 0, 0.5)
    before = evaluated(obj)
    save("Fitted")
    bpy.ops.semantify.reset_all()
    put("Fitted")
    assert np.abs(evaluated(obj) - before).max() < 1e-5
    assert obj.data.semantify.fitted_to == "sailor.jpg"
    other = Preset("Other", "synthetic", {"body": {}}, fits={"body": Fit("0" * 64, (1.0,) * 4)})
    assert looks.put(obj.data, other) == ["what a picture added to the body of another model"]
    assert shape.offset(obj.data.semantify) is None
    assert obj.data.semantify.fitted_to == ""


@pytest.mark.usefixtures("unseen", "heads")
def test_layers_are_kept_alone_or_together_and_a_missing_face_is_added(own: Path, synthetic_data: Path) -> None:
    from tests.blender.layer_helpers import error_of

    whole = person()
    for i, layer in enumerate((whole.data.semantify.face, whole.data.semantify.expression)):
        layer.sliders[0].value = 0.5 + 0.25 * i
    set_slider(whole, 0, 0.25)
    save("Whole")
    save("Head", part="HEAD")
    save("Smile", part="EXPRESSION")
    assert set(Preset.load(own / "Head.json").sliders) == {"face", "expression"}
    assert set(Preset.load(own / "Smile.json").sliders) == {"expression"}
    obj = add()
    set_slider(obj, 1, -0.5)
    put("Smile")
    assert values_of(obj) == {"": [0.0, -0.5, 0.0], "expression": [0.75, 0.0, 0.0]}
    put("Head")
    assert values_of(obj)["face"] == [0.5, 0.0]
    assert values_of(obj)[""] == [0.0, -0.5, 0.0]
    put("Whole")
    assert values_of(obj)[""] == [0.25, 0.0, 0.0]
    assert error_of(obj, synthetic_data) < 1e-5
    # a head alone is a face, and takes what a preset says of one
    alone = add("face")
    with pytest.raises(RuntimeError, match="is of 'synthetic'"):
        put("Smile")
    assert slider_values(alone) == [0.0, 0.0]


def test_a_preset_of_another_subject_is_refused_and_nothing_changes() -> None:
    obj = add()
    set_slider(obj, 0, 0.5)
    with pytest.raises(RuntimeError, match="The preset 'Lion' is of 'animal', and 'Synthetic' is 'synthetic'"):
        put("Lion")
    assert slider_values(obj)[0] == 0.5


def test_a_preset_file_is_loaded_from_anywhere_and_a_damaged_one_is_told_in_a_sentence(tmp_path: Path) -> None:
    obj = add()
    Preset("Far", "synthetic", {"body": {"tall": 0.25}}).save(tmp_path / "far away" / "Far.json")
    put(str(tmp_path / "far away" / "Far.json"))
    assert slider_values(obj)[0] == 0.25
    (tmp_path / "bad.json").write_text('{"schema": "semantify.preset/1", "name": "x", "subject": "y", "sliders": 3}')
    with pytest.raises(RuntimeError, match=r"bad\.json: sliders: expected an object"):
        put(str(tmp_path / "bad.json"))
    assert slider_values(obj)[0] == 0.25


def test_without_a_character_loading_adds_one(own: Path) -> None:
    file_of(own, Preset("New", "synthetic", {"body": {"tall": 0.5}}, mapper="synthetic"))
    file_of(own, Preset("Lost", "synthetic", {"body": {"tall": 0.5}}, mapper="nowhere"))
    with pytest.raises(RuntimeError, match="The mapper 'nowhere'"):
        put("Lost")
    assert not bpy.data.objects
    put("New")
    assert slider_values(bpy.context.view_layer.objects.active)[0] == 0.5


def test_loading_is_one_undo_step_and_saving_is_none(own: Path, unseen: None) -> None:
    file_of(own, Preset("Look", "dressed", {"body": {"tall": 0.5}}, outfit="bare", colours={"skin": (0.1, 0.2, 0.3)}))
    add("dressed")
    bpy.ops.ed.undo_push(message="added")
    from semantify_blender.addon.character import looks

    subject = looks.subject(bpy.context.object.data)
    file_of(own, Preset("Look", subject, {"body": {"tall": 0.5}}, outfit="bare", colours={"skin": (0.1, 0.2, 0.3)}))
    bpy.ops.semantify.load_preset("EXEC_DEFAULT", True, preset="Look")
    state = bpy.context.object.data.semantify
    assert (state.outfit, state.sliders[0].value) == ("bare", 0.5)
    bpy.ops.semantify.save_preset("EXEC_DEFAULT", True, name="Kept")
    bpy.ops.ed.undo()
    state = bpy.context.object.data.semantify
    assert (state.outfit, state.sliders[0].value) == ("day", 0.0)
    assert (own / "Kept.json").is_file()
    bpy.ops.ed.redo()
    state = bpy.context.object.data.semantify
    assert (state.outfit, state.sliders[0].value) == ("bare", 0.5)


def test_a_picture_is_taken_beside_the_scene_and_leaves_nothing(own: Path) -> None:
    calls: list[str] = []
    obj = add()
    obj.location = 5, 5, 5
    set_slider(obj, 0, 1.0)
    bpy.context.scene.frame_set(7)
    for name in ("render_pre", "render_complete", "frame_change_post"):
        getattr(bpy.app.handlers, name).append(lambda *_, name=name: calls.append(name))
    handlers = {name: len(getattr(bpy.app.handlers, name)) for name in ("render_pre", "frame_change_post")}
    before, scene = counts(), bpy.context.scene
    settings = (scene.render.engine, scene.render.filepath, scene.camera, scene.frame_current, obj.data.users)
    save("Look")
    assert counts() == before
    assert bpy.context.scene == scene
    assert (
        scene.render.engine, scene.render.filepath, scene.camera, scene.frame_current, obj.data.users
    ) == settings  # fmt: skip
    assert calls == []
    assert {name: len(getattr(bpy.app.handlers, name)) for name in handlers} == handlers
    image = bpy.data.images.load(str(own / "Look.png"))
    assert tuple(image.size) == (128, 128)
    alpha = np.array(image.pixels[:]).reshape(128, 128, 4)[..., 3]
    seen = np.argwhere(alpha > 0.5)
    # the figure stands in the middle, and fills its height
    assert 0.75 * 128 < np.ptp(seen[:, 0]) < 127
    assert abs(seen[:, 1].mean() - 63.5) < 4
    for name in ("render_pre", "render_complete", "frame_change_post"):
        getattr(bpy.app.handlers, name).pop()


def test_the_panel_offers_what_a_character_can_take_and_names_files_that_are_none(own: Path, heads: None) -> None:
    from semantify_blender.addon import presets
    from semantify_blender.addon.state import memory
    from semantify_blender.addon.ui import preset_pictures

    file_of(own, Preset("Zed", "synthetic", {"body": {"tall": 1.0}}))
    file_of(own, Preset("Arm", "person", {"body": {"tall": 1.0}}))
    (own / "broken.json").write_text("[")
    memory.look_again()
    obj = add()
    found = presets.offered(obj.data)
    assert [entry.preset.name for entry in found] == ["Zed"]
    assert len(memory.preset_troubles) == 1
    assert "broken.json" in memory.preset_troubles[0]
    icons = {preset_pictures.icon(entry) for entry in presets.entries()}
    assert icons
    face = add("face")
    shipped = {entry.preset.name for entry in presets.offered(face.data)}
    assert {"Round Face", "Hawk Nose"} <= shipped
    assert not shipped & {"Runner", "Lion", "Big Smile"}


def test_shipped_presets_shape_people_faces_and_animals(monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon import presets
    from semantify_blender.addon.state import memory

    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    memory.look_again()
    assert len(presets.addable()) == 24
    assert [entry.preset.subject for entry in presets.addable()][:16] == ["person"] * 16
    put("Grandma")
    woman = bpy.context.object
    state = woman.data.semantify
    assert (state.mapper_name, state.outfit) == ("anny-body-female", "skirt")
    assert len(presets.offered(woman.data)) == 16
    put("Big Smile")
    assert state.expression.sliders["smiling"].value > 1
    assert not len(state.face.sliders)
    # the body stays, and after it the expression does
    put("Bodybuilder")
    assert state.sliders["muscular"].value == 1.5
    assert state.expression.sliders["smiling"].value > 1
    bpy.context.view_layer.objects.active = None
    woman.select_set(False)
    put("Lion")
    assert bpy.context.object.data.semantify.mapper_name == "quadruped"
    assert {entry.preset.name for entry in presets.offered(bpy.context.object.data)} >= {"Lion", "Donkey"}
    assert len(presets.offered(bpy.context.object.data)) == 8


def test_an_asset_is_the_whole_character_and_works_in_another_file(tmp_path: Path, synthetic_data: Path) -> None:
    obj = add()
    set_slider(obj, 0, 1.0)
    before = counts()
    assert bpy.ops.semantify.mark_asset() == {"FINISHED"}
    assert counts() == before
    data = obj.asset_data
    assert [tag.name for tag in data.tags] == ["semantify", "synthetic", "tall"]
    assert data.description == "Synthetic: tall"
    assert tuple(obj.preview.image_size) == (256, 256)
    alpha = np.array(obj.preview.image_pixels_float[:]).reshape(256, 256, 4)[..., 3]
    assert 0.05 < (alpha > 0.5).mean() < 0.9
    # once more after a change: the tags are not doubled
    bpy.ops.semantify.mark_asset(description_text="A tall one")
    assert (len(data.tags), data.description) == (3, "A tall one")
    path, name = tmp_path / "library.blend", obj.name
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(path), assets_only=True) as (source, target):
        assert source.objects == [name]
        target.objects = [name]
    (appended,) = target.objects
    bpy.context.collection.objects.link(appended)
    bpy.context.view_layer.objects.active = appended
    assert error_of(appended, synthetic_data) < 1e-5
    set_slider(appended, 1, -1.0)
    assert error_of(appended, synthetic_data) < 1e-5
    assert len([text for text in bpy.data.texts if ".mapper" in text.name]) == 1
