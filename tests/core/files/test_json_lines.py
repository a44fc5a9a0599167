"""JSON objects one a line: nothing that stands on a line gets through as anything else, or breaks its reader."""

import pytest

from semantify_blender.core.files.json_lines import event_of, number_of, object_of, text_of

OTHERS = [
    ("", "Expecting value"),
    ("no JSON", "Expecting value"),
    ("null", "no JSON object"),
    ("[1]", "no JSON object"),
    ('{"a": 1} and more', "Extra data"),
    ("[" * 100_000, "nested too deeply"),
    (b"\xff\xfe{", "decode"),
    ("1" * 5000, "digits"),
]


@pytest.mark.parametrize(("line", "problem"), OTHERS, ids=range(len(OTHERS)))
def test_what_is_no_object_is_told_or_left_out(line: str | bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        object_of(line)
    assert event_of(line) == {}


@pytest.mark.parametrize("line", ['{"event": "fit", "id": [1]}\n', b'{"event": "fit", "id": [1]}'])
def test_an_object_is_read_from_text_and_bytes(line: str | bytes) -> None:
    assert object_of(line) == event_of(line) == {"event": "fit", "id": [1]}


def test_numbers_and_texts_are_plain_whatever_a_child_says() -> None:
    event = event_of('{"a": 1e999, "b": NaN, "c": "x", "d": 3, "e": 1' + "0" * 400 + ', "f": "\\ud800", "g": true}')
    assert [number_of(event, name) for name in "abcdefgh"] == [0, 0, 0, 3, 0, 0, 1, 0]
    assert [text_of(event, name) for name in "acfh"] == ["", "x", "?", ""]
