"""The report shows what its files say, and nothing in them becomes markup."""

import copy
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from semantify_blender.core.errors import FileFormatError
from semantify_blender.training.reports.page import html_page
from semantify_blender.training.reports.report import write_report
from semantify_blender.training.reports.result_files import chosen_words, load_figures, load_selection
from semantify_blender.training.reports.viewer import Tried
from semantify_blender.training.scoring.scores import Scores
from tests.core.page.page_reader import header_of
from tests.synthetic import synthetic_mapper, synthetic_model
from tests.training.reports.result_values import figures, selection

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """Tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.words += data


def written(folder: Path, first: dict[str, Any], second: dict[str, Any], words: tuple[str, ...] = ("tall",)) -> Page:
    (folder / "figures.json").write_text(json.dumps(first))
    (folder / "selection.json").write_text(json.dumps(second))
    Scores(np.arange(10.0, dtype=np.float32)[:, None], words, "small", "").save(folder / "scores.npz")
    Image.new("RGB", (20, 10)).save(folder / "slider_sheet.png")
    path = write_report(folder, None, folder / "selection.json", folder / "scores.npz")
    return Page(path.read_text(encoding="utf-8"))


def leaves(value: Any, at: tuple = ()) -> Iterator[tuple]:
    """The place of everything in a JSON value that is no list and no object."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield at
    for name, part in parts:
        yield from leaves(part, (*at, name))


def changed(value: Any, at: tuple, new: Any) -> Any:
    value = copy.deepcopy(value)
    inner = value
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = new
    return value


def test_everything_is_shown(tmp_path: Path) -> None:
    page = written(tmp_path, figures(), selection())
    for words in (
        "synthetic", "tall, fat", "Trained on 1,500 shapes", "0.98", "85%", "4.2 mm", "height", "1.5 → 2", "80.0%",
        "0.900 times", "a note", "fat (ρ 0.20)", "fat 37 mm where it acts", "with tall", "Cluster 2: 4 shapes",
    ):  # fmt: skip
        assert words in page.words, words
    kinds = [tag for tag, _ in page.tags]
    # three charts a heat map each, two sweeps, three bars of the evaluation, one of the selection, one histogram
    assert kinds.count("svg") == 2 + 2 + 3 + 2 + 1 + 1
    assert kinds.count("img") == 1
    assert "script" not in kinds


def test_text_in_the_files_never_becomes_markup(tmp_path: Path) -> None:
    plain = [tag for tag, _ in written(tmp_path, figures(), selection()).tags]
    checked = 0
    for place in leaves(figures()):
        checked += _same(tmp_path, plain, changed(figures(), place, EVIL), selection())
    for place in leaves(selection()):
        checked += _same(tmp_path, plain, figures(), changed(selection(), place, EVIL))
    assert checked >= 8  # texts that are shown; the others are numbers, and refused
    evil = {**selection(), "clusters": {**selection()["clusters"], "silhouette": {EVIL: 0.5}}}
    assert _same(tmp_path, plain, figures(), evil, (EVIL,))


def _same(
    folder: Path, plain: list[str], first: dict[str, Any], second: dict[str, Any], words: tuple[str, ...] = ("tall",)
) -> bool:
    try:
        page = written(folder, first, second, words)
    except FileFormatError:
        return False
    tags = [tag for tag, _ in page.tags]
    assert "script" not in tags
    assert tags.count("img") == plain.count("img")
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    return True


@pytest.mark.parametrize("new", [None, True, "1", [], {}, [[1]], 1e300])
def test_only_numbers_stand_in_a_numbers_place(tmp_path: Path, new: object) -> None:
    for value, load, name in ((figures(), load_figures, "figures"), (selection(), load_selection, "selection")):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
        load(tmp_path / f"{name}.json")
        for place in leaves(value):
            number = value
            for part in place:
                number = number[part]
            # what the report does not show, and what it may do without
            if isinstance(number, str | bool | None) or "sign" in place or "variance" in place[:1] or "r2" in place:
                continue
            (tmp_path / f"{name}.json").write_text(json.dumps(changed(value, place, new)))
            with pytest.raises(FileFormatError, match="expected a"):
                load(tmp_path / f"{name}.json")


@pytest.mark.parametrize("value", [[], {}, {"chosen": []}, {"chosen": [1]}, {"chosen": "tall"}])
def test_what_is_no_selection_is_refused(tmp_path: Path, value: object) -> None:
    (tmp_path / "s.json").write_text(json.dumps(value))
    with pytest.raises(FileFormatError, match="semantify select"):
        chosen_words(tmp_path / "s.json")
    (tmp_path / "s.json").write_text(json.dumps({"chosen": ["tall"]}))
    assert chosen_words(tmp_path / "s.json") == ("tall",)


def test_a_page_takes_no_plain_text_for_markup() -> None:
    with pytest.raises(TypeError):
        html_page("x", "<p>")  # type: ignore[arg-type]


def test_it_begins_with_the_sliders_in_a_frame_of_their_own(tmp_path: Path) -> None:
    model = synthetic_model()
    mapper = synthetic_mapper(model, ("tall", EVIL))
    told = figures()
    told |= {"descriptors": ["tall", EVIL], "model": model.name}
    page = written(tmp_path, told, selection())
    assert "iframe" not in [tag for tag, _ in page.tags]
    mapper.save(tmp_path / "synthetic.mapper.npz")
    path = write_report(tmp_path, tried=Tried(mapper, model))
    page = Page(path.read_text(encoding="utf-8"))
    kinds = [tag for tag, _ in page.tags]
    assert kinds.index("iframe") < kinds.index("section")
    assert "script" not in kinds
    (frame,) = [attributes for tag, attributes in page.tags if tag == "iframe"]
    header = header_of(frame["srcdoc"] or "")
    (tab,) = header["models"]
    assert [word["word"] for word in tab["words"]] == ["tall", EVIL]
    # of the figures, which the mapper's file does not have whole
    assert tab["words"][0]["crossTalk"] == pytest.approx(told["sliders"]["cross_talk"][0][1])
    assert tab["shape"] is not None
    # the mapper that lies in the folder is found there; its model is nowhere
    again = Page(write_report(tmp_path).read_text(encoding="utf-8"))
    (frame,) = [attributes for tag, attributes in again.tags if tag == "iframe"]
    assert "was not at hand" in header_of(frame["srcdoc"] or "")["models"][0]["missing"]
