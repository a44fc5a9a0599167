"""The child process, played by small Python programs."""

import sys
import time
from pathlib import Path

import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.processes import blender as blender_process
from semantify_blender.processes import child as children
from semantify_blender.processes.requests import DatasetRequest, SheetRequest

ASKED = DatasetRequest("model", Path("out"))


def child(monkeypatch, body):
    monkeypatch.setattr(blender_process.children, "rendering_command", lambda *_: [sys.executable, "-c", body])


def test_progress_notes_and_result_come_through_blenders_chatter(monkeypatch):
    child(
        monkeypatch,
        'print(\'Blender 5.2.2\'); print(\'{"event": "note", "message": "on CPU"}\');'
        'print(\'{"event": "progress", "done": 3, "total": 9, "rate": 2.5}\'); print("[1, 2]"); print("{");'
        'print(\'{"event": "result", "folder": "out"}\')',
    )
    seen, notes = [], []
    result = blender_process.render(ASKED, progress=lambda *v: seen.append(v), note=notes.append)
    assert result == {"folder": "out"}
    assert seen == [(3, 9, 2.5)]
    assert notes == ["on CPU"]


def test_malformed_events_are_no_traceback(monkeypatch):
    said = ['{"event": "progress"}', '{"event": "progress", "done": 1e999, "total": [], "rate": null}', "[" * 100_000]
    said += ['{"event": "note", "message": 3}', '{"event": ["x"]}', '{"event": "result", "folder": "out"}']
    child(monkeypatch, "".join(f"print({text!r})\n" for text in said))
    seen, notes = [], []
    assert blender_process.render(ASKED, None, lambda *v: seen.append(v), notes.append) == {"folder": "out"}
    assert seen == [(0, 0, 0.0), (0, 0, 0.0)]
    assert notes == [""]


def test_a_grandchild_that_holds_the_pipe_keeps_nobody_waiting(monkeypatch):
    child(
        monkeypatch,
        "import subprocess, sys, os; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        'print(\'{"event": "result"}\', flush=True); os._exit(0)',
    )
    started = time.monotonic()
    assert blender_process.render(ASKED) == {}
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('print(\'{"event": "error", "message": "no such model"}\'); raise SystemExit(2)', "^no such model$"),
        ("import sys; print('error: bad option', file=sys.stderr); sys.exit(2)", "status 2: bad option"),
        ("import os; os._exit(0)", "status 0"),
        ("raise ModuleNotFoundError(\"No module named 'bpy'\")", "no Blender"),
    ],
)
def test_a_failing_child_becomes_one_sentence(monkeypatch, body, message):
    child(monkeypatch, body)
    with pytest.raises(SemantifyError, match=message):
        blender_process.render(ASKED)


def test_a_child_that_fills_stderr_does_not_block(monkeypatch):
    child(monkeypatch, "import sys; sys.stderr.write('x\\n' * 200000); print('{\"event\": \"result\"}')")
    assert blender_process.render(ASKED) == {}


def test_an_error_while_following_ends_the_child(monkeypatch, tmp_path):
    mark = tmp_path / "survived"
    child(
        monkeypatch,
        'import time; print(\'{"event": "progress", "done": 1, "total": 2}\', flush=True); time.sleep(30);'
        f"open({str(mark)!r}, 'w')",
    )

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        blender_process.render(ASKED, progress=stop)
    assert not mark.exists()


def test_the_named_blender_is_used_before_the_environment_and_the_wheel(monkeypatch):
    monkeypatch.delenv("BLENDER", raising=False)
    wheel = children.rendering_command(blender_process.program(), ASKED)
    assert wheel[:2] == [sys.executable, "-P"]
    words = ["dataset", "--model", "model", "--out", "out", "--progress", "json"]
    assert wheel[wheel.index("--") + 1 :] == words
    monkeypatch.setenv("BLENDER", "/somewhere/blender")
    assert children.rendering_command(blender_process.program(), ASKED)[0] == "/somewhere/blender"
    command = children.rendering_command(blender_process.program("my-blender"), SheetRequest("m", Path("a")))
    assert command[0] == "my-blender"
    assert command[command.index("--") + 1 :] == ["sheet", "--mapper", "m", "--out", "a", "--progress", "json"]
    assert command[command.index("--python-exit-code") + 1] == "1"


def test_a_blender_that_does_not_exist_is_told():
    with pytest.raises(SemantifyError, match="cannot be started"):
        blender_process.render(ASKED, blender="/no/such/blender")


def test_a_verb_without_any_blender_is_one_sentence(monkeypatch):
    monkeypatch.delenv("BLENDER", raising=False)
    monkeypatch.setattr(blender_process.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SemantifyError, match="this Python has no Blender: pip install"):
        blender_process.pass_on("fit", ["--help"])
