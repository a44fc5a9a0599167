"""No option of `semantify` may be accepted and ignored."""

import argparse
import ast
from dataclasses import fields
from pathlib import Path

import pytest

from semantify_blender.cli import main as cli
from semantify_blender.cli.blender import BLENDER_VERBS
from tests.cli.options_read import attributes_read, options_of, read_by, unused_parameters, verbs_of

pytest.importorskip("open_clip", reason="the verbs' functions need torch and open_clip")
VERBS = {name: parser for name, parser in verbs_of(cli._parser()).items() if name not in BLENDER_VERBS}


def entries(parser: argparse.ArgumentParser, patch: pytest.MonkeyPatch) -> list[object]:
    """What a verb's parser runs: a function of the training side, or its own."""
    found: list[object] = []
    real = cli._training

    def record(module: str, name: str) -> object:
        found.append(real(module, name))
        return lambda options: None

    patch.setattr(cli, "_training", record)
    run = parser.get_default("run")
    if run.__name__ == "<lambda>":
        run(argparse.Namespace())
        return found
    return [run]


@pytest.mark.parametrize("verb", VERBS)
def test_every_option_of_every_verb_is_read(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = VERBS[verb]
    read = read_by(cli._run)
    for entry in entries(parser, monkeypatch):
        read |= read_by(entry)
    assert not options_of(parser) - read


def nobody_reads(options: argparse.Namespace) -> None:
    """For the test below."""
    somebody_reads(options)


def somebody_reads(options: argparse.Namespace) -> object:
    """For the test below."""
    return options.count, getattr(options, "out", None)


def test_an_option_that_is_ignored_is_found() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--count", "--out", "--batch"):
        parser.add_argument(name)
    assert options_of(parser) - read_by(nobody_reads) == {"batch"}


PACKAGE = Path(cli.__file__).parent.parent
BELOW = {file: ast.parse(file.read_text(encoding="utf-8")) for file in (PACKAGE / "training").rglob("*.py")}
OF_OTHERS = {("_by_scores", "known"), ("semantify_small", "pretrained")}
"""Parameters that a signature must have: of fits.Method's, and of timm's."""


def test_training_takes_nothing_that_it_ignores() -> None:
    """An option that was read may still be dropped below, where it is a parameter."""
    assert len(BELOW) > 30
    assert set().union(*map(unused_parameters, BELOW.values())) == OF_OTHERS


def test_what_options_are_put_into_is_read() -> None:
    """Or as a field of a dataclass."""
    from semantify_blender.training.experiments.ablation import Grid
    from semantify_blender.training.experiments.workplace import Sources
    from semantify_blender.training.fitter.measured import PicturePlan
    from semantify_blender.training.fitter.train import FitterRecipe
    from semantify_blender.training.line import Line
    from semantify_blender.training.mapper.recipe import Recipe
    from semantify_blender.training.selection.selection import SelectionOptions

    read = attributes_read(BELOW.values())
    for kind in (Line, SelectionOptions, Recipe, Sources, Grid, PicturePlan, FitterRecipe):
        assert not {field.name for field in fields(kind)} - read, kind


def test_a_parameter_and_a_field_that_are_ignored_are_found() -> None:
    tree = ast.parse(
        "def work(one, *, two=2, **rest):\n"
        '    "Of three."\n'
        "    self.three = one\n"
        "    return lambda: rest\n"
        "def later(four):\n"
        '    "Of a protocol."\n'
    )
    assert unused_parameters(tree) == {("work", "two")}
    assert attributes_read([tree]) == set()
    assert attributes_read([ast.parse("print(options.one.two)")]) == {"one", "two"}
