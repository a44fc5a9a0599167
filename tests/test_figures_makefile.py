"""`make figures`: scripts and verbs that there are, each after what it needs, and nothing measured twice."""

import os
from pathlib import Path

import pytest

from scripts.repository import REPOSITORY
from tests.make_steps import needs_make, steps, unknown

pytestmark = needs_make
KINDS = ["sliders", "fits", "experiments", "pictures"]


def told(words: list[str]) -> str:
    return " ".join(words[1:])


def test_every_step_is_a_script_or_verb_with_options_that_it_knows(tmp_path: Path) -> None:
    found = steps("figures", tmp_path, "PHOTOGRAPHS=some/photographs", "BLENDER=blender")
    assert len(found) > 30
    assert [(words, lost) for words in found if (lost := unknown(words))] == []
    whole = [told(words) for words in found]
    assert sum("--photographs some/photographs" in step for step in whole) == 2
    assert sum(step.startswith("-m pytest") for step in whole) == 1


def test_shipped_files_are_measured_and_never_written(tmp_path: Path) -> None:
    found = steps("figures", tmp_path)
    sliders = [words for words in found if words[1] == "evaluate" and "--no-save" in words]
    assert len(sliders) == len(list((REPOSITORY / "semantify_blender" / "data" / "mappers").glob("*.mapper.npz")))
    for words in found:
        assert "--out" not in words or words[words.index("--out") + 1].startswith(str(tmp_path)), words


def test_without_photographs_and_blender_there_is_no_such_step(tmp_path: Path) -> None:
    whole = [told(words) for words in steps("figures", tmp_path, "PHOTOGRAPHS=", "BLENDER=")]
    assert not [step for step in whole if "--photographs" in step or step.startswith("-m pytest")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_alone_has_its_own_steps(tmp_path: Path, kind: str) -> None:
    alone = {told(words) for words in steps("figures", tmp_path, f"FIGURES={kind}", "SUBJECTS=body")}
    whole = {told(words) for words in steps("figures", tmp_path)}
    assert alone
    assert alone < whole
    assert not [step for step in alone if "quadruped" in step or "anny-face" in step]


def test_examples_come_after_the_fits_that_they_show(tmp_path: Path) -> None:
    order = [told(words) for words in steps("figures", tmp_path, "FIGURES=pictures", "SUBJECTS=body")]
    shapes, fits, examples = (
        next(i for i, step in enumerate(order) if what in step)
        for what in ("body/unseen --count", "--image-to-shape", "fit_examples.py")
    )
    assert shapes < fits < examples


def test_pictures_of_make_models_are_used_and_others_are_rendered(tmp_path: Path) -> None:
    arguments = "FIGURES=fits", "SUBJECTS=animal"
    assert any("--look wild" in told(words) for words in steps("figures", tmp_path, *arguments))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "animal-0.wild").touch()
    (only,) = steps("figures", tmp_path, *arguments)
    assert only[only.index("--dataset") + 1] == str(tmp_path / "renders" / "animal-0")


def test_what_is_measured_is_not_measured_again_until_a_file_is_newer(tmp_path: Path) -> None:
    arguments = "FIGURES=sliders", "SUBJECTS=animal"
    assert len(steps("figures", tmp_path, *arguments)) == 2
    folder = tmp_path / "figures" / "animal"
    folder.mkdir(parents=True)
    for name in ("begun", "quadruped.sliders"):
        (folder / name).touch()
    assert steps("figures", tmp_path, *arguments) == []
    os.utime(folder / "begun", (1, 1))
    assert len(steps("figures", tmp_path, *arguments)) == 2
