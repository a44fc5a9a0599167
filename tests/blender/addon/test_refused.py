"""Pictures that are refused: the sentence and its ways out, nothing changed; crop boxes and editors to draw them in."""

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from semantify_blender.core.pictures.picture import Picture, upright_box
from semantify_blender.core.pictures.seeking import Finder, NoSubjectError
from tests.blender.addon_helpers import add, evaluated
from tests.blender.fit_helpers import add_image, draw_figure, file_contents, save_encoder_and_fitter, write_picture
from tests.blender.tier import bpy
from tests.drawn_people import backdrop

pytestmark = pytest.mark.usefixtures("addon", "tools")
FACE = (10.0, 20.0, 70.0, 90.0)


@pytest.fixture
def tools(synthetic_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder, and a finder that sees a face only."""
    from semantify_blender.core.fitting import choose

    if not (synthetic_data / "fitters").exists():
        save_encoder_and_fitter(synthetic_data)

    def seek(picture: Picture) -> NoReturn:
        raise NoSubjectError("it shows a head and not a body", FACE)

    monkeypatch.setattr(choose, "finder_for", lambda model: Finder(seek, decides=True))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return write_picture(tmp_path / "busy.png", _busy(120, 160))


def _busy(width: int, height: int) -> np.ndarray:
    colours = backdrop("tiles", width, height).astype(np.uint8)
    return np.dstack([colours, np.full(colours.shape[:2], 255, np.uint8)])


def refuse(**options: object) -> None:
    with pytest.raises(RuntimeError, match=r"it shows a head and not a body"):
        bpy.ops.semantify.fit_image(**options)


def test_a_refusal_changes_nothing_and_is_kept_for_the_panel(picture: Path):
    from semantify_blender.addon.state import memory

    obj = add()
    before, shape = file_contents(), evaluated(obj)
    refuse(filepath=str(picture))
    assert file_contents() == before
    assert np.array_equal(evaluated(obj), shape)
    assert memory.refusal.text.startswith("busy.png: it shows a head")
    assert (memory.refusal.face, memory.refusal.head) == (FACE, False)
    assert [shot.path for shot in memory.refusal.shots] == [str(picture)]


def test_fit_anyway_fits_and_forgets_the_refusal(picture: Path, tmp_path: Path):
    from semantify_blender.addon.state import memory

    obj = add()
    other = write_picture(tmp_path / "clear.png", draw_figure())
    paths = [{"name": str(path)} for path in (other, picture)]
    refuse(files=paths)
    assert memory.refusal.shot.path == str(picture)
    assert bpy.ops.semantify.fit_image(files=paths, force=True) == {"FINISHED"}
    assert obj.data.semantify.fitted_to == "clear.png and 1 more"
    assert memory.refusal is None


def test_another_picture_another_file_or_a_click_forget_the_refusal(picture: Path, tmp_path: Path):
    from semantify_blender.addon.state import memory

    add()
    refuse(filepath=str(picture))
    assert bpy.ops.semantify.fit_image(filepath=str(write_picture(tmp_path / "a.png", draw_figure()))) == {"FINISHED"}
    assert memory.refusal is None
    refuse(filepath=str(picture))
    bpy.ops.semantify.forget_refusal()
    assert memory.refusal is None
    refuse(filepath=str(picture))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert memory.refusal is None


def test_the_face_is_fitted_by_a_new_head(picture: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.state import memory

    assert not bpy.ops.semantify.crop_face.poll()
    body = add()
    refuse(filepath=str(picture))
    monkeypatch.setattr(catalogue, "head", lambda: None)
    assert not bpy.ops.semantify.crop_face.poll()
    monkeypatch.setattr(catalogue, "head", lambda: "synthetic")
    assert bpy.ops.semantify.crop_face() == {"FINISHED"}
    head = bpy.context.view_layer.objects.active
    assert head != body
    assert head.data.semantify.fitted_to == "busy.png"
    assert body.data.semantify.fitted_to == ""
    assert tuple(head.data.semantify.pictures[0].crop) == FACE
    assert tuple(bpy.data.images["busy.png"].semantify.crop) == FACE
    assert memory.refusal is None


def test_a_new_head_is_fitted_without_what_is_known_of_the_body(picture: Path, monkeypatch: pytest.MonkeyPatch):
    """A head stands on no floor: with the height that the panel has for the body its fit would be refused."""
    from semantify_blender.addon.operators.fit import SEMANTIFY_OT_fit_image as Fit

    session, run = bpy.context.window_manager.semantify, Fit.run

    def with_the_panel(self: Fit, context: bpy.types.Context) -> set[str]:
        self.take_known(context)  # as in a window, where operators are invoked
        return run(self, context)

    monkeypatch.setattr(Fit, "run", with_the_panel)
    session.sex, session.height_known, session.height = "FEMALE", True, 1.68
    session.mapper = "anny-body-neutral"
    refuse(filepath=str(picture))
    assert bpy.ops.semantify.crop_face() == {"FINISHED"}
    head = bpy.context.view_layer.objects.active.data.semantify
    assert (head.mapper_name, head.fitted_to) == ("anny-face-shape", "busy.png")
    assert (head.fit_sex, head.fit_height) == ("", 0)
    assert (session.sex, session.height_known) == ("FEMALE", True), "of the next body"


def test_the_face_is_fitted_by_the_active_head(picture: Path, monkeypatch: pytest.MonkeyPatch):
    from semantify_blender.addon.pictures import fitting

    head = add()
    monkeypatch.setattr(fitting, "kind_of", lambda model: fitting.HEAD)
    refuse(filepath=str(picture))
    assert bpy.ops.semantify.crop_face() == {"FINISHED"}
    assert bpy.context.view_layer.objects.active == head
    assert tuple(head.data.semantify.pictures[0].crop) == FACE


def test_an_image_of_the_file_is_refused_and_shown_too():
    from semantify_blender.addon.state import memory

    add()
    image = add_image(_busy(120, 160), "painted")
    refuse(image=image.name)
    assert memory.refusal.shot.image_of() == image
    assert memory.refusal.face == FACE
    bpy.data.images.remove(image)
    from semantify_blender.core.errors import SemantifyError

    with pytest.raises(SemantifyError, match="painted"):
        memory.refusal.shot.image_of()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_boxes_find_back_to_what_the_camera_stored(
    orientation: int, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from types import SimpleNamespace

    from semantify_blender.addon.pictures import shot as shots

    info = SimpleNamespace(width=60, height=40, orientation=orientation)
    monkeypatch.setattr(shots, "probe", lambda path: info)
    shot = shots.Shot("a", str(picture), box=(5, 6, 30, 31))
    turned = shot.turned_box()
    assert turned == upright_box((5, 6, 30, 31), 60, 40, orientation)
    assert shot.shown_box(turned) == (5, 6, 30, 31)


def test_an_editor_is_opened_or_found_for_the_picture(picture: Path):
    """Without a window there is none to open; what chooses among those that there are is asked."""
    from types import SimpleNamespace

    from semantify_blender.addon.pictures import editor

    def area(kind: str, width: int) -> SimpleNamespace:
        space = SimpleNamespace(mode="PAINT", image=None)
        return SimpleNamespace(
            ui_type=kind, width=width, height=100, spaces=SimpleNamespace(active=space), tag_redraw=lambda: None
        )

    def window(*areas: SimpleNamespace) -> SimpleNamespace:
        return SimpleNamespace(screen=SimpleNamespace(areas=list(areas)))

    here = window(area("VIEW_3D", 900), area("UV", 800), area("IMAGE_EDITOR", 100), area("IMAGE_EDITOR", 200))
    there = window(area("IMAGE_EDITOR", 900))
    image = add_image(draw_figure())
    context = SimpleNamespace(window_manager=SimpleNamespace(windows=[there, here]), window=here)
    assert editor.show(context, image) == (here, here.screen.areas[3])
    assert here.screen.areas[3].spaces.active.image == image
    assert here.screen.areas[3].spaces.active.mode == "VIEW"
    here.screen.areas[2:] = []
    assert editor.show(context, image) == (there, there.screen.areas[0])


def test_what_draws_the_crop_needs_a_window_and_a_picture(picture: Path):
    assert not bpy.ops.semantify.open_crop.poll() or not bpy.app.background
    from semantify_blender.addon.operators import refused

    add()
    assert not refused._has_picture(bpy.context)
    refuse(filepath=str(picture))
    assert refused._last_shot(bpy.context).path == str(picture)
    bpy.ops.semantify.fit_image(filepath=str(picture), force=True)
    assert refused._last_shot(bpy.context).path == str(picture)
    bpy.ops.object.select_all(action="DESELECT")
    bpy.context.view_layer.objects.active = None
    assert refused._last_shot(bpy.context).image == bpy.context.window_manager.semantify.image == "busy.png"
