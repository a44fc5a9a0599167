"""Several rendering processes that fill one dataset: each has its seat, is started again after a crash, all end as one.

They share the shards among themselves (`core.files.claims`), so none waits for another, and one that dies leaves
nothing undone. Here is who starts them, adds up what they tell, and ends them.
"""

import json
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import Any

from ..core.dataset_spec import shard_path
from ..core.errors import SemantifyError
from ..core.files.npy import load_npy
from ..core.parts import part_from
from ..core.progress import PictureProgress
from . import child as children
from .blender import ChildCrashError, Note, named_program, render
from .requests import DatasetRequest
from .seats import Seat

MOST_CRASHES = 3
"""Of one process in a row, without a shard finished between them."""
CRASHES = "crashes.jsonl"
"""Where a dataset's folder keeps why processes crashed, one line each."""
_EVERY = 0.25
_PATIENCE = 10.0


def render_together(
    request: DatasetRequest,
    seats: Sequence[Seat],
    blender: str | None = None,
    progress: PictureProgress | None = None,
    note: Note | None = None,
) -> dict[str, Any]:
    """Render a dataset by one process for each seat; with one seat it is `render`.

    The dataset is byte for byte that of one process. Returns what `render` does. Raises SemantifyError with the
    sentence of the first process that fails, and when all crash again and again; then, and on Ctrl-C, no process is
    left, and what was finished is kept.
    """
    if len(seats) == 1:
        return render(request, blender, progress, note, seats[0])
    named_program(blender)
    return _Together(request, seats, blender, progress, note).run()


