"""The warm CLIP process: played by small programs for what goes wrong, and once the real one with a tiny model."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.processes import clip_worker as worker_module
from semantify_blender.processes.clip_worker import Worker
from semantify_blender.processes.python import PACKAGES, check_python, find_python, usual_candidates
from semantify_blender.training.scoring.scores import encode_words
from semantify_blender.training.scoring.worker import embed, quick_loading

REPOSITORY = Path(__file__).resolve().parents[3]

HELLO = '{"id": 1, "name": "played", "checksum": "c", "size": 4, "dimension": 2, "vocabulary": null}'
PICTURES = np.zeros((1, 4, 4, 3), np.uint8)


def played(monkeypatch, body: str, **options) -> Worker:
    """A worker whose child runs `body` instead of the command line; `say` answers, `ask` waits for a request."""
    start = (
        "import sys, json, os, time\n"
        "def say(text): print(text, flush=True)\n"
        "def ask(): return json.loads(sys.stdin.readline())\n"
    )
    monkeypatch.setattr(
        worker_module, "_CHILD", "exec(" + repr(start + body).replace("{", "{{").replace("}", "}}") + ")"
    )
    return Worker(sys.executable, "any", **options)


def gone(process: int, seconds: float = 20.0) -> bool:
    """Whether a process ends within some seconds; a zombie counts as ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_progress_hello_and_an_embedding(monkeypatch):
    values = np.array([[0.6, 0.8]], "<f4")
    packed = base64.b64encode(values.tobytes()).decode()
    worker = played(
        monkeypatch,
        "say('some library says hello'); say('[1]'); say('{{{')\n"
        """say('{"event": "progress", "done": 0, "total": 2, "text": "loading"}'); assert ask()["verb"] == "hello"\n"""
        f"say('{HELLO}'); r = ask(); assert r['shape'] == [1, 4, 4, 3], r\n"
        "say(json.dumps({'id': r['id'] - 1, 'values': 'stale'}))\n"
        f"say(json.dumps({{'id': r['id'], 'values': '{packed}'}}))\n"
        "ask()",
    )
    seen = []
    with worker.start(lambda *step: seen.append(step)):
        assert seen == [(0, 2, "loading")]
        assert (worker.name, worker.checksum, worker.size, worker.dimension) == ("played", "c", 4, 2)
        np.testing.assert_array_equal(worker.embed(PICTURES), values)
        child = worker._child.pid
        assert worker.alive
    assert not worker.alive
    assert gone(child, 1)
    worker.close()  # once more is nothing


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("ask(); print('no memory', file=sys.stderr); sys.exit(7)", r"ended with status 7 \(no memory\): see its log"),
        ('ask(); say(\'{"id": 1, "name": 3}\'); ask()', "what makes no sense"),
        ('ask(); say(\'{"event": "fatal", "error": "there are no such weights"}\')', "^there are no such weights$"),
        (f"ask(); say('{HELLO}'); ask(); os._exit(0)", "ended with status 0"),
        (f'ask(); say(\'{HELLO}\'); ask(); say(\'{{"id": 2, "values": "AAAA"}}\'); ask()', "no embedding"),
        (f"ask(); say('{HELLO}'); ask(); say('{{\"id\": 2, \"values\": 5}}'); ask()", "no embedding"),
        (f'ask(); say(\'{HELLO}\'); ask(); say(\'{{"id": 2, "values": "AADAfwAAAAA="}}\'); ask()', "not finite"),
        (f"ask(); say('{HELLO}'); ask(); time.sleep(60)", "did not answer within 1 s"),
        (f"ask(); say('{HELLO}'.replace('4', '1e999')); ask()", "what makes no sense"),
        (f"ask(); say('{HELLO}'.replace('2', '1' * 400)); ask()", "what makes no sense"),
        (f"ask(); say('{HELLO}'.replace('null', '[3]')); ask()", "what makes no sense"),
        ('ask(); say(\'{"event": "fatal"}\'); ask()', "^the CLIP process cannot load its model$"),
    ],
)
def test_a_child_that_fails_is_one_sentence_and_is_gone(monkeypatch, tmp_path, body, message):
    worker = played(monkeypatch, body, log=tmp_path / "clip.log")
    children = []
    spawn = worker._spawn
    monkeypatch.setattr(worker, "_spawn", lambda: (spawn(), children.append(worker._child.pid)))
    with pytest.raises(SemantifyError, match=message) as error:
        worker.embed(PICTURES, timeout=1.0 if "within" in message else 60.0)
    assert "\n" not in str(error.value)
    assert not worker.alive
    assert len(children) == 1
    assert gone(children[0], 1)


def test_events_without_fields_and_with_impossible_numbers_are_taken(monkeypatch):
    said = ['{"event": "progress"}', '{"event": "progress", "done": 1e999, "total": "x", "text": 5}', "[" * 100_000]
    said += ['{"event": "progress", "done": NaN, "total": 3, "text": "\\ud800"}', "{}", "null", '{"id": [1]}']
    body = "".join(f"say({text!r})\n" for text in said) + f"ask(); say('{HELLO}'); ask()"
    seen = []
    with played(monkeypatch, body).start(lambda *step: seen.append(step)) as worker:
        assert worker.alive
    assert seen == [(0, 0, ""), (0, 0, ""), (0, 3, "?")]


