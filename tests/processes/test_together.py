"""Several rendering processes as one, played by small Python programs that share files as the real ones do."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.processes import blender as blender_process
from semantify_blender.processes import child as children
from semantify_blender.processes.requests import DatasetRequest
from semantify_blender.processes.seats import Seat
from semantify_blender.processes.together import CRASHES, missing_shards, render_together
from tests.import_graph import REPOSITORY

CHILD = """
import json, os, sys, time
sys.path[:0] = [{root!r}]
from pathlib import Path
from semantify_blender.processes.child import begin, interruptible
begin()
from semantify_blender.core.files import claims
from semantify_blender.core.files.writing import write_aside
claims.POLL = 0.02
out, worker, crash = Path({out!r}), {worker!r}, {crash!r}
def say(event, **values):
    print(json.dumps({{"event": event, **values}}), flush=True)
def path_of(shard):
    return out / f"shard-{{shard:06d}}.tar"
def is_made(shard):
    return path_of(shard).is_file()
interruptible()
try:
    (out / f"pid-{{os.getpid()}}").touch()
    number, count = map(int, worker.split("/"))
    missing = [shard for shard in range(12) if not is_made(shard)]
    say("missing", shards=[[shard, 4] for shard in missing], total=48)
    say("note", message="rendering with cycles on paper")
    for shard in claims.shared(missing[number - 1 :] + missing[: number - 1], path_of, is_made):
        try:
            with write_aside(path_of(shard)) as aside:
                for sample in range(2):
                    time.sleep({seconds})
                    if shard in crash and sample and (crash[shard] is None or not Path(crash[shard]).exists()):
                        if crash[shard] is not None:
                            Path(crash[shard]).touch()
                        print("a driver fell over", file=sys.stderr, flush=True)
                        os.kill(os.getpid(), 9)
                    say("sample", shard=shard, done=2 * sample + 2)
                aside.write_text(f"shard {{shard}}")
        finally:
            claims.release(path_of(shard))
        say("shard", number=shard)
    say("result", folder=str(out), pictures=0)
except KeyboardInterrupt:
    say("error", message="interrupted")
    sys.exit(130)
"""
SEATS = [Seat("cpu", 1), Seat("cpu", 1), Seat("cuda:1")]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Has processes played. Returns the request, and a list of the seats that they got."""
    monkeypatch.setattr(blender_process, "named_program", lambda *_: None)
    monkeypatch.setattr("semantify_blender.processes.together.named_program", lambda *_: None)
    got: list[Seat] = []

    def play(crash: dict[int, Path | None] | None = None, seconds: float = 0.01, body: str = CHILD) -> DatasetRequest:
        out = tmp_path / "set"
        out.mkdir()

        def command(_: object, request: DatasetRequest, seat: Seat) -> list[str]:
            got.append(seat)
            marks = {shard: mark and str(mark) for shard, mark in (crash or {}).items()}
            values = {"root": str(REPOSITORY), "out": str(out), "worker": request.worker}
            return [sys.executable, "-c", body.format(**values, crash=marks, seconds=seconds)]

        monkeypatch.setattr(blender_process.children, "rendering_command", command)
        return DatasetRequest("model", out)

    play.got = got
    return play


def shards(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.name.startswith(("shard", "."))}


ALL = {f"shard-{i:06d}.tar": f"shard {i}" for i in range(12)}


def alive(folder: Path) -> list[int]:
    """Processes that were started and run."""
    found = []
    for path in folder.glob("pid-*"):
        try:
            os.kill(int(path.name[4:]), 0)
        except ProcessLookupError:
            continue
        found.append(int(path.name[4:]))
    return found


def test_they_share_the_work_and_tell_of_it_as_one(played) -> None:
    request = played()
    seen, notes = [], []
    result = render_together(request, SEATS, None, lambda *v: seen.append(v), notes.append)
    assert result == {"folder": str(request.out), "pictures": 48}
    assert shards(request.out) == ALL
    assert sorted(map(str, played.got)) == sorted(map(str, SEATS))
    assert notes[0] == "3 rendering processes: cpu, 1 thread; cpu, 1 thread; cuda:1"
    assert notes.count("rendering with cycles on paper") == 1
    done = [one[0] for one in seen]
    assert done == sorted(done)
    assert {one[1] for one in seen} == {48}
    assert done[-1] == 48


