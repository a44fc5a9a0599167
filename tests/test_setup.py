"""Setting up where something is missing: a Python that only seems to be there, a Blender that is not to be had."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "scripts" / "setup"
REFUSED = """ERROR: Could not find a version that satisfies the requirement bpy=={} (from versions: {})
ERROR: No matching distribution found for bpy=={}
"""


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(script: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(SCRIPTS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)


def environment_of(folder: Path, *there: str) -> Path:
    """A virtual environment whose pip has only these versions of bpy, and writes down what it is asked to install."""
    listing = REFUSED.format("$wanted", ", ".join(there) or "none", "$wanted")
    answers = "|".join(f"bpy=={version}" for version in there) or "nothing"
    program(
        folder / "bin" / "python",
        f'echo "$@" >>{folder}/asked\n'
        f'for word; do case $word in {answers}) ;; bpy==*) wanted=${{word#bpy==}}; echo "{listing}" >&2; exit 1 ;; '
        "esac; done\n",
    )
    return folder


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (("4.2.21", "4.2.22", "4.3.0"), "4.2.22"),
        (("4.2.0", "4.2.30", "5.0.1"), "4.2.30"),
        (("3.6.0", "4.3.0", "5.0.1"), "4.3.0"),
        (("4.2.22", "4.2.24"), "4.2.24"),
    ],
)
def test_a_blender_that_is_gone_is_replaced_by_the_nearest_loudly(tmp_path: Path, there: tuple[str, ...], taken: str):
    done = run("setup.sh", environment_of(tmp_path / "venv", *there), "numpy", "bpy==4.2.23", "-e", ".[a,b]")
    assert done.returncode == 0, done.stderr
    assert f"bpy 4.2.23 is no longer to be had; TAKING bpy {taken} INSTEAD" in done.stderr
    asked = (tmp_path / "venv" / "asked").read_text().splitlines()
    assert asked[-1].endswith(f"numpy bpy=={taken} -e .[a,b]")


def test_a_blender_that_is_there_is_taken_without_a_word(tmp_path: Path):
    done = run("setup.sh", environment_of(tmp_path / "venv", "4.2.23", "4.2.24"), "bpy==4.2.23", "numpy")
    assert (done.returncode, done.stderr) == (0, "")
    assert len((tmp_path / "venv" / "asked").read_text().splitlines()) == 1


def test_without_any_blender_or_for_other_failures_setup_fails(tmp_path: Path):
    done = run("setup.sh", environment_of(tmp_path / "venv"), "bpy==4.2.23")
    assert done.returncode == 1
    assert "there is no bpy for Python 3" in done.stderr
    program(tmp_path / "full" / "bin" / "python", 'echo "ERROR: No space left on device" >&2; exit 1\n')
    done = run("setup.sh", tmp_path / "full", "bpy==4.2.23")
    assert done.returncode == 1
    assert done.stderr == "ERROR: No space left on device\n"


def test_a_shim_that_does_not_run_is_no_python(tmp_path: Path):
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    shim = program(tmp_path / "shims" / f"python{own}", "echo 'command not found' >&2; exit 127\n")
    path = f"{shim.parent}:{os.environ['PATH']}"
    found = run("find_python.sh", own, PATH=path)
    assert found.returncode == 0, "tests run in a Python of this version, so there is one"
    assert found.stdout.strip() != str(shim)
    assert found.stdout.count("\n") == 1
    assert run("find_python.sh", "3.1", PATH=path).returncode == 1


def test_a_version_managers_python_is_found_behind_its_shim(tmp_path: Path):
    program(tmp_path / "bin" / "python3.77", "exit 127\n")
    program(tmp_path / "bin" / "pyenv", f'[ "$1" = root ] && echo {tmp_path}/pyenv\n')
    program(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python", "exit 1\n")
    sound = program(tmp_path / "pyenv" / "versions" / "3.77.0" / "bin" / "python", "exit 0\n")
    found = run("find_python.sh", "3.77", PATH=f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert found.stdout == f"{sound}\n"


def test_what_the_caller_could_not_start_is_said_at_the_end(tmp_path: Path):
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", str(tmp_path), "--rootdir", str(tmp_path)]
    environment = {**os.environ, "SEMANTIFY_DID_NOT_RUN": "bpy 9.9", "SEMANTIFY_REQUIRE_ALL_TIERS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=REPOSITORY, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "DID NOT RUN: bpy 9.9" in done.stdout
