"""`make models`: scripts and verbs that there are, with options that they know, each after what it needs."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.repository import REPOSITORY

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
CLI = "\n".join(file.read_text(encoding="utf-8") for file in (REPOSITORY / "semantify_blender" / "cli").glob("*.py"))


def steps(build: Path, *arguments: str) -> list[list[str]]:
    """The commands that would run, in order, without their environment."""
    command = ["make", "-n", "models", f"BUILD={build}", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    lines = done.stdout.replace("\\\n", " ").splitlines()
    found = [shlex.split(line) for line in lines if line.startswith("SEMANTIFY_DATA=")]
    assert all(words[0].startswith("SEMANTIFY_DATA=") for words in found)
    return [words[1:] for words in found]


def named(words: list[str]) -> str:
    """A step's script or verb, and what it is about."""
    return " ".join(words[1:3]) if words[0].endswith("python") else f"semantify {words[1]} {words[3]}"


def test_every_step_is_a_script_or_verb_with_options_that_it_knows(tmp_path: Path) -> None:
    found = steps(tmp_path)
    assert len(found) > 30
    for words in found:
        options = {re.sub("=.*", "", word) for word in words if word.startswith("--")}
        if words[0].endswith("python"):
            script = REPOSITORY / words[1]
            assert script.is_file(), words
            known = script.read_text(encoding="utf-8")
        else:
            assert words[0].endswith("semantify")
            assert f'"{words[1]}"' in CLI, words
            known = CLI
        unknown = [option for option in options if f'"{option}"' not in known]
        assert not unknown, (words, unknown)


@pytest.mark.parametrize("subject", ["body", "face", "animal"])
def test_a_step_comes_after_what_it_needs(tmp_path: Path, subject: str) -> None:
    order = [named(words) for words in steps(tmp_path, f"SUBJECTS={subject}")]
    model = {"body": "anny-body-neutral", "face": "anny-face-shape", "animal": "quadruped"}[subject]
    wanted = [
        f"scripts/small_clip/data.py {subject}",
        f"scripts/small_clip/train.py {subject}",
        f"semantify run {model}",
        f"scripts/small_clip/train_image_encoder.py {subject}",
        f"semantify fitter {model}",
    ]
    places = [order.index(step) for step in wanted if step in order]
    assert len(places) == len(wanted), order
    assert places == sorted(places)
    others = {"body", "face", "animal"} - {subject}
    assert not [step for step in order if any(other in step.split() for other in others)]


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    whole = steps(tmp_path, "SUBJECTS=animal")
    for name in ("animal.models", "animal.pictures", "animal.clip"):
        (state / name).touch()
    rest = steps(tmp_path, "SUBJECTS=animal")
    assert 0 < len(rest) < len(whole)
    assert not any("small_clip/train.py" in " ".join(words) for words in rest)
