"""Benchmarks run on what is shipped, few turns of each: they are started by hand and would break unseen."""

import subprocess
import sys

import pytest

from scripts.repository import REPOSITORY

SMALL = {
    "crowd.py": ["--people", "3"],
    "enabling.py": ["--starts", "1"],
    "fitting.py": ["embedded", "--rounds", "1"],
    "pose.py": ["--count", "1"],
    "rendering.py": ["memory", "--samples", "10"],
    "slider.py": ["--changes", "10", "--frames", "2", "--own-keys", "3", "--others", "1"],
}


def run(name: str, *words: str) -> str:
    """What a benchmark prints, which must end well."""
    command = [sys.executable, str(REPOSITORY / "benchmarks" / name), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SMALL)
def test_a_benchmark_runs_on_what_is_shipped(name: str) -> None:
    assert run(name, *SMALL[name]).strip()


def test_the_bare_loop_renders_the_meshes_that_the_project_renders() -> None:
    small = ["--rounds", "1", "--pictures", "2", "--size", "16", "--engine-samples", "1", "--engines", "cycles"]
    lines = [line.split() for line in run("rendering.py", "speed", *small).splitlines()]
    assert {line[1] for line in lines if line[3:4] == ["images/s"]} >= {"bare", "ours"}