def test_a_process_that_crashes_is_started_again_and_its_reason_kept(played, tmp_path: Path) -> None:
    request = played({2: tmp_path / "first", 7: tmp_path / "second"})
    seen, notes = [], []
    render_together(request, SEATS, None, lambda *v: seen.append(v[0]), notes.append)
    assert shards(request.out) == ALL
    assert len(played.got) == 5
    told = [note for note in notes if "crashed" in note]
    assert len(told) == 2
    assert "started again (1 of 3)" in told[0]
    assert "status -9: a driver fell over" in told[0]
    kept = [json.loads(line) for line in (request.out / CRASHES).read_text().splitlines()]
    assert sorted(line["where"] for line in kept) == ["at shard 2", "at shard 7"]
    assert all(line["reason"].endswith("a driver fell over") for line in kept)
    assert seen == sorted(seen)
    assert seen[-1] == 48


def test_a_shard_that_crashes_every_time_ends_the_run_with_all_else_done(played) -> None:
    request = played({5: None})
    with pytest.raises(SemantifyError, match=r"crashed 3 times in a row .*a driver fell over; crashes\.jsonl in "):
        render_together(request, SEATS[:2])
    found = shards(request.out)
    assert {name for name in found if not name.startswith(".")} == {*ALL} - {"shard-000005.tar"}
    assert not alive(request.out)


def test_an_error_that_a_process_explains_ends_all_at_once(played) -> None:
    body = (
        "import json, sys, time\n"
        "if {worker!r} == '2/3':\n"
        "    print(json.dumps(dict(event='error', message='no such model')), flush=True); sys.exit(2)\n"
        "sys.path[:0] = [{root!r}]; from semantify_blender.processes.child import begin; begin()\n"
        "open({out!r} + '/pid-' + str(__import__('os').getpid()), 'w'); time.sleep(60)  # {crash} {seconds}\n"
    )
    request = played(body=body)
    began = time.monotonic()
    with pytest.raises(SemantifyError, match=r"^no such model$"):
        render_together(request, SEATS)
    assert time.monotonic() - began < 30
    assert not alive(request.out)


def test_ctrl_c_ends_all_and_leaves_no_orphan(played) -> None:
    request = played(seconds=0.2)

    def stop(done: int, *_: object) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_together(request, SEATS, None, stop)
    assert not alive(request.out)
    found = shards(request.out)
    assert {name for name in found if name.startswith(".")} == set(), "claims are given back, halves removed"
    assert len(found) < 12
    assert found.items() <= ALL.items()


PARENT = """
import sys
from pathlib import Path
from semantify_blender.processes import blender, together
from semantify_blender.processes.requests import DatasetRequest
from semantify_blender.processes.seats import Seat
body, out = sys.argv[1:]
together.named_program = lambda *_: None
blender.children.rendering_command = lambda _, request, seat: [
    sys.executable, "-c", body.replace("WORKER", request.worker)
]
together.render_together(DatasetRequest("model", Path(out)), [Seat(), Seat()])
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    values = {"root": str(REPOSITORY), "out": str(tmp_path), "worker": "WORKER", "crash": {}, "seconds": 0.5}
    words = [sys.executable, "-c", PARENT, CHILD.format(**values), str(tmp_path)]
    parent = subprocess.Popen(words, cwd=REPOSITORY)
    until(lambda: len(list(tmp_path.glob("pid-*"))) == 2)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not alive(tmp_path))


def until(met, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_one_seat_is_one_plain_process(monkeypatch: pytest.MonkeyPatch) -> None:
    body = 'print(\'{"event": "result", "folder": "out"}\')'
    monkeypatch.setattr(children, "rendering_command", lambda *_: [sys.executable, "-c", body])
    assert render_together(DatasetRequest("model", Path("out")), [Seat()]) == {"folder": "out"}


def test_shards_that_are_there_need_no_process(tmp_path: Path) -> None:
    request = DatasetRequest("model", tmp_path, samples=1000)
    assert missing_shards(request) == 4
    for shard in (1, 2, 7):
        (tmp_path / f"shard-{shard:06d}.tar").touch()
    assert missing_shards(request) == 2
    assert missing_shards(DatasetRequest("model", tmp_path, samples=1000, shard="2/2")) == 1
    assert missing_shards(DatasetRequest("model", tmp_path)) == 12 - 3
    assert missing_shards(DatasetRequest("model", tmp_path, coefficients=tmp_path / "none.npy")) == 1
