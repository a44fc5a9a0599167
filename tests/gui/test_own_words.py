"""Words of one's own in the real Blender's window, trained in a Python that has torch where Blender is.

That Python is this one: a wrapper around Blender shows it in there ($BLENDER_BIND). Where it cannot run there, the
tests did not run, and say so.
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from scripts.build_extension import blender_environment, build_zip
from scripts.repository import REPOSITORY
from semantify_blender.core.library import available
from tests.gui.test_gui import BLENDER, _command

pytestmark = [
    pytest.mark.skipif(not BLENDER, reason="TIER MISSING real Blender GUI: set $BLENDER"),
    pytest.mark.skipif(
        not all(find_spec(name) for name in ("torch", "open_clip", "sklearn")),
        reason="TIER MISSING own words in the real Blender: this Python has no torch, open_clip and scikit-learn",
    ),
    pytest.mark.skipif("anny-body-neutral" not in available("mappers"), reason="the words are of the embedded person"),
]
OUT = REPOSITORY / "out" / "gui-own-words"


def _environment() -> dict[str, str]:
    """Where Blender is, this Python is seen too: its environment, and the Python that that is of."""
    environment = blender_environment()
    folders = dict.fromkeys([environment["BLENDER_BIND"], sys.prefix, sys.base_prefix])
    return {**environment, "BLENDER_BIND": ":".join(filter(None, folders))}


def _check_python(prefix: list[str], environment: dict[str, str]) -> None:
    """Skip as a tier that is missing, with the reason, where this Python cannot run there."""
    code = "import torch, open_clip, sklearn"
    command = [*prefix, sys.executable, "-E", "-c", code]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        pytest.skip(f"TIER MISSING own words in the real Blender: {sys.executable} does not run there ({said})")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    prefix, blender = _command()
    environment = _environment()
    _check_python(prefix, environment)
    folder: Path = tmp_path_factory.mktemp("own-words")
    command = [*prefix, "python3", str(REPOSITORY / "tests/gui/own_words.py"), "--blender", blender]
    command += ["--zip", str(build_zip(folder)), "--python", sys.executable, "--out", str(OUT)]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=1200)
    if done.returncode:
        pytest.fail(f"the session broke off:\n{done.stdout}{done.stderr}", pytrace=False)
    return json.loads(done.stdout.splitlines()[-1])


def test_words_are_listed_and_a_click_begins_to_train(session: dict[str, Any]) -> None:
    assert session["words"] == ["slim", "stocky"]
    assert session["running"]["running"]
    assert session["running"]["text"]


def test_escape_cancels_and_what_was_done_is_offered_again(session: dict[str, Any]) -> None:
    assert session["cancelled"]["cancelled"]
    assert session["kept"] == ["mine"]


def test_it_goes_on_to_its_end_with_progress(session: dict[str, Any]) -> None:
    assert session["ended"]["error"] == ""
    assert session["ended"]["fraction"] == 1
    fractions = session["fractions"]
    assert fractions == sorted(fractions)
    assert len(fractions) > 5
    assert session["trained"]["words"] == ["slim", "stocky"]
    assert "mine" in session["mappers"]


def test_its_sheet_is_shown_and_a_click_uses_it_on_the_character(session: dict[str, Any]) -> None:
    assert session["popover"]
    assert list(session["used"]["sliders"]) == ["slim", "stocky"]
    assert session["dragged"]["sliders"]["slim"] > 0.1
    assert session["dragged"]["positions"] != session["used"]["positions"]


def test_nothing_went_wrong_and_screenshots_are_kept(session: dict[str, Any]) -> None:
    assert session["errors"] == []
    assert all(path.stat().st_size > 20_000 for path in OUT.glob("*.png"))
    assert len(list(OUT.glob("*.png"))) == 5