@pytest.mark.skipif(os.name == "nt", reason="process groups")
def test_a_grandchild_that_holds_the_pipe_keeps_nobody_waiting(monkeypatch, tmp_path):
    holder = "import subprocess; held = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    worker = played(
        monkeypatch, holder + "print(held.pid, file=sys.stderr, flush=True); os._exit(3)", log=tmp_path / "log"
    )
    started = time.monotonic()
    with pytest.raises(SemantifyError, match="ended with status 3"):
        worker.start()
    assert gone(int((tmp_path / "log").read_text().split()[0]), 5)
    worker = played(monkeypatch, f"{holder}ask(); say('{HELLO}'); ask()")
    worker.start()
    worker.close()
    assert time.monotonic() - started < 15


def test_failed_starts_leave_at_most_the_last_log(monkeypatch, tmp_path):
    monkeypatch.setattr(worker_module.tempfile, "tempdir", str(tmp_path))
    for _ in range(3):
        with pytest.raises(SemantifyError, match="cannot be started"):
            Worker("/no/such/python", "any").start()
    assert list(tmp_path.iterdir()) == []
    for _ in range(3):
        with pytest.raises(SemantifyError, match=r"ended with status 7 \(why\): see its log .*-last\.log$"):
            played(monkeypatch, "print('why', file=sys.stderr); sys.exit(7)").start()
    (kept,) = tmp_path.iterdir()
    assert kept.read_text() == "why\n"


def test_a_told_error_leaves_the_child_alive(monkeypatch):
    body = (
        f"ask(); say('{HELLO}'); r = ask(); say(json.dumps({{'id': r['id'], 'error': 'I do not know hippo'}})); ask()"
    )
    with played(monkeypatch, body) as worker:
        with pytest.raises(SemantifyError, match=r"^I do not know hippo$"):
            worker.text_embeddings(["hippo"])
        assert worker.alive


def test_a_child_that_never_reads_does_not_block_the_asker(monkeypatch):
    worker = played(monkeypatch, f"ask(); say('{HELLO}'.replace('4', '1000')); time.sleep(60)")
    worker.start()
    started = time.monotonic()
    with pytest.raises(SemantifyError, match="did not answer within 1 s"):
        worker.embed(np.zeros((2, 1000, 1000, 3), np.uint8), timeout=1.0)
    assert time.monotonic() - started < 20
    assert not worker.alive


def test_cancelling_the_start_ends_the_child(monkeypatch):
    worker = played(monkeypatch, """say('{"event": "progress", "done": 0, "total": 2, "text": ""}'); time.sleep(60)""")
    children = []

    def cancel(*_):
        children.append(worker._child.pid)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worker.start(cancel)
    assert gone(children[0], 1)
    assert not worker.alive


def test_pictures_of_another_size_are_refused_before_they_travel(monkeypatch):
    with played(monkeypatch, f"ask(); say('{HELLO}'); ask()") as worker, pytest.raises(SemantifyError, match="4 × 4"):
        worker.embed(np.zeros((1, 5, 5, 3), np.uint8))


def test_no_such_python():
    with pytest.raises(SemantifyError, match="cannot be started"):
        Worker("/no/such/python", "any").start()


def test_the_real_worker_agrees_with_the_model_in_this_process(tiny_folder, tiny_clip, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "torch.py").write_text("raise RuntimeError('the wrong torch')")
    monkeypatch.chdir(tmp_path)
    pictures = np.random.default_rng(0).integers(0, 255, (3, 32, 32, 3), dtype=np.uint8)
    steps = []
    with Worker(sys.executable, f"local-dir:{tiny_folder}", "cpu").start(lambda *step: steps.append(step)) as worker:
        assert [step[0] for step in steps] == [0, 1, 2]
        assert worker.checksum == tiny_clip.checksum
        assert worker.name == tiny_clip.name
        assert worker.size == 32
        found = worker.embed(pictures)
        np.testing.assert_allclose(found, embed(tiny_clip, pictures), atol=2e-3)
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
        assert worker.embed(pictures[:0]).shape == (0, worker.dimension)
        words = worker.text_embeddings(["tall", "fat"], ["{}", "a {} body"])
        np.testing.assert_allclose(words, encode_words(tiny_clip, ["tall", "fat"], ["{}", "a {} body"]), atol=1e-5)
        child = worker._child.pid
        with pytest.raises(SemantifyError, match=r"no \{\} to put the word in"):
            worker.text_embeddings(["tall"], ["nothing"])
        assert worker.alive
    assert gone(child, 1)


