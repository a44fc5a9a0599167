"""The JSON reader: values that are plain, finite, shallow and can be written again, else one sentence."""

import json
from pathlib import Path

import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.files.json_text import MAXIMUM_BYTES, parse_json, read_json
from semantify_blender.core.files.schema import Maybe, conform


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True, 'ξ\n"[{']}, 2**63, -(2**63), 1e300, "\U0001f600", []])
def test_plain_values_come_back(value: object) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "nul", "NaN", "[Infinity]", "-Infinity", "1e400", "-1e999", "1" * 400, "1" * 5000, str(2**64),
        '"\\ud800"', '{"\\udc00": 1}', "[" * 100_000, "[" * 41 + "]" * 41, '{"a":' * 100_000, '{"a": 1, "a": 2}',
        '"' + '\\"' * 200_000, "\ufeff\ufeff{}", "[" + "[]," * (MAXIMUM_BYTES // 3) + "[]]",
    ],
)  # fmt: skip
def test_everything_else_is_a_phrase(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse_json(text)


def test_depth_counts_brackets_not_texts() -> None:
    assert parse_json('["' + "[" * 100 + '"]') == ["[" * 100]
    assert len(parse_json("[" + "[]," * 100 + "[]]")) == 101


def test_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content, words in (
        (None, "does not exist"),
        (b"\xff\xfe{}", "not readable JSON .*; make it"),
        (b"[]", "expected a JSON object; make it"),
        (b"[" * 100_000, "nested deeper"),
        (b" " * (MAXIMUM_BYTES + 1), "more than"),
    ):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(FileFormatError, match=words) as caught:
            read_json(path, "make it")
        assert str(path) in str(caught.value)
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_json(path, "make it") == {}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "a"), ({"a": True}, "a"), ({"a": "1"}, "a"), ({"a": 1, "b": 1}, "b"),
        ({"a": 1, "b": [[1, None]]}, "b[0][1]"),
        ({"a": 1, "c": {"x": 1.5}}, "c.x"), ({"a": 1, "d": "x"}, "d"), ([], "file"), ({"a": float("nan")}, "a"),
    ],
)  # fmt: skip
def test_a_schema_names_the_field(value: object, field: str) -> None:
    schema = {"a": float, "b?": [[float]], "c?": {str: int}, "d?": Maybe(float)}
    with pytest.raises(FileFormatError) as caught:
        conform("file.json", value, schema)
    assert caught.value.field == field
    conform("file.json", {"a": 1, "b": [[1.5]], "c": {"x": 1}, "d": None, "more": object()}, schema)