def missing_shards(request: DatasetRequest) -> int:
    """How many shards there are to render, at most: whether those that are there are sound is for others to say."""
    samples = request.samples
    if samples is None:
        given = request.coefficients or request.shapes
        try:
            samples = 3000 if given is None else len(load_npy(given, mapped=True))
        except (SemantifyError, TypeError):
            return 1  # the process that renders says what is wrong with it
    part, count = part_from(request.shard, "--shard")
    shards = range(part, -(-samples // max(1, request.shard_size)), count)
    return sum(not shard_path(request.out, shard).is_file() for shard in shards)


@dataclass
class _Worker:
    """One seat's process. doing: pictures of the shard that it is at. shards: finished. crashes: in a row."""

    number: int
    seat: Seat
    process: subprocess.Popen | None = None
    at: int | None = None
    doing: int = 0
    shards: int = 0
    crashes: int = 0
    given_up: bool = False
    rendered: int = 0
    notes: set[str] = field(default_factory=set)


class _Together:
    def __init__(
        self,
        request: DatasetRequest,
        seats: Sequence[Seat],
        blender: str | None,
        progress: PictureProgress | None,
        note: Note | None,
    ) -> None:
        self.request, self.blender, self.progress, self.tell = request, blender, progress, note
        self.workers = [_Worker(number, seat) for number, seat in enumerate(seats)]
        self.lock, self.woken = Lock(), Event()
        self.stopping = False
        self.error: SemantifyError | None = None
        self.reasons: list[str] = []
        self.total = 0
        self.missing: dict[int, int] = {}
        """Shard -> its pictures, of those that nobody has finished."""
        self.finished: set[int] = set()
        self.waiting_notes: list[str] = []
        self.began: tuple[float, int] | None = None
        self.most = 0

    def run(self) -> dict[str, Any]:
        self.note(f"{len(self.workers)} rendering processes: {'; '.join(str(w.seat) for w in self.workers)}")
        threads = [Thread(target=self._work, args=(worker,), daemon=True) for worker in self.workers]
        try:
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads) and self.error is None:
                self.woken.wait(_EVERY)
                self.woken.clear()
                self._report()
        finally:
            self.stopping = True
            self._end_all()
            for thread in threads:
                thread.join()
        self._report()
        if self.error is not None:
            raise self.error
        if all(worker.given_up for worker in self.workers):
            raise SemantifyError(
                f"rendering crashed {MOST_CRASHES} times in a row in each process, the last time: {self.reasons[-1]}; "
                f"{CRASHES} in {self.request.out} has all reasons; what is finished is kept"
            )
        if self.progress and self.most < self.total:
            self.progress(self.total, self.total, self._rate(self.total))
        return {"folder": str(self.request.out), "pictures": sum(worker.rendered for worker in self.workers)}

    def note(self, text: str) -> None:
        if self.tell is not None:
            self.tell(text)

    def _work(self, worker: _Worker) -> None:
        """Keep one seat's process going. Runs in a thread."""
        request = replace(self.request, worker=f"{worker.number + 1}/{len(self.workers)}")
        while not self.stopping:
            before = worker.shards
            try:
                render(
                    request,
                    self.blender,
                    note=lambda text: self._heard(worker, text),
                    seat=worker.seat,
                    listen=lambda name, event: self._listen(worker, name, event),
                    started=lambda process: self._started(worker, process),
                )
                break
            except ChildCrashError as error:
                if self.stopping:
                    break
                worker.crashes = 1 if worker.shards > before else worker.crashes + 1
                worker.given_up = worker.crashes >= MOST_CRASHES
                self._crashed(worker, str(error))
                if worker.given_up:
                    break
            except SemantifyError as error:
                if not self.stopping and self.error is None:
                    self.error = error
                break
            except Exception as error:  # nobody else would hear of it
                self.error = SemantifyError(f"rendering failed ({type(error).__name__}: {error})")
                break
        self.woken.set()

    def _started(self, worker: _Worker, process: subprocess.Popen) -> None:
        with self.lock:
            worker.process = process
        if self.stopping:  # it was asked for a moment ago
            children.end(process)

    def _listen(self, worker: _Worker, name: str, event: dict[str, Any]) -> None:
        """What a process tells of its shards. Another program's numbers are no reason to fail."""
        with self.lock, suppress(KeyError, TypeError, ValueError):
            match name:
                case "missing":
                    self.total = max(self.total, int(event["total"]))
                    sizes = {int(shard): int(size) for shard, size in event["shards"]}
                    self.missing |= {shard: size for shard, size in sizes.items() if shard not in self.finished}
                case "sample":
                    worker.at, worker.doing = int(event["shard"]), int(event["done"])
                case "shard":
                    number = int(event["number"])
                    worker.rendered += self.missing.pop(number, 0)
                    self.finished.add(number)
                    worker.shards, worker.doing = worker.shards + 1, 0

    def _heard(self, worker: _Worker, text: str) -> None:
        """Notes are told once, whoever says them; how many pictures are there differs from one to the next."""
        with self.lock:
            if text not in worker.notes and not text.endswith("pictures are there already"):
                known = any(text in other.notes for other in self.workers)
                worker.notes.add(text)
                if not known:
                    self.waiting_notes.append(text)
        self.woken.set()

    def _crashed(self, worker: _Worker, reason: str) -> None:
        with self.lock:
            where = "" if worker.at is None else f" at shard {worker.at}"
            worker.doing, worker.at = 0, None
            self.reasons.append(reason)
            then = "is given up" if worker.given_up else f"is started again ({worker.crashes} of {MOST_CRASHES})"
            self.waiting_notes.append(f"process {worker.number + 1} on {worker.seat} crashed{where}, {then}: {reason}")
            told = {
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "process": worker.number + 1,
                "seat": str(worker.seat),
                "where": where.strip(),
                "reason": reason,
            }
            with suppress(OSError):
                # a process that dies at its start has not made the folder
                self.request.out.mkdir(parents=True, exist_ok=True)
                with open(self.request.out / CRASHES, "a", encoding="utf-8") as file:
                    file.write(json.dumps(told, ensure_ascii=False) + "\n")

    def _report(self) -> None:
        """Tell what there is to tell, in the thread that asked for all this."""
        with self.lock:
            notes, self.waiting_notes = self.waiting_notes, []
            left = sum(self.missing.values())
            doing = {w.at: w.doing for w in self.workers if w.at in self.missing}
            done = self.total - left + sum(min(self.missing[at or 0], count) for at, count in doing.items())
        for text in notes:
            self.note(text)
        if self.progress is None or (done <= self.most and self.began is not None) or not self.total:
            return
        # what a crash costs is not shown as a step back
        self.most = max(self.most, done)
        self.progress(self.most, self.total, self._rate(self.most))

    def _rate(self, done: int) -> float:
        now = time.monotonic()
        if self.began is None or done <= self.began[1]:  # they may still be starting
            self.began = now, done
        since, already = self.began
        return (done - already) / (now - since) if now > since else 0.0

    def _end_all(self) -> None:
        """End every process: all are asked at once, so that they finish their pictures beside one another."""
        with self.lock:
            running = [w.process for w in self.workers if w.process is not None and w.process.poll() is None]
        for process in running:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
        until = time.monotonic() + _PATIENCE
        for process in running:
            children.end(process, max(0.0, until - time.monotonic()))