def test_from_an_installed_extension_the_child_runs_the_extensions_own_code(tiny_folder, tmp_path):
    # as Blender has it: …/user_default/semantify_blender/semantify_blender, imported as bl_ext.….semantify_blender
    package = tmp_path / "bl_ext" / "user_default" / "semantify_blender" / "semantify_blender"
    shutil.copytree(REPOSITORY / "semantify_blender", package, ignore=shutil.ignore_patterns("data", "__pycache__"))
    child = package / "training" / "scoring" / "worker.py"
    child.write_text(child.read_text().replace("importing torch", "of the extension: importing torch"))
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from bl_ext.user_default.semantify_blender.semantify_blender.processes.clip_worker import Worker\n"
        f"worker = Worker(sys.executable, 'local-dir:{tiny_folder}', 'cpu')\n"
        "with worker.start(lambda *step: print(step[2])):\n"
        "    print(worker.size)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "of the extension: importing torch and open_clip"
    assert done.stdout.splitlines()[-1] == "32"


def test_weights_that_are_missing_are_told(tmp_path):
    with pytest.raises(SemantifyError, match=r"no open_clip_config\.json"):
        Worker(sys.executable, f"local-dir:{tmp_path}", "cpu", online=False).start()


PARENT = """
import sys, time
sys.path.insert(0, {repository!r})
from semantify_blender.processes import clip_worker as module
if {loading!r}:
    module._CHILD = {child!r}
worker = module.Worker(sys.executable, "local-dir:" + {folder!r}, "cpu")
if {loading!r}:
    worker._spawn()
else:
    worker.start()
print(worker._child.pid, flush=True)
time.sleep(300)
"""
BUSY = (
    # the real listening thread, and a model that takes for ever to load
    "import sys; sys.path.insert(0, {parent!r}); import time; from {package}.training.scoring import worker; "
    "worker._load = lambda *_: time.sleep(300); worker.serve('x')"
)


@pytest.mark.parametrize("loading", [False, True], ids=["loaded", "still loading"])
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL and /proc")
def test_a_killed_parent_leaves_no_child(tiny_folder, loading):
    code = PARENT.format(repository=str(REPOSITORY), folder=str(tiny_folder), loading=loading, child=BUSY)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        assert Path(f"/proc/{child}").exists()
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert gone(child)


def test_loading_a_local_file_draws_no_random_weights_and_gives_the_same_model(tmp_path):
    import torch

    weights = tmp_path / "weights.pt"
    layer = torch.nn.Linear(3, 2)
    torch.save(layer.state_dict(), weights)
    with quick_loading(f"ViT-B-32:{weights}"):
        torch.manual_seed(0)
        before = torch.random.get_rng_state()
        copy = torch.nn.Linear(3, 2)
        assert torch.equal(before, torch.random.get_rng_state())
        copy.load_state_dict(torch.load(weights, weights_only=True))
    assert torch.equal(copy.weight, layer.weight)
    torch.manual_seed(0)
    torch.nn.Linear(3, 2)
    assert not torch.equal(before, torch.random.get_rng_state())
    with quick_loading("ViT-B-32:openai"):
        torch.manual_seed(0)
        torch.nn.Linear(3, 2)
        assert not torch.equal(before, torch.random.get_rng_state())


def test_this_python_has_everything():
    check = check_python(sys.executable)
    assert check.ok
    assert check.version == ".".join(map(str, sys.version_info[:3]))
    assert set(check.packages) == set(PACKAGES)
    assert usual_candidates("mine")[0] == "mine"


def fake_python(folder: Path, name: str, answer: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    path.chmod(0o755)
    return str(path)


def told(version: str, **packages: str | None) -> str:
    known = {**dict.fromkeys(PACKAGES), **packages}
    return "noise\nsemantify:" + json.dumps({"python": version, "packages": known})


WHOLE = {"torch": "2.5.1+cpu", "open_clip_torch": "3.0.0", "torchvision": "0.20", "pillow": "11", "numpy": "2.0"}


@pytest.mark.skipif(os.name == "nt", reason="shell scripts")
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (told("3.9.2", **WHOLE), r"is Python 3\.9\.2, but 3\.11 or newer"),
        (told("3.12.0"), "has no torch and no open_clip_torch and .*-m pip install --upgrade torch open_clip_torch"),
        (told("3.12.0", **{**WHOLE, "torch": "2.1.0"}), r"has torch 2\.1\.0 \(needs 2\.4 or newer\)"),
        ("I am no Python", "is not a Python program that runs"),
        ('semantify:{"python": 3}', "is not a Python program that runs"),
    ],
)
def test_what_a_python_lacks_is_one_sentence(tmp_path, answer, message):
    check = check_python(fake_python(tmp_path, "python", answer))
    assert not check.ok
    assert re.search(message, check.missing)
    assert "\n" not in check.missing


@pytest.mark.skipif(os.name == "nt", reason="shell scripts")
def test_the_first_whole_python_is_found_else_the_one_that_lacks_least(tmp_path):
    bare = fake_python(tmp_path, "bare", told("3.12.0"))
    half = fake_python(tmp_path, "half", told("3.12.0", torch="2.5", numpy="2.0"))
    whole = fake_python(tmp_path, "whole", told("3.12.0", **WHOLE))
    assert find_python([None, "", "/no/such", bare, whole, half]).python == whole
    assert find_python(["/no/such", bare, half]).python == half
    assert "cannot be started" in find_python(["/no/such"]).missing
    with pytest.raises(SemantifyError, match="no Python to look at"):
        find_python([None, ""])
