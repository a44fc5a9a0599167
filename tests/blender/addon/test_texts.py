"""Texts that are no mappers, whatever somebody put into them, never stop the sliders of the characters beside them."""

import json
from pathlib import Path

import pytest

from tests.blender.addon_helpers import add, error_of, forget_decoded, set_slider
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")

HEADER = {"schema": "semantify.embedded-mapper/1", "name": "x"}
HOSTILE = (
    "[" * 100_000,
    '{"a":' * 800,
    "{" + "[" * 4000,
    "{" + "-" * 5000,
    '{"schema": NaN}',
    json.dumps({**HEADER, "sha256": ["a"]}),
    json.dumps({**HEADER, "sha256": {"a": 1}}),
    json.dumps({**HEADER, "sha256": 1e300}),
    "\ufeff" + json.dumps({**HEADER, "sha256": "x"}),
    '{"schema": "\\ud800"}',
    "9" * 5000,
)


def hostile_texts(wanted: str) -> None:
    for number, line in enumerate(HOSTILE):
        bpy.data.texts.new(f"a{number}").write(line)
    for number, body in enumerate(("", "!", "AAA", "ξ", "AAAA\nAAAA", "UEsFBgAA" * 9)):
        # these say that they are the very mapper that is looked for, and come before it
        bpy.data.texts.new(f"b{number}").write(json.dumps({**HEADER, "sha256": wanted}) + "\n" + body)


def test_sliders_work_beside_them(synthetic_data: Path, tmp_path: Path):
    from semantify_blender.addon.character import embedding

    obj = add()
    hostile_texts(obj.data.semantify.mapper_checksum)
    path = str(tmp_path / "hostile.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    forget_decoded()
    bpy.ops.wm.open_mainfile(filepath=path)
    obj = bpy.data.objects["Synthetic"]
    assert embedding.problem(obj.data.semantify) is None
    set_slider(obj, 0, 0.7)
    assert error_of(obj, synthetic_data) < 1e-5
    again = add()  # which looks for a Text that holds the same mapper already
    assert again.data[embedding.KEY] == obj.data[embedding.KEY]


def test_alone_they_are_one_sentence(synthetic_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from semantify_blender.addon import handlers
    from semantify_blender.addon.character import embedding

    obj = add()
    wanted = obj.data.semantify.mapper_checksum
    bpy.data.texts.remove(obj.data[embedding.KEY])
    hostile_texts(wanted)
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    obj.data.semantify.mapper_path = ""
    forget_decoded()
    handlers.follow_load()
    problem = embedding.problem(obj.data.semantify)
    assert problem is not None
    assert "damaged" in problem
    assert "\n" not in problem
