"""What is known of a subject in panel, operator and character: it is met, remembered, and gone with the fit."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import load_model
from semantify_blender.core.model.gradients import measurements_of
from tests.blender.addon_helpers import add
from tests.blender.fit_helpers import draw_figure, save_encoder_and_fitter, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "subject.png", draw_figure())


@pytest.fixture
def synthetic(synthetic_data: Path) -> None:
    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)


def add_body(name: str = "anny-body-neutral") -> bpy.types.Object:
    assert bpy.ops.semantify.add_character(mapper=name) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def sizes_of(obj: bpy.types.Object) -> dict[str, float]:
    """What the character itself measures."""
    from semantify_blender.addon.character import embedding, shape

    model = load_model(obj.data.semantify.mapper_name)
    values = shape.coefficients(embedding.require_mapper(obj.data.semantify), obj.data.semantify)
    return {name: one(values)[0] for name, one in measurements_of(model).items()}


@pytest.mark.parametrize("scale", [1.0, 0.01])
def test_all_that_is_known_is_met_in_any_unit(scale: float, picture: Path):
    bpy.context.scene.unit_settings.scale_length = scale
    obj = add_body()
    known = {"height": 1.75 / scale, "weight": 80.0, "waist": 0.9 / scale, "chest": 1.03 / scale}
    options = known | {f"{name}_known": True for name in known} | {"sex": "MALE"}
    assert bpy.ops.semantify.fit_image(filepath=str(picture), **options) == {"FINISHED"}
    found = sizes_of(obj)
    assert found["height"] == pytest.approx(1.75, abs=0.006)
    assert found["weight"] == pytest.approx(80, abs=1.6)
    assert found["waist"] == pytest.approx(0.9, abs=0.012)
    assert found["chest"] == pytest.approx(1.03, abs=0.012)
    assert found["gender"] < 0.35
    state = obj.data.semantify
    assert (state.fit_sex, state.fit_weight, state.fit_hips) == ("male", 80.0, 0.0)
    assert (state.fit_height, state.fit_waist) == pytest.approx((1.75, 0.9))
    # what was given has no ±, the girth that was not has one, where the fitter tells
    measures = json.loads(state.fit_measures)
    assert list(measures) == ["height", "weight", "chest", "waist", "hips"]
    assert [name for name, size in measures.items() if size["deviation"] is not None] in ([], ["hips"])


def test_the_panels_values_are_taken_unless_the_caller_gave_some():
    """As when it is invoked, which a Blender without a window does not do."""
    from semantify_blender.addon.known import NAMES, known_of
    from semantify_blender.addon.operators.picture_chooser import FitOptions
    from semantify_blender.core.fitting.known import Known

    session = bpy.context.window_manager.semantify
    session.sex, session.weight_known, session.weight, session.hips_known, session.hips = "FEMALE", True, 61, True, 1.01
    given = {"weight": 70.0, "sex": "SEEN"}
    operator = SimpleNamespace(properties=SimpleNamespace(is_property_set=given.__contains__), **given)
    FitOptions.take_known(operator, bpy.context)
    assert all(hasattr(operator, name) for name in NAMES)
    assert known_of(operator, bpy.context) == Known(weight=70.0, hips=pytest.approx(1.01))


def test_it_is_saved_undone_and_taken_away_with_the_fit(picture: Path, tmp_path: Path):
    from semantify_blender.addon import known
    from semantify_blender.core.fitting.known import Known

    obj = add_body()
    name = obj.name
    bpy.ops.ed.undo_push(message="added")
    told = {"sex": "FEMALE", "weight_known": True, "weight": 58.5, "chest_known": True, "chest": 0.91}
    assert bpy.ops.semantify.fit_image(filepath=str(picture), **told) == {"FINISHED"}
    bpy.ops.ed.undo_push(message="fitted")
    wanted = Known(sex="female", weight=58.5, chest=0.91)
    assert known.remembered(obj.data.semantify) == wanted
    bpy.ops.ed.undo()
    assert known.remembered(bpy.data.objects[name].data.semantify) == Known()
    bpy.ops.ed.redo()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "kept.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "kept.blend"))
    state = bpy.data.objects[name].data.semantify
    assert known.remembered(state) == wanted
    assert json.loads(state.fit_measures)["weight"]["value"] == pytest.approx(58.5, abs=1.2)
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    assert bpy.ops.semantify.clear_fit() == {"FINISHED"}
    assert known.remembered(state) == Known()
    assert state.fit_measures == ""


def test_refine_is_asked_with_all_of_it(picture: Path, tmp_path: Path):
    from semantify_blender.addon.character import embedding
    from semantify_blender.addon.pictures import refining
    from semantify_blender.rendering.fits.subject import known_of

    obj = add_body()
    told = {"sex": "MALE", "height_known": True, "height": 1.83, "waist_known": True, "waist": 0.88}
    assert bpy.ops.semantify.fit_image(filepath=str(picture), **told) == {"FINISHED"}
    request = refining.request_of(obj.data.semantify, embedding.require_mapper(obj.data.semantify), tmp_path)
    assert (request.sex, request.height, request.weight, request.waist) == ("male", 1.83, None, 88.0)
    known = known_of(request)
    assert (known.sex, known.height, known.chest, known.waist) == ("male", 1.83, None, 0.88)


def test_refine_needs_neither_mapper_nor_model_on_disk_and_writes_where_it_may(
    picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.character import embedding
    from semantify_blender.addon.pictures import refining
    from semantify_blender.core.model.morphable_model import MorphableModel

    obj = add_body()
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    state = obj.data.semantify
    monkeypatch.setattr(catalogue, "model_candidates", lambda *_: [])
    state.mapper_name = state.model_name = "../../elsewhere"
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    before = set(tmp_path.rglob("*"))
    request = refining.request_of(obj.data.semantify, embedding.require_mapper(obj.data.semantify), folder)
    assert MorphableModel.load(request.model).checksum == state.model_checksum
    assert {path.parent for path in set(tmp_path.rglob("*")) - before} == {folder}
    # damaged, it is looked for on disk as before
    obj.data["semantify_model"]["content"] = b"damaged"
    with pytest.raises(SemantifyError, match="was not found"):
        refining.request_of(obj.data.semantify, embedding.require_mapper(obj.data.semantify), folder)


@pytest.mark.parametrize(("sex", "mapper"), [("FEMALE", "anny-body-female"), ("MALE", "anny-body-male"),
                                             ("SEEN", "anny-body-neutral")])  # fmt: skip
def test_a_new_character_is_of_the_chosen_sex(sex: str, mapper: str, picture: Path):
    bpy.context.window_manager.semantify.mapper = "anny-body-neutral"
    assert bpy.ops.semantify.fit_image(filepath=str(picture), sex=sex) == {"FINISHED"}
    assert bpy.context.view_layer.objects.active.data.semantify.mapper_name == mapper


@pytest.mark.parametrize(
    ("mapper", "options", "message"),
    [
        ("anny-body-male", {"sex": "FEMALE"}, "'anny-body-male' is male: choose a female or a neutral one"),
        ("anny-body-neutral", {"weight_known": True, "weight": 700}, "The weight is 700 kg: give kilograms"),
        ("anny-body-neutral", {"waist_known": True, "waist": 85}, "The waist girth is 8500 cm: give centimetres"),
        ("anny-face-shape", {"weight_known": True}, "does not stand on a floor: leave the weight out"),
    ],
)
def test_refusals_leave_the_file_alone(mapper: str, options: dict, message: str, picture: Path):
    obj = add_body(mapper)
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.semantify.fit_image(filepath=str(picture), **options)
    assert obj.data.semantify.fitted_to == ""


@pytest.mark.parametrize(
    ("height", "weight", "message"),
    [
        (2.4, 5, "height 2.40 m and weight 5 kg do not go together: the nearest shape has"),
        (2.0, 20, "height 2.00 m and weight 20 kg do not go together: that is a body mass index of 5, and people have"),
    ],
)
def test_what_does_not_go_together_is_said_in_the_panel(height: float, weight: float, message: str, picture: Path):
    obj = add_body()
    told = {"height_known": True, "height": height, "weight_known": True, "weight": weight}
    assert bpy.ops.semantify.fit_image(filepath=str(picture), **told) == {"FINISHED"}
    assert message in obj.data.semantify.fit_notes


@pytest.mark.usefixtures("synthetic")
def test_a_fitter_whose_errors_nobody_measured_says_nothing_of_them(picture: Path):
    obj = add()
    assert bpy.ops.semantify.fit_image(filepath=str(picture)) == {"FINISHED"}
    assert {size["deviation"] for size in json.loads(obj.data.semantify.fit_measures).values()} == {None}


def test_sizes_are_written_in_the_scenes_units():
    from semantify_blender.addon.ui.lengths import sizes_text

    measures = json.dumps({"height": {"value": 1.71, "deviation": 0.09}, "weight": {"value": 72.0, "deviation": None}})
    # lines end between measurements, since the spaces inside them do not break
    assert sizes_text(bpy.context, measures).split(" ") == [
        "height\u00a01.71\u00a0±\u00a00.09\u00a0m,",
        "weight\u00a072\u00a0kg",
    ]
    bpy.context.scene.unit_settings.system = "IMPERIAL"
    assert sizes_text(bpy.context, measures) == "height 67.3 ± 3.5 in, weight 159 lb".replace(" ", "\u00a0").replace(
        ",\u00a0", ", "
    )
    for damaged in ("", "[", "[1]", '{"height": 3}', '{"height": {"value": "a", "deviation": 1}}'):
        assert sizes_text(bpy.context, damaged) == ""


class Layout:
    """Notes which properties are shown, and that they are there; its rows and columns are itself."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.texts: list[str] = []

    def prop(self, data: object, name: str, **_: object) -> None:
        assert hasattr(data, name)
        self.shown.append(name)

    def label(self, text: str = "", **_: object) -> None:
        self.texts.append(text)

    def operator(self, name: str, **_: object) -> SimpleNamespace:
        return SimpleNamespace()

    def template_icon(self, icon: int, **_: object) -> None:
        pass

    def row(self, **_: object) -> "Layout":
        return self

    column = box = row


def test_all_of_it_can_be_said_and_the_result_is_shown(picture: Path):
    from semantify_blender.addon.known import NAMES
    from semantify_blender.addon.operators.picture_chooser import FitOptions
    from semantify_blender.addon.ui import fit_panel

    session = bpy.context.window_manager.semantify
    measured, options = Layout(), Layout()
    fit_panel.SEMANTIFY_PT_fit_measured.draw(SimpleNamespace(layout=measured), bpy.context)
    assert set(measured.shown) | {"sex", "height_known", "height"} == set(NAMES)
    values = {name: getattr(session, name) for name in NAMES}
    FitOptions.draw(SimpleNamespace(layout=options, layer="BODY", force=False, keep_pose=False, **values), bpy.context)
    assert set(options.shown) == {*NAMES, "keep_pose"}
    add_body()
    assert bpy.ops.semantify.fit_image(filepath=str(picture), height_known=True, height=1.66) == {"FINISHED"}
    used = Layout()
    fit_panel.SEMANTIFY_PT_fit_picture.draw(SimpleNamespace(layout=used), bpy.context)
    assert any("eight\u00a01.66\u00a0m" in text for text in used.texts), used.texts
