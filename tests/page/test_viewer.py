"""The viewer in the repository is what its sources make."""

import shutil
import subprocess
from pathlib import Path

from scripts.repository import REPOSITORY

DATA = REPOSITORY / "semantify_blender/data/page"
LARGEST = 500_000
"""Bytes of the viewer; every page has it."""


def run(folder: Path, *arguments: str) -> str:
    npm = shutil.which("npm")
    assert npm
    done = subprocess.run([npm, "run", "-s", *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_viewer_is_built_from_its_sources(workshop: Path, tmp_path: Path):
    run(workshop, "build", "--", str(tmp_path))
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {"viewer.js", "viewer.css", "LICENSES.txt"}
    for name, content in made.items():
        assert (DATA / name).read_bytes() == content, f"{name} is not of these sources: make viewer"


def test_types_of_the_viewer_are_sound(workshop: Path):
    assert run(workshop, "check") == ""


def test_the_viewer_is_small_and_says_what_is_in_it():
    script = (DATA / "viewer.js").read_text(encoding="utf-8")
    assert len(script.encode()) <= LARGEST
    assert "</script" not in script.lower()
    assert "innerHTML" not in "".join(path.read_text() for path in (REPOSITORY / "page/src").rglob("*.js"))
    assert "The MIT License" in (DATA / "LICENSES.txt").read_text(encoding="utf-8")
    for path in (REPOSITORY / "page/src").rglob("*.js"):
        assert "style=" not in path.read_text(encoding="utf-8"), path
