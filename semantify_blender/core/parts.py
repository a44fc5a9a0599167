"""Which part of a dataset a task renders: "2/8", or "auto", that of a job array's task by its scheduler's variables.

An array that is run again for some tasks only does not say how many parts there were. So the first task that asks
writes it down in the dataset's folder, `parts.json`, and later ones go by that: number 7 means the same shards.
"""

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import FileFormatError, SemantifyError
from .files.json_text import read_json
from .files.schema import conform
from .files.writing import make_folder, unwritable

PARTS_FILE = "parts.json"
_SCHEMA = "semantify.parts/1"
_MOST = 1_000_000


@dataclass(frozen=True)
class _Scheduler:
    """Names of variables. number: of this task. first, last, step, count: of the array, where it says so.

    begins: where its arrays usually begin, told by nobody.
    """

    name: str
    number: str
    first: str = ""
    last: str = ""
    step: str = ""
    count: str = ""
    begins: int = 0


_SCHEDULERS = (
    _Scheduler(
        "Slurm",
        "SLURM_ARRAY_TASK_ID",
        "SLURM_ARRAY_TASK_MIN",
        "SLURM_ARRAY_TASK_MAX",
        "SLURM_ARRAY_TASK_STEP",
        "SLURM_ARRAY_TASK_COUNT",
    ),
    _Scheduler("PBS", "PBS_ARRAY_INDEX"),
    _Scheduler("Torque", "PBS_ARRAYID"),
    _Scheduler("Grid Engine", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", begins=1),
    _Scheduler("LSF", "LSB_JOBINDEX", "", "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", begins=1),
    _Scheduler("AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", count="AWS_BATCH_JOB_ARRAY_SIZE"),
    _Scheduler("Kubernetes", "JOB_COMPLETION_INDEX"),
)
"""In Grid Engine a task of no array has the number "undefined", in LSF 0."""


@dataclass(frozen=True)
class Parts:
    """A dataset in `count` parts; part i is that of the array's task `first` + `step`·i."""

    count: int
    first: int = 0
    step: int = 1

    def part(self, task: int) -> int | None:
        """The part of a task, from 0; None for a task that has none."""
        part, rest = divmod(task - self.first, self.step)
        return part if not rest and 0 <= part < self.count else None

    def tasks(self, parts: set[int]) -> list[int]:
        """The tasks of some parts, in order."""
        return [self.first + self.step * part for part in sorted(parts)]

    @classmethod
    def load(cls, folder: str | Path) -> "Parts | None":
        """What `parts.json` of a dataset's folder says, None where there is none. Raises FileFormatError."""
        path = Path(folder) / PARTS_FILE
        if not path.is_file():
            return None
        values = read_json(path, "delete it")
        conform(path, values, {"schema": str, "count": int, "first": int, "step": int}, "", "delete it")
        found = cls(values["count"], values["first"], values["step"])
        if values["schema"] != _SCHEMA or not (1 <= found.count <= _MOST and found.step >= 1 and found.first >= 0):
            raise FileFormatError(path, "count", "are no parts of a dataset; delete the file")
        return found

    def keep(self, folder: str | Path) -> "Parts":
        """Write `parts.json`, unless it is there; the first of several writers wins. Returns what it says."""
        path = make_folder(folder) / PARTS_FILE
        text = json.dumps({"schema": _SCHEMA, "count": self.count, "first": self.first, "step": self.step}) + "\n"
        aside = path.with_name(f".{PARTS_FILE}.{os.urandom(6).hex()}")
        try:
            aside.write_text(text, encoding="utf-8")
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            except OSError:  # a file system without links: they all write the same unless the user runs two arrays
                os.replace(aside, path)
        except OSError as error:
            raise unwritable(error, path) from error
        finally:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
        return self.load(folder) or self


def part_of(text: str, folder: str | Path, variables: Mapping[str, str] = os.environ) -> tuple[int, int]:
    """(i, n), i from 0, of "2/8", "auto" or "auto/8".

    auto: the task's own part; auto/n for schedulers that do not say how many tasks there are. folder: the dataset's,
    which remembers it. variables: the environment. Raises SemantifyError for anything else, and for a task that is in
    no array, or beyond its parts.
    """
    word, _, given = text.partition("/")
    if word != "auto":
        return part_from(text, "--shard")
    scheduler, task = _task(variables)
    parts = Parts.load(folder)
    if given:
        if not re.fullmatch(r"[0-9]{1,7}", given) or not 1 <= int(given) <= _MOST:
            raise SemantifyError(f"--shard is {text!r}: give auto/n with the number of tasks, for example auto/100")
        known, parts = parts, parts or _given(scheduler, variables, int(given))
        if parts.count != int(given):
            raise SemantifyError(
                f"--shard is {text!r}, but {Path(folder) / PARTS_FILE} says that there are {parts.count} parts: give "
                "auto, or delete that file"
            )
    else:
        known, parts = parts, parts or _array(scheduler, variables)
    part = parts.part(task)
    if known is None and part is not None:
        # only now: a task that belongs to none of them must not fix what the others have
        parts = parts.keep(folder)
        part = parts.part(task)
    if part is None:
        last = parts.first + parts.step * (parts.count - 1)
        if known is None:
            raise SemantifyError(
                f"task {task} of this array has no part: there would be {parts.count}, of tasks {parts.first} to "
                f"{last}; number the array's tasks so, or give --shard i/n"
            )
        raise SemantifyError(
            f"task {task} of this array has no part: {Path(folder) / PARTS_FILE} has {parts.count}, of tasks "
            f"{parts.first} to {last}; run those, or delete that file to divide the dataset anew"
        )
    return part, parts.count


def part_from(text: str, option: str) -> tuple[int, int]:
    """(i, n), i from 0, of "2/8". option: for the message of a SemantifyError."""
    number, _, count = text.partition("/")
    if re.fullmatch(r"\d{1,9}/\d{1,9}", text) and 1 <= int(number) <= int(count):
        return int(number) - 1, int(count)
    raise SemantifyError(f"{option} is {text!r}: give i/n with i in 1..n, for example 2/8")


def ranges(numbers: list[int]) -> str:
    """ "3,7-9" of [3, 7, 8, 9], which come in order."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, run)) for run in runs)


def _task(variables: Mapping[str, str]) -> tuple[_Scheduler, int]:
    for scheduler in _SCHEDULERS:
        number = _number(variables, scheduler.number)
        if number is not None and not (scheduler.name == "LSF" and number == 0):
            return scheduler, number
    names = ", ".join(scheduler.number for scheduler in _SCHEDULERS)
    raise SemantifyError(f"--shard auto: this is no task of a job array (none of {names} is set); give i/n")


def _number(variables: Mapping[str, str], name: str) -> int | None:
    text = variables.get(name, "")
    return int(text) if name and re.fullmatch(r"\d{1,9}", text) else None


def _given(scheduler: _Scheduler, variables: Mapping[str, str], count: int) -> Parts:
    """So many parts: those of the array, if it is a whole one, else of tasks numbered as is usual."""
    with suppress(SemantifyError):
        if (array := _array(scheduler, variables)).count == count:
            return array
    return Parts(count, scheduler.begins)


def _array(scheduler: _Scheduler, variables: Mapping[str, str]) -> Parts:
    """The parts of a whole array. Raises SemantifyError where its variables do not say how many there are."""
    number, last, step, count = (
        _number(variables, name) for name in (scheduler.first, scheduler.last, scheduler.step, scheduler.count)
    )
    first, step = scheduler.begins if number is None else number, step or 1
    spanned = None if last is None else (last - first) // step + 1
    if count is None:
        count = spanned
    if count is None:
        raise SemantifyError(
            f"--shard auto: {scheduler.name} does not say how many tasks the array has; give --shard auto/n, n of them "
            f"numbered from {first}"
        )
    if spanned is not None and spanned != count:
        raise SemantifyError(
            f"--shard auto: this array has {count} tasks between {first} and {last}, so nobody knows how many parts "
            "there are to be; run a whole array first, or give --shard auto/n"
        )
    if not 1 <= count <= _MOST:
        raise SemantifyError(f"--shard auto: {scheduler.name} says that this array has {count} tasks; give --shard i/n")
    return Parts(count, first, step)
