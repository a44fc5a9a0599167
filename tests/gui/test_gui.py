"""The real Blender program, the built zip, real mouse and keys: one session is played, each test judges a part of it.

$BLENDER names the program; $BLENDER_RUN, or a `blender-run` beside it, runs commands where Blender and Xvfb are.
"""

import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.build_extension import blender_environment, build_zip
from scripts.repository import REPOSITORY
from tests.synthetic import synthetic_mapper, synthetic_model

BLENDER = os.environ.get("BLENDER", "")
pytestmark = pytest.mark.skipif(not BLENDER, reason="TIER MISSING real Blender GUI: set $BLENDER")
OUT = REPOSITORY / "out" / "gui"
WORD = 1
"""The slider that the session moves."""


def _command() -> tuple[list[str], str]:
    """Prefix that runs a command where Blender is installed, and what Blender is called there."""
    runner = os.environ.get("BLENDER_RUN")
    beside = Path(shutil.which(BLENDER) or BLENDER).parent / "blender-run"
    if runner:
        return shlex.split(runner), "blender"
    if beside.is_file():
        return [str(beside)], "blender"
    return [], BLENDER


def _pictures(folder: Path) -> Path:
    """A folder with a person before a busy backdrop, and with the backdrop of nobody."""
    from PIL import Image

    from tests.core.finders.scenes import scene

    Image.fromarray(scene(("person", 0.8, 0.5, 0.5)).pixels[..., :3]).save(folder / "photograph.jpg", quality=92)
    Image.fromarray(scene(kind="shelves").pixels[..., :3]).save(folder / "nobody.jpg", quality=92)
    return folder


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("gui")
    environment = blender_environment()
    if not any((REPOSITORY / "semantify_blender/data/mappers").glob("*.mapper.npz")):
        model = synthetic_model()
        model.save(folder / "data/models/synthetic.model.npz")
        synthetic_mapper(model).save(folder / "data/mappers/synthetic.mapper.npz")
        environment.setdefault("SEMANTIFY_DATA", str(folder / "data"))
    prefix, blender = _command()
    shutil.rmtree(OUT, ignore_errors=True)
    command = [*prefix, "python3", str(REPOSITORY / "tests/gui/scenario.py"), "--blender", blender]
    command += ["--zip", str(build_zip(folder / "zip")), "--pictures", str(_pictures(folder)), "--out", str(OUT)]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        pytest.fail(f"the session broke off:\n{done.stdout}{done.stderr}", pytrace=False)
    return json.loads(done.stdout.splitlines()[-1])


def test_tab_opens_without_errors(session: dict[str, Any]):
    assert session["tab"] == "Semantify"
    assert session["errors"] == []


def test_a_click_adds_a_selected_character_on_the_floor(session: dict[str, Any]):
    character = session["character"]
    assert character["selected"]
    assert character["words"]
    assert character["vertices"] > 100
    assert abs(character["lowest"]) < 0.01
    assert session["added"]["sliders"] == [0] * len(character["words"])


def test_a_mouse_drag_moves_slider_and_mesh(session: dict[str, Any]):
    before, after = session["added"], session["dragged"]
    assert after["sliders"][WORD] > 0.1
    assert [v for i, v in enumerate(after["sliders"]) if i != WORD] == [0] * (len(after["sliders"]) - 1)
    assert after["keys"] == before["keys"]
    assert abs(after["positions"] - before["positions"]) > 1e-3


def test_undo_and_redo_bring_back_slider_and_mesh(session: dict[str, Any]):
    assert session["undone"] == session["added"]
    assert session["redone"] == session["dragged"]


def test_keyed_by_hovering_and_scrubbed(session: dict[str, Any]):
    first, middle, last = session["scrubbed"]
    assert first["sliders"] == session["dragged"]["sliders"]
    assert last["sliders"] == session["second pose"]["sliders"]
    assert last["sliders"][WORD] < middle["sliders"][WORD] < first["sliders"][WORD]
    assert first["positions"] == pytest.approx(session["dragged"]["positions"], rel=1e-6)
    assert last["positions"] == pytest.approx(session["second pose"]["positions"], rel=1e-6)
    assert middle["positions"] not in (first["positions"], last["positions"])


