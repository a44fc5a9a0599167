"""The tour of docs/tour.md, played in a real Blender: what comes out of its file at the end."""

import json
import subprocess
from pathlib import Path

import pytest

from scripts.build_extension import blender_environment, build_zip
from scripts.repository import REPOSITORY
from semantify_blender.core.library import available
from tests.gui.test_gui import BLENDER, _command, _pictures

pytestmark = [
    pytest.mark.skipif(not BLENDER, reason="TIER MISSING real Blender GUI: set $BLENDER"),
    pytest.mark.skipif("anny-body-neutral" not in available("mappers"), reason="the tour is of the embedded person"),
]


def test_the_tour_ends_with_two_people_a_walk_and_a_file(tmp_path: Path) -> None:
    prefix, blender = _command()
    command = [*prefix, "python3", str(REPOSITORY / "tests/gui/tour.py"), "--blender", blender, "--out", str(tmp_path)]
    command += ["--zip", str(build_zip(tmp_path / "zip")), "--picture", str(_pictures(tmp_path) / "photograph.jpg")]
    done = subprocess.run(
        command, cwd=REPOSITORY, env=blender_environment(), capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["bytes"] > 500_000
    assert found["objects"].count("ARMATURE") == 1
    assert found["objects"].count("MESH") >= 2
    assert found["bones"] == 53
    assert found["actions"]
    assert all((tmp_path / f"{name}.png").is_file() for name in ("describe", "walk", "drag", "fitted"))
