"""Body, face and expression on one mesh: whatever happens, its vertices are what three mappers and models say."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.model.head_on_body import HeadOnBody
from tests.blender.addon_helpers import add, evaluated, forget_decoded, load, set_slider, texts
from tests.blender.fit_helpers import draw_figure, expected_fit, save_encoder_and_fitter, write_picture
from tests.blender.layer_helpers import HEADS, error_of, expected, person, save_heads, values_of
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
LIMIT = 1e-5


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a body and its heads."""
    from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

    folder = tmp_path_factory.mktemp("people")
    model = synthetic_model()
    model.save(folder / "models" / "synthetic.model.npz")
    synthetic_mapper(model, provenance=TRAINED).save(folder / "mappers" / "synthetic.mapper.npz")
    save_heads(folder)
    return folder


@pytest.fixture(autouse=True)
def data(people: Path, addon: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    from semantify_blender.addon.state import memory

    monkeypatch.setenv("SEMANTIFY_DATA", str(people))
    memory.look_again()
    return people


def shaped() -> bpy.types.Object:
    """A person with every slider off its rest."""
    obj = person()
    state = obj.data.semantify
    for layer in (state, state.face, state.expression):
        for i, slider in enumerate(layer.sliders):
            slider.value = 0.8 - 0.5 * i
    return obj


def test_heads_that_fit_are_offered_once_each():
    from semantify_blender.addon.character import layering

    obj = add()
    assert layering.offered(obj.data) == {"face": ["face"], "expression": ["expression"]}
    bpy.ops.semantify.add_layer(mapper="face")
    with pytest.raises(RuntimeError, match="has its face from face: remove that first"):
        bpy.ops.semantify.add_layer(mapper="face")


def test_the_menu_offers_what_may_be_added_and_taken_away():
    from types import SimpleNamespace

    from semantify_blender.addon.ui.layers import SEMANTIFY_MT_layers

    def entries() -> list[str]:
        found: list[str] = []
        layout = SimpleNamespace(operator=lambda name, text: (found.append(text), SimpleNamespace())[1])
        SEMANTIFY_MT_layers.draw(SimpleNamespace(layout=layout), bpy.context)
        return found

    add()
    assert entries() == ["Add Face: Face", "Add Expression: Expression"]
    bpy.ops.semantify.add_layer(mapper="face")
    assert entries() == ["Remove Face", "Add Expression: Expression"]


def test_a_mapper_whose_model_is_no_head_of_this_body_is_refused():
    obj = add()
    before = texts(), evaluated(obj)
    with pytest.raises(RuntimeError, match="does not say of which body it is the head"):
        bpy.ops.semantify.add_layer(mapper="synthetic")
    assert texts() == before[0]
    assert np.array_equal(evaluated(obj), before[1])


def test_sliders_of_all_layers_shape_one_mesh(data: Path):
    obj = person()
    assert error_of(obj, data) < LIMIT
    state = obj.data.semantify
    for layer in (state.face, state, state.expression, state.face):
        before = evaluated(obj)
        layer.sliders[1].value = layer.sliders[1].value - 0.7
        assert error_of(obj, data) < LIMIT
        assert np.abs(evaluated(obj) - before).max() > 1e-3
    assert len(obj.data.shape_keys.key_blocks) == 2


def test_undo_and_redo(data: Path):
    bpy.context.preferences.edit.use_global_undo = True
    obj = person()
    bpy.ops.ed.undo_push(message="made")
    obj.data.semantify.face.sliders[0].value = 0.9
    bpy.ops.ed.undo_push(message="moved")
    before = evaluated(obj)
    bpy.ops.ed.undo()
    obj = bpy.data.objects["Synthetic"]
    assert values_of(obj)["face"] == [0.0, 0.0]
    assert error_of(obj, data) < LIMIT
    bpy.ops.ed.redo()
    obj = bpy.data.objects["Synthetic"]
    assert np.abs(evaluated(obj) - before).max() < LIMIT


def test_keys_and_drivers_of_every_layer_play(data: Path):
    obj = person()
    state = obj.data.semantify
    for layer in (state, state.face):
        for frame, value in ((1, -0.8), (11, 0.9)):
            layer.sliders[0].value = value
            layer.sliders[0].keyframe_insert("value", frame=frame)
    for frame in (3, 11):
        bpy.context.scene.frame_set(frame)
        assert error_of(obj, data) < LIMIT
    assert values_of(obj)["face"][0] == pytest.approx(0.9)
    driver = obj.data.driver_add("semantify.expression.sliders[2].value").driver
    driver.expression = "frame / 10"
    bpy.context.scene.frame_set(7)
    found = {**values_of(obj), "expression": [0.0, 0.0, 0.7]}
    assert np.abs(evaluated(obj) - expected(data, found)).max() < LIMIT


def test_keyed_layers_are_written_before_the_frame_and_once(monkeypatch: pytest.MonkeyPatch, data: Path):
    from semantify_blender.addon.character import live_key

    obj = person()
    for frame, value in ((1, -0.8), (11, 0.9)):
        obj.data.semantify.face.sliders[0].value = value
        obj.data.semantify.face.sliders[0].keyframe_insert("value", frame=frame)
    written = []
    put = live_key._put
    monkeypatch.setattr(live_key, "_put", lambda *values: (written.append(1), put(*values)))
    bpy.context.scene.frame_set(5)
    assert len(written) == 1
    assert error_of(obj, data) < LIMIT


def test_operators_work_on_all_layers_or_on_one(data: Path):
    obj = person()
    state = obj.data.semantify
    bpy.ops.semantify.randomize(seed=3)
    first = values_of(obj)
    assert all(any(values) for values in first.values())
    assert error_of(obj, data) < LIMIT
    state.face.sliders[1].lock = True
    bpy.ops.semantify.randomize(seed=4, layer="FACE")
    second = values_of(obj)
    assert (second[""], second["expression"]) == (first[""], first["expression"])
    assert second["face"][0] != first["face"][0]
    assert second["face"][1] == first["face"][1]
    bpy.ops.semantify.reset_slider(index=0, layer="EXPRESSION")
    assert values_of(obj)["expression"][0] == 0
    bpy.ops.semantify.reset_all()
    assert values_of(obj) == {"": [0, 0, 0], "face": [0, second["face"][1]], "expression": [0, 0, 0]}
    assert error_of(obj, data) < LIMIT
    bpy.ops.semantify.key_sliders()
    from semantify_blender.addon.character.curves import action_curves

    assert len(action_curves(obj.data.animation_data)) == 8


def test_a_layers_slider_is_held_where_its_mapper_ends(monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.character import shape

    obj = person()
    slider = obj.data.semantify.face.sliders[0]
    slider.value = 1.4
    assert slider.value == 1.0
    monkeypatch.setattr(shape, "reach", lambda mapper: 1.5 if "long" in mapper.descriptors else 1.0)
    slider.value = 1.4
    assert slider.value == pytest.approx(1.4)


def test_an_offset_and_keep_natural_of_a_layer(data: Path):
    from semantify_blender.addon.character import shape

    obj = person()
    face = obj.data.semantify.face
    shape.set_offset(face, np.float32([0.5, -0.3, 0.2]))
    shape.apply(obj.data)
    whole = evaluated(obj)
    assert np.abs(whole - expected(data, values_of(obj))).max() > 1e-3
    face.offset_amount = 0.5
    assert np.abs(evaluated(obj) - (whole + expected(data, values_of(obj))) / 2).max() < LIMIT
    bpy.ops.semantify.clear_fit(layer="FACE")
    assert error_of(obj, data) < LIMIT
    face.keep_natural = True
    face.sliders[0].value = 0.6
    assert error_of(obj, data) < LIMIT, "the words of the synthetic mappers vary by themselves"


def test_a_file_opens_complete_without_the_models(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    obj = shaped()
    before = evaluated(obj)
    path = str(tmp_path / "person.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    for open_it in (lambda: bpy.ops.wm.open_mainfile(filepath=path), lambda: appended(path)):
        forget_decoded()
        open_it()
        obj = bpy.data.objects["Synthetic"]
        assert np.abs(evaluated(obj) - before).max() < LIMIT
        obj.data.semantify.face.sliders[0].value = -0.4
        assert error_of(obj, data) < LIMIT
        assert len(texts()) == len(texts(".model")) == 3


def appended(path: str) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(path) as (_, here):
        here.objects = ["Synthetic"]
    bpy.context.scene.collection.objects.link(here.objects[0])


def test_an_override_keeps_its_layers_values(data: Path, tmp_path: Path):
    shaped()
    library, path = str(tmp_path / "library.blend"), str(tmp_path / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(library, link=True) as (_, here):
        here.objects = ["Synthetic"]
    bpy.context.scene.collection.objects.link(here.objects[0])
    obj = here.objects[0].override_create(remap_local_usages=True)
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.semantify.override_mesh() == {"FINISHED"}
    obj.data.semantify.expression.sliders[1].value = -0.6
    assert error_of(obj, data) < LIMIT
    with pytest.raises(RuntimeError):
        bpy.ops.semantify.remove_layer(layer="FACE")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    forget_decoded()
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = next(obj for obj in bpy.context.scene.objects if obj.library is None)
    assert values_of(obj)["expression"][1] == pytest.approx(-0.6)
    assert error_of(obj, data) < LIMIT


@pytest.mark.parametrize("kind", ["COMPONENTS", "POSITIVE", "FRAMES"])
def test_a_bake_has_all_layers(kind: str, data: Path):
    obj = person()
    state = obj.data.semantify
    for layer in (state, state.face, state.expression):
        for frame, value in ((1, -0.9), (6, 0.9)):
            layer.sliders[0].value = value
            layer.sliders[0].keyframe_insert("value", frame=frame)
    bpy.ops.semantify.bake(frame_start=1, frame_end=6, kind=kind)
    for frame in range(1, 7):
        bpy.context.scene.frame_set(frame)
        assert error_of(obj, data) < LIMIT
    names = [key.name for key in state.baked_keys]
    assert any(name.startswith("Semantify Face") for name in names) == (kind != "FRAMES")
    with pytest.raises(RuntimeError, match="Free Bake first"):
        bpy.ops.semantify.remove_layer(layer="FACE")
    bpy.ops.semantify.free_bake()
    assert error_of(obj, data) < LIMIT
    assert len(obj.data.shape_keys.key_blocks) == 2


def test_removing_a_layer_leaves_the_others_and_their_animation(data: Path):
    obj = shaped()
    state = obj.data.semantify
    for layer in (state, state.face, state.expression):
        layer.sliders[0].keyframe_insert("value", frame=1)
    bpy.ops.semantify.remove_layer(layer="FACE")
    assert list(values_of(obj)) == ["", "expression"]
    from semantify_blender.addon.character.curves import action_curves

    paths = {curve.data_path for curve in action_curves(obj.data.animation_data)}
    assert paths == {"semantify.sliders[0].value", "semantify.expression.sliders[0].value"}
    assert error_of(obj, data) < LIMIT
    assert len(texts()) == len(texts(".model")) == 2
    bpy.ops.semantify.add_layer(mapper="face")
    assert error_of(obj, data) < LIMIT


def test_remove_semantify_keeps_the_shape_and_leaves_nothing(data: Path):
    obj = shaped()
    before = evaluated(obj)
    bpy.ops.semantify.remove()
    assert np.abs(evaluated(obj) - before).max() < LIMIT
    assert texts() == texts(".model") == []
    assert not [name for name, _ in obj.data.items() if name.startswith("semantify_")]


def test_a_duplicate_and_a_lost_key(data: Path):
    obj = shaped()
    bpy.ops.object.duplicate()
    other = bpy.context.object
    other.data.semantify.face.sliders[0].value = -1.0
    assert error_of(other, data) < LIMIT
    assert error_of(obj, data) < LIMIT
    bpy.ops.object.shape_key_remove(all=True, apply_mix=True)
    assert bpy.ops.semantify.rebuild_keys() == {"FINISHED"}
    assert error_of(other, data) < 5e-5


def test_an_edited_mesh_follows_its_face(data: Path):
    obj = shaped()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.subdivide()
    bpy.ops.object.mode_set(mode="OBJECT")
    obj.data.semantify.face.sliders[0].value = -1.0
    wanted = expected(data, values_of(obj))
    assert np.abs(evaluated(obj)[: len(wanted)] - wanted).max() < LIMIT


def test_another_mapper_for_a_layer_keeps_a_fitted_face(data: Path, tmp_path: Path):
    from dataclasses import replace

    from semantify_blender.addon.character import shape
    from semantify_blender.core.mapper import Mapper

    mapper = Mapper.load(data / "mappers" / "face.mapper.npz")
    path = tmp_path / "other.mapper.npz"
    replace(mapper, descriptors=("chubby", "old"), coefficient_scale=0.7 * mapper.coefficient_scale).save(path)
    obj = shaped()
    face = obj.data.semantify.face
    shape.set_offset(face, np.float32([0.5, -0.3, 0.2]))
    shape.apply(obj.data)
    before = evaluated(obj)
    bpy.ops.semantify.change_mapper(filepath=str(path), layer="FACE")
    assert [slider.name for slider in face.sliders] == ["chubby", "old"]
    assert np.abs(evaluated(obj) - before).max() < 5e-5


def test_a_layer_whose_mapper_is_lost_leaves_the_shape(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.character import embedding

    obj = shaped()
    before = evaluated(obj)
    bpy.data.texts.remove(obj.data["semantify_mapper_face"])
    obj.data.semantify.face.mapper_path = ""
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    from semantify_blender.addon.state import memory

    memory.look_again()
    forget_decoded()
    set_slider(obj, 0, -1.0)
    assert np.abs(evaluated(obj) - before).max() < LIMIT
    assert "is not stored in this file" in str(embedding.problem(obj.data.semantify.face))
    bpy.ops.semantify.change_mapper(filepath=str(data / "mappers" / "face.mapper.npz"), layer="FACE")
    assert error_of(obj, data) < LIMIT


def test_nothing_is_read_during_a_drag_and_only_what_changed_is_computed(monkeypatch: pytest.MonkeyPatch, data: Path):
    from semantify_blender.core.mapper import Mapper
    from tests.blender.addon_helpers import files_opened

    obj = person()
    asked: list[tuple[str, ...]] = []
    work = Mapper.coefficients
    monkeypatch.setattr(Mapper, "coefficients", lambda self, x: (asked.append(self.descriptors), work(self, x))[1])
    with files_opened() as opened:
        for value in (0.1, 0.2, 0.3):
            obj.data.semantify.face.sliders[0].value = value
    assert opened == []
    assert asked == [HEADS["face"]] * 3
    assert error_of(obj, data) < LIMIT


def test_alt_drag_reaches_the_same_layer_of_other_characters(data: Path):
    """Blender copies by the property's path; an update with the source's button under the mouse is such a copy."""
    from types import SimpleNamespace

    from semantify_blender.addon.character import copying

    first, second = person(), person()
    source = (first.data, "semantify.face.sliders[0].value", -1)
    context = SimpleNamespace(property=source, view_layer=bpy.context.view_layer)
    slider = second.data.semantify.face.sliders[0]
    slider.value = 0.4
    assert not copying.taken_back(slider, "value", context)
    bpy.context.view_layer.update()
    first.data.semantify.face.sliders[0].name = "another word"
    slider["value"] = 0.9
    assert copying.taken_back(slider, "value", context)
    assert slider.value == pytest.approx(0.4)


def fitted(obj: bpy.types.Object, folder: Path, path: Path, **options: object) -> None:
    """Fit a face to a picture, as the panel does, and compare it with what core finds."""
    found = expected_fit(folder, [path], name="face")
    body = values_of(obj)[""]
    assert bpy.ops.semantify.fit_image(filepath=str(path), force=True, **options) == {"FINISHED"}
    values = values_of(obj)
    assert values[""] == body
    assert values["face"] == pytest.approx(found.sliders.round(2).tolist(), abs=1e-5)
    wanted = expected(folder, {**values, "face": [0.0, 0.0]})
    head = HeadOnBody.of(load(folder)[1], load(folder, "face")[1])
    rest = load(folder, "face")[0]
    rest = rest.coefficients(rest.scores_from_sliders(np.zeros(2)))
    wanted[head.rows] += np.einsum("k,kni->ni", found.coefficients - rest, head.basis)
    assert np.abs(evaluated(obj) - wanted).max() < 1e-4


def test_a_picture_is_fitted_by_the_face_that_the_character_has(data: Path, tmp_path: Path):
    if not (data / "fitters").exists():
        save_encoder_and_fitter(data, "face")
    path = write_picture(tmp_path / "subject.png", draw_figure())
    obj = person()
    bpy.ops.semantify.reset_all()
    fitted(obj, data, path, layer="FACE", height_known=True, height=3.0)
    state = obj.data.semantify
    assert (state.fitted_to, state.face.fitted_to, state.expression.fitted_to) == ("", "subject.png", "")
    # what is known of a body is no wish of a face
    assert state.face.fit_height == 0.0


def test_a_face_in_a_picture_of_a_head_goes_to_the_characters_face(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.pictures.refusal import Refusal
    from semantify_blender.addon.pictures.shot import Shot
    from semantify_blender.addon.state import memory

    if not (data / "fitters").exists():
        save_encoder_and_fitter(data, "face")
    path = write_picture(tmp_path / "subject.png", draw_figure())
    obj = person()
    shot = Shot.of_file(str(path))
    memory.refusal = Refusal("it shows a head", (shot,), shot, (10.0, 10.0, 90.0, 110.0))
    assert bpy.ops.semantify.crop_face() == {"FINISHED"}
    assert obj.data.semantify.face.fitted_to == "subject.png"
    assert len([each for each in bpy.context.scene.objects if each.type == "MESH"]) == 1
    assert bpy.context.view_layer.objects.active == obj


def test_a_layer_that_is_not_there_is_told(data: Path):
    add()
    with pytest.raises(RuntimeError, match="has no face of its own: add one first"):
        bpy.ops.semantify.reset_slider(index=0, layer="FACE")
