"""What F3 finds, what file browsers list and start with, what the redo panel shows, and what the panel says."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from semantify_blender.core import library
from tests.blender.addon_helpers import add, evaluated, load, on_the_floor
from tests.blender.keyed_mesh import keyed_head, saved_mapper
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
NOT_THERE = {
    *("reset_slider", "show_word", "choose_picture", "forget_refusal", "add_layer", "remove_layer"),
    *("add_word", "remove_word", "forget_training"),
}
"""Some make sense beside a slider, a refusal, a list or what was left unfinished only; the file browser is that of Fit
to Image. Layers are in a menu below, as far as the character may have or has such a thing (`test_layers.py`)."""


class Layout:
    """Stands in for a layout and collects the operators that a menu shows."""

    def __init__(self) -> None:
        self.operators: set[str] = set()
        self.menus: list[str] = []

    def operator(self, name: str, **_: object) -> SimpleNamespace:
        self.operators.add(name.removeprefix("semantify."))
        return SimpleNamespace()

    def separator(self) -> None:
        pass

    def menu(self, name: str, **_: object) -> None:
        assert hasattr(bpy.types, name)
        self.menus.append(name)


def shown(menu: type) -> set[str]:
    layout = Layout()
    image = SimpleNamespace(type="IMAGE", size=(4, 4), name="picture")
    space = SimpleNamespace(type="IMAGE_EDITOR", image=image)
    menu.draw(SimpleNamespace(layout=layout), SimpleNamespace(space_data=space))
    return layout.operators


def operators() -> list[type]:
    return [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith("SEMANTIFY_OT_")]


def test_every_operator_is_in_a_menu_where_f3_finds_it():
    from semantify_blender.addon.ui import menus

    found = set().union(*map(shown, (menus.SEMANTIFY_MT_add, menus.SEMANTIFY_MT_object, menus.SEMANTIFY_MT_image)))
    every = {cls.bl_idname.split("_OT_")[-1].removeprefix("semantify.") for cls in operators()}
    assert found == every - NOT_THERE
    for menu, draw in menus.ENTRIES:
        assert draw in getattr(bpy.types, menu)._dyn_ui_initialize(), menu


def test_the_panels_header_has_the_menu_of_all_that_can_be_done():
    from semantify_blender.addon.ui.shape_panel import SEMANTIFY_PT_shape as panel

    layout = Layout()
    panel.draw_header_preset(SimpleNamespace(layout=layout), bpy.context)
    assert layout.menus == ["SEMANTIFY_MT_object"]


def test_pictures_are_chosen_by_thumbnails():
    # the file browser reads a property of this name, 3 stands for thumbnails there
    display = bpy.ops.semantify.choose_picture.get_rna_type().properties["display_type"]
    assert display.is_hidden
    assert [item.value for item in display.enum_items] == [3]


def test_file_browsers_list_what_can_be_chosen():
    wanted = {
        "open_mapper": "*.mapper.npz",
        "change_mapper": "*.mapper.npz",
        "attach_mapper": "*.mapper.npz",
        "locate_model": "*.model.npz",
        "export_keys_model": "*.model.npz",
    }
    for name, pattern in wanted.items():
        properties = getattr(bpy.ops.semantify, name).get_rna_type().properties
        assert properties["filter_glob"].default == pattern, name
        assert properties["filepath"].is_hidden, name
        assert properties["filepath"].is_skip_save, name


def test_attach_starts_with_the_mapper_that_has_the_objects_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.operators.own_keys import SEMANTIFY_OT_attach_mapper as attach
    from semantify_blender.addon.state import memory

    monkeypatch.setattr(memory, "last_folder", None)
    head = keyed_head()
    nothing = Path(attach.suggestion(None, bpy.context))
    assert nothing.is_dir()
    mapper = saved_mapper(head, tmp_path)  # exported there
    assert attach.suggestion(None, bpy.context) == str(mapper)
    head.name = "Another"
    assert attach.suggestion(None, bpy.context) == f"{tmp_path}/"


def test_choosing_another_mapper_starts_where_the_present_one_is():
    from semantify_blender.addon.operators.mapper_files import SEMANTIFY_OT_change_mapper as change

    obj = add("anny-body-neutral")
    here = SimpleNamespace(layer_of=lambda mesh: mesh.semantify)
    assert change.suggestion(here, bpy.context) == str(library.DATA / "mappers" / "anny-body-neutral.mapper.npz")
    obj.data.semantify.mapper_path = "/nowhere/gone.mapper.npz"
    assert Path(change.suggestion(here, bpy.context)).is_dir()


@pytest.mark.parametrize("name", ["anny-body-neutral", "anny-face-expression", "quadruped"])
def test_details_are_readable(name: str):
    from semantify_blender.addon.ui.details_panel import about

    rows = about(library.load_mapper(name))
    assert [row[0] for row in rows] == [
        "Model", "CLIP", "Trained", "Samples", "Coverage", "Overlap", "Mean error"
    ]  # fmt: skip
    assert max(len(value) for _, value in rows) <= len("anny-face-expression")


def test_randomized_sliders_are_what_the_panel_shows_of_them():
    from semantify_blender.addon.character import shape

    obj = add()
    obj.data.semantify.sliders[0].value = 0.12345
    obj.data.semantify.sliders[0].lock = True
    bpy.ops.semantify.randomize(seed=2)
    values = shape.slider_values(obj.data.semantify)
    assert values[0] == pytest.approx(0.12345)
    assert values[1:] == pytest.approx(values[1:].round(2), abs=1e-7)
    assert values[1:].any()


def test_a_fits_sliders_are_too_and_its_shape_is_exactly_the_fit(synthetic_data: Path):
    from semantify_blender.addon.character import shape
    from semantify_blender.addon.pictures import fitting

    mapper, model = load(synthetic_data)
    obj = add()
    sliders = np.array([0.00439, -0.33333, 0.98765], np.float32)
    offset = np.array([0.3, -0.2, 0.1, 0.0], np.float32)
    for natural in (False, True):
        obj.data.semantify.keep_natural = natural
        fitting.set_shape(obj.data.semantify, sliders, offset)
        assert shape.slider_values(obj.data.semantify) == pytest.approx([0, -0.33, 0.99])
        wanted = mapper.coefficients(mapper.scores_from_sliders(sliders)) + offset
        assert np.abs(evaluated(obj) - on_the_floor(model, wanted)).max() < 1e-5


def test_characters_of_one_model_share_materials_and_two_models_do_not():
    first, second, other = add(), add(), add("anny-body-neutral")
    assert list(first.data.materials) == list(second.data.materials)
    assert not set(first.data.materials) & set(other.data.materials)
    count = len(bpy.data.materials)
    for _ in range(3):
        add()
    assert len(bpy.data.materials) == count
    bpy.ops.semantify.remove()
    assert list(bpy.context.object.data.materials) == list(first.data.materials)
