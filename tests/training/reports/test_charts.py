"""Charts are well-formed SVG that shows every number given to it; tables keep every cell."""

import csv
import xml.etree.ElementTree as ElementTree

import pytest

from semantify_blender.training.reports import charts
from semantify_blender.training.reports.page import rendered
from semantify_blender.training.reports.tables import Table, csv_text

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text):
    return ElementTree.fromstring(text)


def test_lines_stay_inside_their_panel_and_keep_their_colour():
    line = charts.Curve("a <b> & c", [0, 1, 2], [0.0, 50.0, 100.0], ([0, 40, 90], [10, 60, 100]))
    other = charts.Curve("others", [0, 2], [30, 30], dashed=True)
    root = parsed(charts.line_panels([charts.Panel("one", "x", [line, other])] * 2))
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == 4
    assert lines[0].get("stroke") == lines[2].get("stroke") != lines[1].get("stroke")
    width, height = float(root.get("width")), float(root.get("height"))
    for element in lines:
        for pair in element.get("points").split():
            x, y = map(float, pair.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts.count("a <b> & c") == 1  # one legend for all panels


def test_higher_values_are_drawn_higher():
    dots = [charts.Spread("a", 1.0, 0.5, reference=2.0), charts.Spread("b", 3.0)]
    root = parsed(charts.dot_panels([charts.DotPanel("t", dots)], "mm", "ours", "theirs"))
    low, high = (float(circle.get("cy")) for circle in root.findall(f"{SVG}circle"))
    bars = [e for e in root.findall(f"{SVG}line") if e.get("stroke-width") == "2.4"]
    assert high < float(bars[0].get("y1")) < low
    assert len(bars) == 1 + 2  # one reference, two in the legend
    assert {"a", "b", "ours", "theirs", "1.0", "3.0"} <= {text.text for text in root.iter(f"{SVG}text")}


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 0.037), (2, 15), (0, 80), (-3.2, 4.1), (0, 12345)])
def test_ticks_are_few_round_and_inside(low, high):
    ticks = charts.ticks(low, high)
    assert 2 <= len(ticks) <= 7
    assert all(low - 1e-9 <= tick <= high + 1e-9 for tick in ticks)
    step = ticks[1] - ticks[0]
    assert f"{step:.0e}"[0] in "125"


def test_a_long_legend_breaks_into_lines():
    names = [f"a mapper with quite a long name {i}" for i in range(6)]
    lines = [charts.Curve(name, [0, 1], [1, 2]) for name in names]
    root = parsed(charts.line_panels([charts.Panel("t", "x", lines)]))
    rows = {text.get("y") for text in root.iter(f"{SVG}text") if text.text in names}
    assert len(rows) == 6


def test_a_table_in_every_form():
    table = Table("T", ("a", "b"), (("x|y", "1"), ("<z>", "2")), "note", frozenset({(1, 1)}))
    assert table.markdown().splitlines()[2:6] == ["| a | b |", "|---|---|", "| x\\|y | 1 |", "| <z> | **2** |"]
    section = {"title": "S", "command": "c", "picture": "", "tables": [table]}
    root = ElementTree.fromstring(f"<div>{rendered('experiments.html', sections=[section])}</div>")
    assert [cell.text for cell in root.iter("th")] == ["a", "b", "x|y", "<z>"]
    assert root.find(".//td/b").text == "2"


def test_csv_keeps_numbers_lists_and_gaps():
    text = csv_text([{"a": 0.1234567890123, "b": ["x", "y"]}, {"a": None, "c": "q,r"}])
    rows = list(csv.DictReader(text.splitlines()))
    assert rows == [{"a": "0.1234567890123", "b": "x; y", "c": ""}, {"a": "", "b": "", "c": "q,r"}]
