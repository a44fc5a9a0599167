"""Slips of the hand that Python would take: each is one sentence, and nothing is done."""

from collections.abc import Callable
from pathlib import Path

import pytest

import semantify_blender as sb

pytest.importorskip("open_clip", reason="scoring needs torch and open_clip")

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.library import find
from tests.training.helpers import drawn_dataset

Call = Callable[[Dataset, str], object]


@pytest.fixture
def drawn(tmp_path: Path) -> Dataset:
    return drawn_dataset(tmp_path / "dataset", sb.load_model("anny-body-neutral"), samples=12)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda dataset, _: sb.score_words(dataset, "tall"), "tall"),
        (lambda dataset, _: sb.fit_mapper(dataset, sb.score_words(dataset, ["tall"]), "tall"), "tall"),
        (lambda _, out: sb.Line("anny-body-neutral", out, words="fat").run(), "fat"),
        (lambda _, out: sb.Line("anny-body-neutral", out, descriptors="fat").run(), "fat"),
        (lambda _, out: sb.fit_pictures("ann.png", "anny-body-neutral", out), "ann.png"),
    ],
)
def test_one_text_is_no_list(call: Call, text: str, drawn: Dataset, tmp_path: Path) -> None:
    with pytest.raises(sb.SemantifyError, match=rf"'{text}' is one .*give a list"):
        call(drawn, str(tmp_path / "out"))
    assert not (tmp_path / "out" / "dataset").exists()


def test_what_belongs_to_another_model_is_refused(drawn: Dataset, tmp_path: Path) -> None:
    spec = sb.DatasetSpec.of(sb.load_model("quadruped"), samples=3)
    for call in (
        lambda: sb.render("anny-body-neutral", tmp_path / "out", spec),
        lambda: sb.Line("anny-body-neutral", tmp_path / "out", spec).run(),
    ):
        with pytest.raises(sb.SemantifyError, match=r"is to show model 'quadruped'"):
            call()
    with pytest.raises(sb.SemantifyError, match="was rendered from model 'anny-body-neutral'"):
        sb.score_words(drawn, ["tall"], model="quadruped")
    with pytest.raises(sb.SemantifyError, match="was trained for model 'quadruped'"):
        sb.evaluate(find("mappers", "quadruped"), drawn, tmp_path / "out", rendered=False, save=False)


def test_a_fit_that_keeps_nothing_promises_no_files(drawn: Dataset, tmp_path: Path) -> None:
    for wish in ({"mesh": "obj"}, {"sheet": True}):
        with pytest.raises(sb.SemantifyError, match=r"writes files: give out="):
            sb.fit_pictures(["ann.png"], "anny-body-neutral", **wish)
    good, bad = tmp_path / "good.jpg", tmp_path / "bad.jpg"
    good.write_bytes(next(drawn.images())[2])
    bad.write_bytes(b"no picture")
    with pytest.raises(sb.SemantifyError, match=r"1 of 2 pictures could not be used, give out= to keep the others; "):
        sb.fit_pictures([good, bad], "anny-body-neutral", force=True)
