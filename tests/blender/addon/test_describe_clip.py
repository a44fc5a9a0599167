"""Describe by a full CLIP: a stand-in for its process, told once what words there are; and what is said without one."""

from pathlib import Path

import pytest

from semantify_blender.core.errors import SemantifyError
from tests.blender.addon_helpers import add, slider_values
from tests.blender.tier import bpy
from tests.core.describe.towers import BagOfWords

pytestmark = pytest.mark.usefixtures("addon")
CLIP = "ViT-B-32:openai"


class StandInWorker(BagOfWords):
    """Has a worker's manners without a process."""

    made: list["StandInWorker"] = []
    fails = ""

    def __init__(self, python: str, clip: str, log: Path | None = None, online: bool = True) -> None:
        super().__init__()
        self.python, self.clip, self.log = python, clip, log
        self.checksum, self.alive = "", False
        self.made.append(self)

    def start(self, progress=None) -> "StandInWorker":
        if self.fails:
            raise SemantifyError(self.fails)
        self.checksum, self.alive = "1" * 64, True
        return self

    def close(self) -> None:
        self.alive = False


@pytest.fixture
def clip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[StandInWorker]:
    """The preferences name a full CLIP and a Python."""
    from semantify_blender.addon.pictures import environment, full_clip
    from semantify_blender.processes import clip_worker

    StandInWorker.made.clear()
    monkeypatch.setattr(StandInWorker, "fails", "")
    monkeypatch.setattr(clip_worker, "Worker", StandInWorker)
    monkeypatch.setattr(full_clip, "name", lambda: CLIP)
    monkeypatch.setattr(full_clip, "user_folder", lambda name: tmp_path)
    monkeypatch.setattr(environment, "require_python", lambda: "/a/python")
    monkeypatch.setattr(environment, "find_python", lambda: ("/a/python", "the preferences"))
    return StandInWorker


def told(obj: bpy.types.Object) -> tuple[str, str]:
    from semantify_blender.addon.state import memory

    return memory.described[obj.data.session_uid]


def test_a_word_that_the_lexicon_does_not_know_moves_what_it_is_like(clip: type[StandInWorker]) -> None:
    obj = add()
    obj.data.semantify.sliders["tall"].value = 0.25
    assert bpy.ops.semantify.describe(text="burly", by="CLIP") == {"FINISHED"}
    tall, fat, muscular = slider_values(obj)
    assert tall == 0.25
    assert min(fat, muscular) > 0.5
    assert max(fat, muscular) == pytest.approx(0.7)
    understood, notes = told(obj)
    assert set(understood.replace("+", "").split(" · ")) == {f"fat {fat:.2g}", f"muscular {muscular:.2g}"}
    assert notes.startswith("by CLIP, which finds ")
    (made,) = clip.made
    before = made.asked
    bpy.ops.semantify.describe(text="colossal", by="CLIP")
    assert slider_values(obj)[0] == pytest.approx(0.7)
    assert made.asked == before + 1


def test_the_field_asks_what_was_chosen_below_it(clip: type[StandInWorker], monkeypatch: pytest.MonkeyPatch) -> None:
    from semantify_blender.addon.pictures import full_clip

    obj = add()
    session = bpy.context.window_manager.semantify
    session.describe = "colossal"
    assert slider_values(obj)[0] > 0.8
    assert not clip.made  # the lexicon knows that word
    obj.data.semantify.sliders["tall"].value = 0
    session.describe_by = "CLIP"
    session.describe = "burly"
    assert slider_values(obj)[2] > 0.5
    assert len(clip.made) == 1
    # the preferences have none any more, and the choice is not shown: words it is
    monkeypatch.setattr(full_clip, "name", lambda: "small")
    session.describe = "short"
    assert slider_values(obj)[0] == pytest.approx(-0.7)


def test_locked_sliders_stay_and_it_is_one_undo_step(clip: type[StandInWorker]) -> None:
    obj = add()
    name = obj.name
    obj.data.semantify.sliders["fat"].lock = True
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semantify.describe("EXEC_DEFAULT", True, text="burly", by="CLIP")
    assert slider_values(bpy.data.objects[name])[1] == 0
    assert slider_values(bpy.data.objects[name])[2] > 0.5
    assert "locked: fat" in told(bpy.data.objects[name])[1]
    bpy.ops.ed.undo()
    assert slider_values(bpy.data.objects[name]) == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "fails", "sentence"),
    [
        ("a person", "", "The CLIP finds none of the words that sliders show"),
        ("burly", "the weights cannot be had offline", "The weights cannot be had offline"),
        (" ", "", "There is no text"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    clip: type[StandInWorker], monkeypatch: pytest.MonkeyPatch, text: str, fails: str, sentence: str
) -> None:
    from semantify_blender.addon.state import memory

    obj = add()
    obj.data.semantify.sliders[0].value = 0.4
    monkeypatch.setattr(StandInWorker, "fails", fails)
    with pytest.raises(RuntimeError, match=sentence):
        bpy.ops.semantify.describe(text=text, by="CLIP")
    assert slider_values(obj) == pytest.approx([0.4, 0, 0])
    assert memory.not_described.startswith(sentence)


def test_without_a_full_clip_it_says_what_to_do() -> None:
    from semantify_blender.addon.pictures import full_clip

    add()
    assert not full_clip.ready()
    with pytest.raises(RuntimeError, match="Only a full CLIP understands texts of any words: set one up"):
        bpy.ops.semantify.describe(text="burly", by="CLIP")
