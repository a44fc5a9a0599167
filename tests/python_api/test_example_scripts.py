"""docs/examples: each script runs as it stands, with few samples, and leaves what it says."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.scoring.example_scorers import EXAMPLE, install

pytest.importorskip("open_clip", reason="scoring needs torch and open_clip")
pytestmark = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the examples render")
SCRIPTS = EXAMPLE.parent


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to run in, with the example's scorers installed beside it."""
    place = tmp_path_factory.mktemp("scripts")
    (place / "site").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        install(EXAMPLE, place / "site", patch)
    return place


def run(place: Path, name: str) -> str:
    """What a script prints."""
    paths = os.pathsep.join([str(place / "site"), str(SCRIPTS.parents[1])])
    environment = {**os.environ, "SAMPLES": "16", "PYTHONPATH": paths, "CUDA_VISIBLE_DEVICES": ""}
    environment.pop("BLENDER", None)
    command = [sys.executable, str(SCRIPTS / name)]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_model_of_ones_own_and_what_a_run_says(place: Path) -> None:
    told = run(place, "own_model.py")
    assert "Rendering 16 shapes of vase" in told
    assert "fat: " in told
    read = run(place, "reading_results.py")
    assert "made by semantify" in read
    assert "tall: given by you" in read.replace("preset", "given by you")
    assert (place / "shape.obj").read_text(encoding="utf-8").count("\nf ") == 23 * 32


def test_a_scorer_of_ones_own(place: Path) -> None:
    told = run(place, "own_scorer.py")
    assert "silhouette: tall and the body's height correlate 0.9" in told
    assert "of the variance, on samples that chose nothing" in told


def test_every_example_is_on_the_page() -> None:
    page = (SCRIPTS.parent / "python.md").read_text(encoding="utf-8")
    for path in [*SCRIPTS.glob("*.py"), EXAMPLE]:
        assert f"examples/{path.name}" in page
