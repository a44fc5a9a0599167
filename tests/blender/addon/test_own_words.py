"""Words of one's own from the panel: the list, what is refused, a training to its end, and one that was left."""

import json
import sys
from pathlib import Path

import pytest

from semantify_blender.core.files import claims
from semantify_blender.core.mapper import Mapper
from semantify_blender.core.own_words import FILE, OwnWords
from tests.blender.addon_helpers import add
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
BODY = "anny-body-neutral"


@pytest.fixture(autouse=True)
def folder(addon: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder of the test's own, the embedded models, and this Python for what is trained."""
    from semantify_blender.addon import jobs, settings
    from semantify_blender.addon.own_words import tasks
    from semantify_blender.addon.state import memory

    def user_folder(name: str, create: bool = True) -> Path:
        path = tmp_path / "user" / name
        if create:
            path.mkdir(parents=True, exist_ok=True)
        return path

    for module in (settings, jobs, tasks):
        monkeypatch.setattr(module, "user_folder", user_folder)
    monkeypatch.delenv("SEMANTIFY_DATA", raising=False)
    monkeypatch.setenv("SEMANTIFY_PYTHON", sys.executable)
    memory.look_again()
    return tmp_path / "user"


def session() -> bpy.types.PropertyGroup:
    return bpy.context.window_manager.semantify


def left_unfinished() -> Path:
    """The folder of a training that has just begun when its Blender ended."""
    from semantify_blender.addon.own_words import tasks

    asked = tasks.asked(bpy.context)
    tasks.task_of(asked).save(tasks.folder_of(asked))
    return tasks.folder_of(asked)


def test_words_are_listed_once_each_and_taken_off_again() -> None:
    bpy.ops.semantify.add_word(word="slim, Pear Shaped ,slim")
    session().own_word = "stocky"
    bpy.ops.semantify.add_word()
    assert [item.name for item in session().own_words] == ["slim", "pear shaped", "stocky"]
    assert session().own_word == ""
    bpy.ops.semantify.remove_word(index=1)
    assert [item.name for item in session().own_words] == ["slim", "stocky"]
    with pytest.raises(RuntimeError, match="o word was given"):
        bpy.ops.semantify.add_word()


def test_words_are_suggested_for_the_active_characters_model() -> None:
    from semantify_blender.addon.own_words import tasks

    add("quadruped")
    assert "horse" in tasks.suggestions(bpy.context)
    add(BODY)
    assert "slim" in tasks.suggestions(bpy.context)
    assert "horse" not in tasks.suggestions(bpy.context)
    bpy.ops.semantify.add_word(word="slim")
    assert "slim" not in tasks.suggestions(bpy.context)


@pytest.mark.parametrize(
    ("words", "name", "said"),
    [
        ((), "", "o words are listed"),
        (("slim", "sarcastic"), "", "does not know 'sarcastic'"),
        (("slim",), "a/b", "cannot name a mapper"),
        (tuple(f"word {i}" for i in range(41)), "", "40 is the most"),
    ],
)
def test_what_cannot_be_trained_is_told_in_a_sentence_and_nothing_is_written(
    words: tuple[str, ...], name: str, said: str, folder: Path
) -> None:
    add(BODY)
    for word in words:
        session().own_words.add().name = word
    session().own_name = name
    with pytest.raises(RuntimeError, match=said):
        bpy.ops.semantify.train_mapper()
    assert not list(folder.rglob(FILE))


def test_a_training_ends_as_a_mapper_in_the_list_and_a_second_one_renders_nothing_anew(folder: Path) -> None:
    pytest.importorskip("torch")
    from semantify_blender.addon import catalogue
    from semantify_blender.addon.state import memory

    obj = add(BODY)
    bpy.ops.semantify.add_word(word="slim, stocky")
    session().own_name, session().own_samples = "mine", 16
    assert bpy.ops.semantify.train_mapper() == {"FINISHED"}
    assert catalogue.mappers()["mine"] == folder / "mappers" / "mine.mapper.npz"
    assert Mapper.load(folder / "mappers" / "mine.mapper.npz").descriptors == ("slim", "stocky")
    assert memory.trained["words"] == ["slim", "stocky"]
    assert Path(memory.trained["sheet"]).is_file()
    assert bpy.ops.semantify.change_mapper(filepath=memory.trained["mapper"]) == {"FINISHED"}
    assert [slider.name for slider in obj.data.semantify.sliders] == ["slim", "stocky"]
    (task,) = folder.rglob(FILE)
    pictures = {path: path.stat().st_mtime_ns for path in (task.parent / "dataset").rglob("*.*")}
    assert pictures
    bpy.ops.semantify.remove_word(index=0)
    session().own_name = "other"
    bpy.ops.semantify.train_mapper()
    assert {path: path.stat().st_mtime_ns for path in (task.parent / "dataset").rglob("*.*")} == pictures
    assert Mapper.load(folder / "mappers" / "other.mapper.npz").descriptors == ("stocky",)
    assert OwnWords.load(task.parent).done


def test_the_panel_expects_what_was_measured() -> None:
    from semantify_blender.addon.own_words import tasks

    # docs/benchmarks.md, a quiet machine
    for samples, size, words, measured in ((100, 128, 3, 22), (100, 224, 3, 26), (1000, 128, 3, 68)):
        assert tasks.seconds(samples, size, words, "small") == pytest.approx(measured, rel=0.15)
    assert tasks.seconds(1000, 224, 3, "ViT-B-32:openai") > tasks.seconds(1000, 224, 3, "small") + 90


def test_a_training_that_was_left_is_offered_again_and_can_be_thrown_away(folder: Path) -> None:
    from semantify_blender.addon.own_words import tasks

    add(BODY)
    bpy.ops.semantify.add_word(word="slim")
    left = left_unfinished()
    broken = left.with_name("broken")
    broken.mkdir()
    (broken / FILE).write_text("{")
    assert list(tasks.unfinished()) == [left]
    with pytest.raises(RuntimeError, match="no unfinished training"):
        bpy.ops.semantify.forget_training(folder=str(folder))
    bpy.ops.semantify.forget_training(folder=str(left))
    assert not left.exists()
    assert broken.exists()


def test_what_another_blender_trains_is_left_to_it_and_a_killed_ones_claim_is_taken_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from semantify_blender.addon.own_words import tasks
    from semantify_blender.addon.pictures import environment

    monkeypatch.setattr(environment, "require_python", lambda: sys.executable)
    add(BODY)
    bpy.ops.semantify.add_word(word="slim")
    left = left_unfinished()
    assert claims.take(left / FILE)
    try:
        for words in ({"folder": str(left)}, {}):
            with pytest.raises(RuntimeError, match=r"nother Blender trains in .* already: wait until it is done"):
                bpy.ops.semantify.train_mapper(**words)
        with pytest.raises(RuntimeError, match="nother Blender trains"):
            bpy.ops.semantify.forget_training(folder=str(left))
        assert left.exists()
        text = claims.claim_path(left / FILE).read_text("utf-8")
        tasks.tidy(left, [{"event": "claim", "text": "somebody else"}])
        assert claims.claim_path(left / FILE).exists()
        tasks.tidy(left, [{"event": "claim", "text": text}])
        assert not claims.claim_path(left / FILE).exists()
    finally:
        claims.release(left / FILE)


def test_a_python_without_what_training_needs_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon.pictures import environment

    monkeypatch.setattr(environment, "require_python", lambda: sys.executable)
    add(BODY)
    bpy.ops.semantify.add_word(word="slim")
    left = left_unfinished()
    found = json.loads((left / FILE).read_text())
    (left / FILE).write_text(json.dumps({**found, "samples": -3}))
    with pytest.raises(RuntimeError, match="samples: expected 16 to"):
        bpy.ops.semantify.train_mapper(folder=str(left))