def test_randomize_is_one_undo_step(session: dict[str, Any]):
    assert session["randomized"]["sliders"] != session["scrubbed"][-1]["sliders"]
    assert session["randomized"]["positions"] != session["scrubbed"][-1]["positions"]
    assert session["randomize undone"]["sliders"] == session["scrubbed"][-1]["sliders"]
    assert session["randomize undone"]["positions"] == pytest.approx(session["scrubbed"][-1]["positions"], rel=1e-6)


def test_edit_mode_leaves_the_shape_alone(session: dict[str, Any]):
    assert session["mode"] == "EDIT_MESH"
    assert session["after edit mode"]["positions"] == pytest.approx(session["randomize undone"]["positions"], rel=1e-6)


def test_bake_from_the_panel_and_undo_it(session: dict[str, Any]):
    assert session["baked"] == {"after bake": True, "after undo": False}


def test_fit_to_a_picture_and_undo_it(session: dict[str, Any]):
    seen = session["fit"]
    before, fitted = seen["before"], seen["fitted"]
    assert before["offset"] == []
    assert len(fitted["offset"]) == fitted["components"]
    assert fitted["fitted to"] == "subject.png"
    assert any(fitted["sliders"])
    assert abs(fitted["positions"] - before["positions"]) > 1e-3
    assert seen["undone"] == before
    assert seen["redone"] == fitted


def test_a_crop_box_is_dragged_in_the_image_editor(session: dict[str, Any]):
    seen = session["fit"]
    # the picture has 300 pixels a side; a pixel of the screen is about one of the picture
    assert seen["crop"] == pytest.approx([75, 15, 225, 285], abs=3)
    assert seen["fitted to the crop"]["positions"] != seen["fitted"]["positions"]


def test_a_photograph_is_dropped_and_its_joints_are_drawn(session: dict[str, Any]):
    seen = session["photographs"]
    assert not any(seen["before"])
    assert any(seen["fitted"])
    left, right, outline = seen["preview"]
    assert left > 100
    assert right > 100
    assert outline > 300


def test_a_picture_of_nobody_is_refused_and_changes_nothing(session: dict[str, Any]):
    seen = session["photographs"]
    assert seen["refusal"].startswith("nobody.jpg: no person was found in it")
    assert seen["after the refusal"] == seen["fitted"]


def test_the_crop_button_opens_an_editor_in_which_one_draws(session: dict[str, Any]):
    seen = session["photographs"]
    assert seen["editor"]["image"] == "nobody.jpg"
    assert seen["editor"]["modal"] == ["SEMANTIFY_OT_crop_box"]
    assert seen["editor"]["views"] == 1
    # the picture has 640 × 480 pixels, some two and a half of them in one of the screen
    assert seen["box"] == pytest.approx([160, 24, 480, 456], abs=6)
    assert seen["refusal after fitting anyway"] is None


def test_a_mesh_with_shape_keys_is_driven_by_words_and_given_back(session: dict[str, Any]):
    seen = session["own keys"]
    assert seen["words"] == ["happy", "surprised"]
    assert max(value for name, value in seen["attached"].items() if name != "earUp_R") < 0.01
    surprised = {"browUp_L", "browUp_R", "jawOpen", "earUp_L"}
    for name, value in seen["dragged"].items():
        assert (value > 0.1) == (name in surprised), name
    assert seen["undone"] == seen["attached"]
    assert seen["redone"] == seen["dragged"]
    assert seen["detached"] == seen["before"]
    assert seen["before"]["browUp_L"] == 0.25
    assert seen["sliders left"] == 0


def test_an_alt_drag_reaches_the_same_word_only(session: dict[str, Any]):
    seen = session["copies and losses"]
    (first, twin, animal), (dragged, followed, untouched) = seen["before"], seen["dragged"]
    moved = dragged[WORD] - first[WORD]
    assert moved > 0.1
    assert followed[WORD] == pytest.approx(twin[WORD] + moved, abs=0.01)
    assert untouched == animal
    assert animal[WORD] == 0.2


