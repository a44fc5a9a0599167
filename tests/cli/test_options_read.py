"""No option of `semantify` may be accepted and ignored."""

import argparse

import pytest

from semantify_blender.cli import main as cli
from tests.cli.options_read import options_of, read_by, verbs_of

pytest.importorskip("open_clip", reason="the verbs' functions need torch and open_clip")
VERBS = {name: parser for name, parser in verbs_of(cli._parser()).items() if name not in cli.BLENDER_VERBS}


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
