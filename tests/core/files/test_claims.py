"""Claims on files that several processes make together: one owner each, and none that outlives its process."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from semantify_blender.core.files import claims
from semantify_blender.core.files.owners import this_node
from semantify_blender.core.files.writing import write_aside
from tests.import_graph import REPOSITORY

WORKER = """
import os, sys, time
from pathlib import Path
from semantify_blender.core.files import claims
from semantify_blender.core.files.writing import write_aside
folder, count, kill = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
claims.POLL = 0.02
path_of = lambda i: folder / f"{i:03d}.txt"
made = 0
for number in claims.shared(range(count), path_of, lambda i: path_of(i).is_file()):
    with open(folder.parent / "begun", "a") as file:
        file.write(f"{number} {os.getpid()}\\n")
    with write_aside(path_of(number)) as aside:
        aside.write_text("half")
        time.sleep(0.005)
        if made == kill:
            os.kill(os.getpid(), 9)
        aside.write_text(f"file {number}")
    claims.release(path_of(number))
    made += 1
print(made)
"""


def start(folder: Path, count: int, kill: int = -1) -> subprocess.Popen:
    words = [sys.executable, "-c", WORKER, str(folder), str(count), str(kill)]
    return subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_several_processes_make_each_file_once(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    workers = [start(folder, 60) for _ in range(4)]
    ended = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 4, ended
    assert sum(int(out) for out, _ in ended) == 60
    begun = [line.split()[0] for line in (tmp_path / "begun").read_text().splitlines()]
    assert sorted(map(int, begun)) == list(range(60)), "nothing was begun twice"
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{i:03d}.txt": f"file {i}" for i in range(60)
    }, "and no claim, and no half file, is left"


def test_what_a_killed_process_was_at_is_made_by_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    workers = [start(folder, 30, kill) for kill in (0, 2, -1)]
    ended = [worker.communicate(timeout=60) for worker in workers]
    assert [worker.returncode for worker in workers] == [-9, -9, 0], ended
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        f"{i:03d}.txt": f"file {i}" for i in range(30)
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shard"


def claimed_by(path: Path, node: str, process: int, age: float = 0.0) -> Path:
    """A claim of somebody else's, so many seconds old."""
    claim = claims.claim_path(path)
    claim.write_text(json.dumps({"node": node, "process": process}))
    then = time.time() - age
    os.utime(claim, (then, then))
    return claim


def test_a_claim_is_one_owners_until_it_is_given_back(path: Path) -> None:
    assert claims.take(path)
    assert claims.is_claimed(path)
    assert not claims.take(path), "not even its owner takes it twice"
    claims.release(path)
    assert not claims.is_claimed(path)
    assert list(path.parent.iterdir()) == []


def test_a_dead_process_of_this_machine_holds_nothing(path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    claimed_by(path, this_node(), ended.pid)
    assert not claims.is_claimed(path)
    assert claims.take(path)
    claims.release(path)


def test_a_living_process_of_this_machine_does(path: Path) -> None:
    claimed_by(path, this_node(), os.getppid())
    assert not claims.take(path)
    assert claims.is_claimed(path)


@pytest.mark.parametrize("text", [None, "", "{", '{"node": "x", "process": 1}'])
def test_of_another_machine_the_age_decides(path: Path, text: str | None) -> None:
    for age, void in ((claims.STALE - 60, False), (claims.STALE + 60, True)):
        claim = claimed_by(path, "0" * 8, 1, age)
        if text is not None:
            claim.write_text(text)
            os.utime(claim, (time.time() - age,) * 2)
        assert claims.take(path) is void
        assert claims.is_claimed(path), "by them or by us"
    claims.release(path)


def test_a_claim_that_was_taken_from_us_is_not_given_back(path: Path) -> None:
    assert claims.take(path)
    claim = claimed_by(path, "0" * 8, 1)
    claims.release(path)
    assert claim.exists()


def test_leftovers_go_and_all_else_stays(path: Path) -> None:
    folder, old = path.parent, time.time() - claims.STALE - 60
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    gone = [
        claimed_by(path, this_node(), ended.pid),
        folder / f".shard.{this_node()}.{ended.pid}.part",
        folder / f".shard.{'0' * 8}.{os.getpid()}.part",
        folder / f".shard.lock.{this_node()}.{ended.pid}.1",
    ]
    kept = [
        claimed_by(folder / "other", this_node(), ended.pid),
        folder / f".shard.{this_node()}.{os.getppid()}.part",
        folder / f".shard.{'1' * 8}.{ended.pid}.part",
        folder / f".other.{this_node()}.{ended.pid}.part",
        folder / ".notes.part",
        folder / ".shard.lock.txt",
    ]
    for one in (*gone[1:], *kept[1:]):
        one.write_text("half")
    for one in gone[2:]:
        os.utime(one, (old, old))
    claims.clear_leftovers(folder, {"shard"})
    assert not any(one.exists() for one in gone)
    assert all(one.exists() for one in kept)
    assert len(list(folder.iterdir())) == len(kept)


def test_writers_on_two_machines_never_share_a_temporary_file(path: Path) -> None:
    with write_aside(path) as aside:
        assert aside.name == f".shard.{this_node()}.{os.getpid()}.part"
        aside.write_text("x")


def test_a_full_disk_leaves_no_claim_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(claims, "_signature", full)
        with pytest.raises(OSError, match="No space"):
            claims.take(tmp_path / "a.tar")
    assert list(tmp_path.iterdir()) == []
    assert claims.take(tmp_path / "a.tar")
    claims.release(tmp_path / "a.tar")


def test_threads_of_one_process_never_hold_the_same_claim(tmp_path: Path) -> None:
    holders, most, taken = [], [], []

    def work() -> None:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            if claims.take(tmp_path / "a.tar"):
                holders.append(1)
                most.append(len(holders))
                taken.append(1)
                time.sleep(0.0002)
                holders.pop()
                claims.release(tmp_path / "a.tar")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) > 20
    assert max(most) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_fails_after_a_claim_was_taken_gives_it_back(tmp_path: Path) -> None:
    looks = []

    def is_made(number: int) -> bool:
        looks.append(number)
        if len(looks) == 2:
            raise ValueError("another dataset's")
        return False

    with pytest.raises(ValueError, match="another"):
        next(claims.available([7], lambda number: tmp_path / f"{number}.tar", is_made, []))
    assert list(tmp_path.iterdir()) == []
