"""Parts of a dataset: what is given, what schedulers say, and what an array that is run again does not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files import claims
from semantify_blender.core.missing import missing_of
from semantify_blender.core.parts import PARTS_FILE, Parts, part_from, part_of, ranges
from tests.core.test_dataset import samples, spec
from tests.import_graph import REPOSITORY


def slurm(task: int, first: int, last: int, step: int = 1, count: int | None = None) -> dict[str, str]:
    names = {"ID": task, "MIN": first, "MAX": last, "STEP": step, "COUNT": count or (last - first) // step + 1}
    return {f"SLURM_ARRAY_TASK_{name}": str(value) for name, value in names.items()}


def test_a_part_is_given_by_its_number(tmp_path: Path) -> None:
    assert part_of("2/8", tmp_path) == part_from("2/8", "--shard") == (1, 8)
    assert not list(tmp_path.iterdir()), "nothing is remembered of it"
    for wrong in ("0/2", "3/2", "a/b", "2", "²/3", ""):
        with pytest.raises(SemantifyError, match=r"--shard is .*for example 2/8"):
            part_of(wrong, tmp_path)


@pytest.mark.parametrize(
    ("variables", "part"),
    [
        (slurm(3, 0, 9), (3, 10)),
        (slurm(3, 1, 10), (2, 10)),
        (slurm(6, 0, 18, 2), (3, 10)),
        ({"SGE_TASK_ID": "3", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "10", "SGE_TASK_STEPSIZE": "1"}, (2, 10)),
        ({"LSB_JOBINDEX": "3", "LSB_JOBINDEX_END": "10", "LSB_JOBINDEX_STEP": "1"}, (2, 10)),
        ({"AWS_BATCH_JOB_ARRAY_INDEX": "3", "AWS_BATCH_JOB_ARRAY_SIZE": "10"}, (3, 10)),
    ],
    ids=["slurm", "slurm from 1", "slurm in steps", "grid engine", "lsf", "aws batch"],
)
def test_auto_is_the_part_of_an_arrays_task(tmp_path: Path, variables: dict[str, str], part: tuple[int, int]) -> None:
    assert part_of("auto", tmp_path, variables) == part
    assert part_of("auto/10", tmp_path, variables) == part


def test_where_the_number_of_tasks_is_not_told_it_is_given(tmp_path: Path) -> None:
    for name in ("PBS_ARRAY_INDEX", "PBS_ARRAYID", "JOB_COMPLETION_INDEX"):
        with pytest.raises(SemantifyError, match=r"does not say how many.*auto/n, n of them numbered from 0"):
            part_of("auto", tmp_path / name, {name: "3"})
        assert part_of("auto/8", tmp_path / name, {name: "3"}) == (3, 8)
        assert part_of("auto", tmp_path / name, {name: "4"}) == (4, 8), "and remembered"


def test_an_array_that_is_run_again_goes_by_the_first_one(tmp_path: Path) -> None:
    assert part_of("auto", tmp_path, slurm(0, 0, 99)) == (0, 100)
    # --array=3,7-9, and --array=5
    assert part_of("auto", tmp_path, slurm(7, 3, 9, count=4)) == (7, 100)
    assert part_of("auto", tmp_path, slurm(5, 5, 5)) == (5, 100)
    with pytest.raises(SemantifyError, match=r"task 100 .*parts\.json has 100, of tasks 0 to 99; .*delete that file"):
        part_of("auto", tmp_path, slurm(100, 0, 100))
    with pytest.raises(SemantifyError, match=r"auto/8.*says that there are 100 parts"):
        part_of("auto/8", tmp_path, slurm(3, 0, 7))


def test_an_array_with_gaps_says_nothing_of_parts(tmp_path: Path) -> None:
    with pytest.raises(SemantifyError, match=r"4 tasks between 3 and 9.*auto/n"):
        part_of("auto", tmp_path, slurm(3, 3, 9, count=4))
    assert part_of("auto/10", tmp_path, slurm(3, 3, 9, count=4)) == (3, 10)


def test_outside_an_array_auto_is_one_sentence(tmp_path: Path) -> None:
    for variables in ({}, {"SGE_TASK_ID": "undefined"}, {"LSB_JOBINDEX": "0"}):
        with pytest.raises(SemantifyError, match=r"no task of a job array .*SLURM_ARRAY_TASK_ID"):
            part_of("auto", tmp_path, variables)
    with pytest.raises(SemantifyError, match="auto/n with the number of tasks"):
        part_of("auto/0", tmp_path, slurm(0, 0, 3))


def test_a_file_of_parts_that_is_none_is_named(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"schema": "semantify.parts/1", "count": 0, "first": 0, "step": 1}', '{"count": 3}'):
        (tmp_path / PARTS_FILE).write_text(text)
        with pytest.raises(FileFormatError, match=r"parts\.json"):
            Parts.load(tmp_path)


def test_of_tasks_that_begin_at_once_the_first_divides(tmp_path: Path) -> None:
    code = (
        "import sys; from semantify_blender.core.parts import Parts; count = int(sys.argv[2]);"
        "print(Parts(count, 1).keep(sys.argv[1]).count)"
    )
    folder = tmp_path / "set"
    words = [sys.executable, "-c", code, str(folder)]
    tasks = [
        subprocess.Popen([*words, str(count)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for count in (4, 5, 6)
    ]
    said = {int(task.communicate(timeout=60)[0]) for task in tasks}
    assert said == {json.loads((folder / PARTS_FILE).read_text())["count"]}
    assert [path.name for path in folder.iterdir()] == [PARTS_FILE]


def test_ranges_are_as_schedulers_take_them() -> None:
    assert ranges([3, 7, 8, 9]) == "3,7-9"
    assert ranges([0, 1]) == "0-1"
    assert ranges([]) == ""


def rendered(folder: Path, missing: set[int] = frozenset(), count: int = 30) -> DatasetSpec:
    made = spec(samples=count)
    made.save(folder)
    for shard in set(range(made.shard_count)) - missing:
        made.write_shard(folder, shard, samples(made.shard_range(shard)))
    return made


def test_what_is_missing_is_told_as_tasks(tmp_path: Path) -> None:
    rendered(tmp_path, {3, 7, 8, 9})
    found = missing_of(tmp_path)
    assert (found.shards, found.missing, found.running, found.remembered) == (10, (3, 7, 8, 9), (), False)
    assert ranges(found.tasks) == "3,7-9"
    Parts(4, 1).keep(tmp_path)
    # part i has shards i, i + 4, i + 8: shards 3 and 7, 8, 9 are those of tasks 4, 1 and 2
    assert missing_of(tmp_path).tasks == [1, 2, 4]


def test_shards_that_are_cut_short_or_too_few_are_missing_and_those_at_work_are_not(tmp_path: Path) -> None:
    made = rendered(tmp_path, {2, 5})
    for shard, size in ((0, 0), (4, 700)):
        path = made.shard_path(tmp_path, shard)
        path.write_bytes(path.read_bytes()[:size])
    claims.claim_path(made.shard_path(tmp_path, 2)).write_text(
        json.dumps({"node": claims.this_node(), "process": os.getppid()})
    )
    spec(samples=32).save(tmp_path)
    found = missing_of(tmp_path)
    assert (found.missing, found.running) == ((0, 4, 5, 10), (2,))
    rendered(tmp_path / "short", count=31)
    spec(samples=33).save(tmp_path / "short")
    assert missing_of(tmp_path / "short").missing == (10,)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("auto", {"AWS_BATCH_JOB_ARRAY_INDEX": "0", "AWS_BATCH_JOB_ARRAY_SIZE": "0"}),
        ("auto", {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_MIN": "0", "SLURM_ARRAY_TASK_MAX": "3000000"}),
        ("auto/4", {"PBS_ARRAY_INDEX": "4"}),
        ("auto/٣", {"PBS_ARRAY_INDEX": "1"}),
    ],
)
def test_what_is_refused_divides_nothing(tmp_path: Path, text: str, variables: dict[str, str]) -> None:
    """Else the corrected command would meet the parts of the wrong one."""
    with pytest.raises(SemantifyError):
        part_of(text, tmp_path, variables)
    assert list(tmp_path.iterdir()) == []