def test_an_alt_drag_reaches_the_same_word_at_another_place(session: dict[str, Any]):
    seen = session["copies and losses"].get("by word")
    if not seen:
        pytest.skip("the session's character is not the body that has a mapper with fewer words beside it")
    (first, shifted), (dragged, followed) = seen
    moved = [word for word in first if abs(dragged[word] - first[word]) > 0.1]
    assert len(moved) == 1
    assert list(first).index(moved[0]) != list(shifted).index(moved[0])
    for word, value in shifted.items():
        step = dragged[word] - first[word]
        assert followed[word] == pytest.approx(value + step, abs=0.01)


def test_applied_shape_keys_are_rebuilt_from_the_panel(session: dict[str, Any]):
    seen = session["copies and losses"]
    assert seen["applied"] == pytest.approx(seen["shape"], abs=2e-5)
    assert seen["rebuilt"] == pytest.approx(seen["shape"], abs=2e-5)
    assert seen["moved"] != pytest.approx(seen["shape"], abs=1e-3)


def test_a_character_is_given_a_face_and_an_expression(session: dict[str, Any]):
    seen = session["people"]
    if not seen:
        pytest.skip("no mapper of a head for the body of the session: see tests/blender/addon/test_layers.py")
    body, face, expression = seen["added"]["sliders"]
    assert face
    assert expression
    assert not any((*body, *face, *expression))
    assert seen["dragged"]["sliders"][1][0] > 0.1
    assert [seen["dragged"]["sliders"][i] for i in (0, 2)] == [body, expression]
    assert seen["dragged"]["positions"] != pytest.approx(seen["added"]["positions"], abs=1e-4)
    assert seen["undone"] == seen["added"]
    assert seen["redone"] == seen["dragged"]


def test_screenshots_are_kept(session: dict[str, Any]):
    pictures = sorted(OUT.glob("*.png"))
    assert len(pictures) == 19 + bool(session["people"]) + 4 * bool(session["desk"])
    assert all(picture.stat().st_size > 20_000 for picture in pictures)


@pytest.fixture
def desk(session: dict[str, Any]) -> dict[str, Any]:
    if not session["desk"]:
        pytest.skip("the models that come with the add-on are not those of the session")
    return session["desk"]


def test_a_typed_description_moves_the_sliders_that_it_speaks_of_and_is_one_undo_step(desk: dict[str, Any]):
    before, after = desk["new"]["sliders"], desk["described"]["sliders"]
    assert after["tall"] > 0.5
    assert after["fat"] < -0.1
    assert after["muscular"] > 0.7
    assert all(after[word] == before[word] for word in set(before) - {"tall", "fat", "muscular"})
    assert desk["description undone"] == desk["new"]
    assert desk["description redone"] == desk["described"]


def test_the_eye_beside_a_slider_shows_where_it_acts_and_leaves_nothing(desk: dict[str, Any]):
    assert desk["heat"] > 0.2
    assert desk["heat left"] < 0.02


def test_bones_follow_a_drag_keep_their_pose_and_are_undone_with_it(desk: dict[str, Any]):
    assert len(desk["rigged"]["bones"]) == 3 * 53
    assert desk["posed"]["turned"] > 0.1
    assert desk["dragged"]["sliders"] != desk["posed"]["sliders"]
    assert desk["dragged"]["bones"] != desk["posed"]["bones"]
    assert desk["dragged"]["turned"] == pytest.approx(desk["posed"]["turned"], abs=1e-3)
    assert desk["drag undone"] == desk["posed"]
    assert desk["drag redone"] == desk["dragged"]


def test_a_preset_dresses_a_rigged_character_and_its_bones_follow(desk: dict[str, Any]):
    assert desk["preset"]["sliders"] != desk["drag redone"]["sliders"]
    assert desk["preset"]["bones"] != desk["drag redone"]["bones"]
    assert desk["preset undone"] == desk["drag redone"]
