"""The example in docs/page is what the command makes now."""

from pathlib import Path

import pytest

from semantify_blender.core.library import load_mapper, load_model
from semantify_blender.core.page.document import document, viewer_parts
from semantify_blender.core.page.page import page_data
from semantify_blender.core.page.tab import Subject
from tests.core.page.page_reader import blocks_of, header_of

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "page" / "person.html"
AGAIN = "write it anew: semantify page --mapper anny-body-neutral --out docs/page/person.html"
NAME = "anny-body-neutral"


@pytest.fixture(scope="module")
def text() -> str:
    return EXAMPLE.read_text(encoding="utf-8")


def test_it_has_the_viewer_of_today(text: str) -> None:
    header = header_of(text)
    script, style, notice = viewer_parts()
    assert f"<script>{script}</script>" in text, AGAIN
    assert f"<style>{style}</style>" in text, AGAIN
    assert header.pop("notice") == notice, AGAIN
    # all that stands around the data is made as the command makes it
    begin, end = text.index('<script type="application/json"'), text.rindex("<script>")
    today = document(header["title"], header, [])
    assert text[:begin] == today[: today.index('<script type="application/json"')], AGAIN
    assert text[end:] == today[today.rindex("<script>") :], AGAIN


def test_it_has_the_model_of_today(text: str) -> None:
    mapper = load_mapper(NAME)
    then = header_of(text)
    (tab,) = then["models"]
    # bytes are not compared: linear algebra differs from machine to machine in its last bits
    today, _, _ = page_data([Subject(NAME, mapper, None)])
    (words,) = today["models"]
    for name in ("name", "label", "trained", "figures", "mapper", "sheetAlt", "sheetRows"):
        assert tab[name] == words[name], AGAIN
    strip = [{key: value for key, value in word.items() if key != "measured"} for word in tab["words"]]
    assert strip == [{key: value for key, value in word.items() if key != "measured"} for word in words["words"]], AGAIN
    model = load_model(mapper.model_name)
    assert tab["shape"]["bodyVertices"] == model.vertex_count, AGAIN
    assert tab["licence"] == model.metadata["licence"]
    assert [piece["name"] for piece in tab["pieces"]] == ["", *model.parts], AGAIN
    blocks = blocks_of(text, then)
    assert [len(block) for block in blocks] == [size["bytes"] for size in then["data"]]


def test_it_stays_small() -> None:
    assert EXAMPLE.stat().st_size < 2_500_000
