"""`semantify missing`: what scripts read, what people read, and what programs do."""

import json
from pathlib import Path

import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.parts import Parts
from tests.core.test_parts import rendered


def test_a_script_reads_what_to_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered(tmp_path, {3, 7, 8, 9})
    assert main(["missing", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == "--array=3,7-9\n"
    assert said.err == "4 of 10 shards are missing; give --shard auto/10 with these tasks\n"
    Parts(5, 1).keep(tmp_path)
    (tmp_path / "crashes.jsonl").touch()
    assert main(["missing", str(tmp_path), "--numbers"]) == 0
    said = capsys.readouterr()
    assert said.out == "3-5\n"
    assert said.err == "4 of 10 shards are missing; crashes.jsonl there says why processes crashed\n"
    assert main(["missing", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "shards": 10,
        "missing": [3, 7, 8, 9],
        "running": [],
        "tasks": [3, 4, 5],
    }


def test_where_nothing_is_missing_a_script_reads_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered(tmp_path)
    assert main(["missing", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert main(["missing", str(tmp_path / "nowhere")]) == 2
    assert "dataset.json" in capsys.readouterr().err
