"""A line of English sets sliders: on all layers and all selected characters, in one step, and nothing else."""

from pathlib import Path

import pytest

from tests.blender.addon_helpers import add, error_of, evaluated, slider_values
from tests.blender.layer_helpers import person, save_heads, values_of
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def say(text: str) -> set[str]:
    return bpy.ops.semantify.describe(text=text)


def told(obj: bpy.types.Object) -> tuple[str, str]:
    from semantify_blender.addon.state import memory

    return memory.described.get(obj.data.session_uid, ("", ""))


@pytest.fixture
def people(addon: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a body and its heads."""
    from semantify_blender.addon.state import memory
    from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

    model = synthetic_model()
    model.save(tmp_path / "models" / "synthetic.model.npz")
    synthetic_mapper(model, provenance=TRAINED).save(tmp_path / "mappers" / "synthetic.mapper.npz")
    save_heads(tmp_path)
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    memory.look_again()
    return tmp_path


def test_the_shape_is_that_of_the_sliders_which_the_text_speaks_of(synthetic_data: Path) -> None:
    obj = add()
    obj.data.semantify.sliders["muscular"].value = 0.25
    assert say("tall, not fat") == {"FINISHED"}
    assert slider_values(obj) == pytest.approx([0.7, -0.3, 0.25])
    assert error_of(obj, synthetic_data) < 1e-5
    assert told(obj) == ("tall +0.7 · fat −0.3", "")


def test_comparatives_count_from_where_sliders_are() -> None:
    obj = add()
    obj.data.semantify.sliders["fat"].value = 0.5
    say("a bit less fat, more muscular")
    assert slider_values(obj) == pytest.approx([0, 0.35, 0.3])
    say("a bit less fat")
    assert slider_values(obj) == pytest.approx([0, 0.2, 0.3])


def test_locked_sliders_stay() -> None:
    obj = add()
    obj.data.semantify.sliders["fat"].lock = True
    say("tall and fat")
    assert slider_values(obj) == pytest.approx([0.7, 0, 0])
    assert told(obj)[1] == "locked: fat"
    with pytest.raises(RuntimeError, match="Fat: locked, and the text speaks of nothing else"):
        say("fat")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is no text: write what the character is like"),
        (" \n", "There is no text"),
        ("xyzzy", "No word is known of xyzzy"),
        ("a long beard", "No slider of this character shows long beard"),
        ("a dapper beard and a long tail", "No slider of this character shows beard, long tail; not known: dapper"),
        ("and the of", "The text says nothing about a shape"),
    ],
)
def test_what_is_not_understood_is_one_sentence_and_changes_nothing(text: str, sentence: str) -> None:
    obj = add()
    obj.data.semantify.sliders[0].value = 0.4
    before = evaluated(obj)
    with pytest.raises(RuntimeError, match=sentence):
        say(text)
    assert slider_values(obj) == pytest.approx([0.4, 0, 0])
    assert (evaluated(obj) == before).all()


def test_words_that_are_not_known_are_named_and_the_others_count() -> None:
    obj = add()
    say("a tall, elegant man with a long beard")
    assert slider_values(obj) == pytest.approx([0.7, 0, 0])
    assert told(obj) == ("tall +0.7", "not known: elegant · no slider shows: man, long beard")


@pytest.mark.usefixtures("people")
def test_each_layer_takes_what_it_knows() -> None:
    obj = person()
    say("tall, chubby and smiling, not angry, with a long, elegant nose")
    found = values_of(obj)
    assert found[""] == pytest.approx([0.7, 0.7, 0])
    assert found["expression"][:2] == pytest.approx([0.7, -0.3])
    assert "elegant" in told(obj)[1]


def test_all_selected_characters_are_described_and_those_that_cannot_be_are_named() -> None:
    first, second, third = add(), add(), add()
    for obj in (first, second, third):
        obj.select_set(True)
    third.data.semantify.sliders["tall"].lock = True
    assert say("tall") == {"FINISHED"}
    assert [slider_values(obj)[0] for obj in (first, second, third)] == pytest.approx([0.7, 0.7, 0])


def test_it_is_one_undo_step() -> None:
    obj = add()
    name = obj.name
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semantify.describe("EXEC_DEFAULT", True, text="tall, fat and muscular")
    assert slider_values(bpy.data.objects[name]) == pytest.approx([0.7, 0.7, 0.7])
    bpy.ops.ed.undo()
    assert slider_values(bpy.data.objects[name]) == [0, 0, 0]
    bpy.ops.ed.redo()
    assert slider_values(bpy.data.objects[name]) == pytest.approx([0.7, 0.7, 0.7])


def test_the_text_field_does_it_and_keeps_what_went_wrong() -> None:
    from semantify_blender.addon.state import memory

    obj = add()
    session = bpy.context.window_manager.semantify
    session.describe = "very tall"
    assert slider_values(obj)[0] == pytest.approx(0.9)
    session.describe = "xyzzy"
    assert slider_values(obj)[0] == pytest.approx(0.9)
    assert memory.not_described.startswith("No word is known of xyzzy")
    session.describe = ""
    assert memory.not_described == ""
    assert slider_values(obj)[0] == pytest.approx(0.9)


def test_keyed_and_baked_characters() -> None:
    obj = add()
    bpy.ops.semantify.bake(frame_start=1, frame_end=2)
    with pytest.raises(RuntimeError, match="baked"):
        say("tall")
    assert slider_values(obj) == [0, 0, 0]


def test_the_panel_draws_the_field_and_what_was_told() -> None:
    from types import SimpleNamespace

    from semantify_blender.addon.state import memory
    from semantify_blender.addon.ui import describe_field

    shown: list[str] = []

    class Layout:
        enabled = True
        scale_y = 1.0

        def __getattr__(self, name: str):
            return lambda *_, **__: self

        def label(self, text: str, icon: str) -> None:
            shown.append(text)

        def operator(self, *_: object, text: str, **__: object) -> SimpleNamespace:
            offered[text] = SimpleNamespace()
            return offered[text]

    offered: dict[str, SimpleNamespace] = {}
    obj = add()
    say("a tall, elegant giant")
    describe_field.draw_field(bpy.context, Layout(), obj.data, True)
    assert " ".join(shown).replace("\N{NO-BREAK SPACE}", " ") == "Tall +0.7 · giant: tall +0.7 Not known: elegant"
    shown.clear()
    say("a tall, burley giant, burley")
    describe_field.draw_field(bpy.context, Layout(), obj.data, True)
    assert "Not known: burley. Perhaps:" in shown
    assert vars(offered["burly"]) == {"text": "a tall, burly giant, burly", "again": True}
    assert "A full CLIP, set up" in " ".join(shown)
    shown.clear()
    with pytest.raises(RuntimeError):
        say("xyzzy")
    describe_field.draw_field(bpy.context, Layout(), obj.data, True)
    assert shown[0].startswith("No word is known")
    memory.forget_undone()
    shown.clear()
    describe_field.draw_field(bpy.context, Layout(), obj.data, True)
    assert shown == []


def test_a_suggestion_that_is_taken_up_stands_in_place_of_what_was_written() -> None:
    from semantify_blender.addon.state import memory

    obj = add()
    session = bpy.context.window_manager.semantify
    obj.data.semantify.sliders["tall"].value = 0.1
    session.describe = "taller, muscluar"
    assert slider_values(obj) == pytest.approx([0.4, 0, 0])
    assert memory.meant.words == {"muscluar": ("muscular",)}
    assert bpy.ops.semantify.describe(text="taller, muscular", again=True) == {"FINISHED"}
    # taller once, and not twice
    assert slider_values(obj) == pytest.approx([0.4, 0, 0.7])
    assert session.describe == "taller, muscular"
    assert memory.meant.words == {}
    obj.data.semantify.sliders["fat"].value = 0.5
    bpy.ops.semantify.describe(text="taller, muscular", again=True)
    # somebody moved a slider since: that is not taken back
    assert slider_values(obj) == pytest.approx([0.7, 0.5, 0.7])


def test_a_slider_that_was_locked_since_stays_when_a_suggestion_is_taken_up() -> None:
    obj = add()
    bpy.context.window_manager.semantify.describe = "taller, muscluar"
    tall = slider_values(obj)[0]
    assert tall > 0
    obj.data.semantify.sliders["tall"].lock = True
    bpy.ops.semantify.describe(text="taller, muscular", again=True)
    assert slider_values(obj) == pytest.approx([tall, 0, 0.7])


def test_what_is_not_known_at_all_has_suggestions_too_and_undo_forgets_them() -> None:
    from semantify_blender.addon.state import memory

    obj = add()
    with pytest.raises(RuntimeError, match="No word is known of muscluar"):
        say("muscluar")
    assert memory.meant.words == {"muscluar": ("muscular",)}
    bpy.ops.semantify.describe(text="muscular", again=True)
    assert slider_values(obj) == pytest.approx([0, 0, 0.7])
    memory.forget_undone()
    assert memory.meant is None
