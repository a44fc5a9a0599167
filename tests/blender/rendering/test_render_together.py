"""`semantify render` by several Blender processes: the bytes of one, whoever is killed, and nobody left over."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.blender.render_helpers import ROOT, files, run
from tests.blender.tier import bpy
from tests.synthetic import synthetic_model

assert bpy.app.version >= (4, 2, 0)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, and a dataset that one process rendered."""
    folder = tmp_path_factory.mktemp("together")
    synthetic_model().save(folder / "synthetic.model.npz")
    ended = run("dataset", *asked(folder, folder / "one"))
    assert ended.returncode == 0, ended.stderr
    return folder


def asked(place: Path, out: Path, samples: int = 24) -> list[object]:
    words = ["--model", place / "synthetic.model.npz", "--samples", samples, "--shard-size", 2, "--size", 32]
    return [*words, "--engine-samples", 1, "--look", "random", "--out", out]


def start(*words: object, **variables: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "semantify_blender", "render", *map(str, words)]
    environment = {name: value for name, value in os.environ.items() if name != "BLENDER"} | variables
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, start_new_session=True, **pipes)


def children_of(parent: int) -> list[int]:
    """Processes that a process started and that run, by /proc."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        state, ppid = rest.split()[:2]
        if int(ppid) == parent and state != "Z":
            found.append(int(name.split()[0]))
    return found


def whole(out: Path) -> int:
    return len(list(out.glob("shard-*.tar")))


def until(met, seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


@needs_proc
def test_two_processes_of_which_one_is_killed_give_the_bytes_of_one(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    together = start(*asked(place, out), "--devices", "cpu,cpu", "--progress", "json")
    until(lambda: whole(out) >= 2 and len(children_of(together.pid)) == 2)
    os.kill(children_of(together.pid)[0], signal.SIGKILL)
    said, wrong = together.communicate(timeout=240)
    assert together.returncode == 0, wrong
    found = files(out)
    assert b"status -9" in found.pop("crashes.jsonl")
    assert found == files(place / "one")
    assert "is started again (1 of 3)" in said
    assert '"done": 48, "total": 48' in said


@needs_proc
def test_ctrl_c_ends_all_and_the_same_command_goes_on(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    words = [*asked(place, out), "--jobs", 2, "--device", "cpu"]
    together = start(*words)
    until(lambda: whole(out) >= 1)
    started = children_of(together.pid)
    together.send_signal(signal.SIGINT)
    _, wrong = together.communicate(timeout=120)
    assert together.returncode == 130
    assert wrong == "error: interrupted; run the same command again to go on\n"
    assert len(started) == 2
    assert not any(Path(f"/proc/{process}").exists() for process in started)
    assert whole(out) < 12
    # and what was begun is gone on with, extended, by one process
    again = start(*words, "--jobs", 1)
    assert again.wait(240) == 0, again.stderr.read()
    again.communicate()
    assert files(out) == files(place / "one")


def test_parts_of_a_job_array_together_are_the_whole(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "array"
    for task in (1, 0):
        variables = {"ID": task, "MIN": 0, "MAX": 1, "STEP": 1, "COUNT": 2}
        named = {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in variables.items()}
        ended = start(*asked(place, out), "--shard", "auto", "--jobs", 1, **named)
        _, wrong = ended.communicate(timeout=240)
        assert ended.returncode == 0, wrong
    found = files(out)
    assert b'"count": 2' in found.pop("parts.json")
    assert found == files(place / "one")


def test_what_cannot_be_is_one_sentence(place: Path, tmp_path: Path) -> None:
    for words, sentence in (
        (["--devices", "cpu,tpu"], "error: device 'tpu': give one of cpu, gpu"),
        (["--devices", "cpu,cpu", "--device", "cpu"], "both say where to render"),
        (["--jobs", "0"], "--jobs is 0: give a whole number from 1"),
        (["--shard", "auto"], "this is no task of a job array"),
        (["--jobs", "2", "--seed", "1", "--out", str(place / "one")], "holds another dataset (wanted: seed 1"),
    ):
        ended = start(*asked(place, tmp_path / "set"), *words)
        said, wrong = ended.communicate(timeout=120)
        assert ended.returncode == 2, (words, said, wrong)
        assert sentence in wrong
        assert wrong.count("\n") == 1, wrong
        assert "Traceback" not in wrong
