"""`make models`: scripts and verbs that there are, with options that they know, each after what it needs."""

import subprocess
from pathlib import Path

import pytest

from scripts.repository import REPOSITORY
from tests.make_steps import needs_make, steps, unknown

pytestmark = needs_make


def named(words: list[str]) -> str:
    """A step's script or verb, and what it is about."""
    return " ".join(words[1:3]) if words[0].endswith("python") else f"semantify {words[1]} {words[3]}"


def test_every_step_is_a_script_or_verb_with_options_that_it_knows(tmp_path: Path) -> None:
    found = steps("models", tmp_path)
    assert len(found) > 30
    assert [(words, lost) for words in found if (lost := unknown(words))] == []


@pytest.mark.parametrize("subject", ["body", "face", "animal"])
def test_a_step_comes_after_what_it_needs(tmp_path: Path, subject: str) -> None:
    order = [named(words) for words in steps("models", tmp_path, f"SUBJECTS={subject}")]
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
    whole = steps("models", tmp_path, "SUBJECTS=animal")
    for name in ("animal.models", "animal.pictures", "animal.clip"):
        (state / name).touch()
    rest = steps("models", tmp_path, "SUBJECTS=animal")
    assert 0 < len(rest) < len(whole)
    assert not any("small_clip/train.py" in " ".join(words) for words in rest)


def test_shipping_throws_old_figures_away_and_tells_the_pages(tmp_path: Path) -> None:
    command = ["make", "-n", "ship-models", f"BUILD={tmp_path}", "SUBJECTS=face", f"PAGES={tmp_path}/pages"]
    lines = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()
    shipped, thrown, written = (
        lines.index(line)
        for line in (
            f"cp -r {tmp_path}/data/. semantify_blender/data/",
            f"rm -rf {tmp_path}/figures/face {tmp_path}/figures/others",
            f".venv/bin/python scripts/figures/write.py {tmp_path} --pages {tmp_path}/pages",
        )
    )
    assert shipped < thrown < written
