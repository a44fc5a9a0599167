"""Every option of `semantify`: numbers out of range, options that exclude each other, helps, versions, closed pipes."""

import argparse
import importlib.util
import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import semantify_blender
from semantify_blender.cli import main as cli
from semantify_blender.cli.blender import BLENDER_VERBS
from semantify_blender.cli.options import Parser, word_ends
from semantify_blender.cli.process import device, devices
from semantify_blender.core.errors import SemantifyError
from tests.cli.options_read import verbs_of
from tests.synthetic import synthetic_model

VERBS = {name: parser for name, parser in verbs_of(cli._parser()).items() if name not in BLENDER_VERBS}
BAD = ("0", "-1", "nan", "1e9", "x", "-inf", "9" * 5000, "")
ALLOWED = {
    "0": {
        "seed",
        "seeds",
        "training_seeds",
        "cycle",
        "hold",
        "rest",
        "low",
        "threshold",
        "noticeable",
        "low_score",
        "high_score",
        "rest_score",
    },
    "-1": {"low_score", "high_score", "rest_score"},
    "1e9": set(),
}
"""What of BAD means something, and for which options."""
WITH = {"training_seeds": ("--data", "mapper=folder")}
"""What some options are of use with only."""


def numeric(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Its options that take a number: those with a type that is no path and no processor, tried with one that all but
    --help take.
    """
    return [a for a in parser._actions if a.type not in (None, Path, device, devices) and a.option_strings]


def required(parser: argparse.ArgumentParser) -> list[str]:
    """The shortest command line that a verb takes."""
    words: list[str] = []
    for action in parser._actions:
        if action.required:
            words += [*action.option_strings[:1], "something"]
    return words


CASES = [(verb, action) for verb, parser in VERBS.items() for action in numeric(parser)]


def test_the_numeric_options_are_found() -> None:
    assert {verb for verb, _ in CASES} >= {"select", "train", "evaluate", "run", "table1", "ablate", "study", "fitter"}
    assert len(CASES) > 50
    for _, action in CASES:
        assert action.type not in (int, float), f"{action.option_strings}: has no limits"


@pytest.mark.parametrize(("verb", "action"), CASES, ids=[f"{v}{a.option_strings[0]}" for v, a in CASES])
def test_a_number_out_of_range_is_one_sentence(verb, action, capsys, monkeypatch) -> None:
    monkeypatch.setattr(cli, "_training", lambda *_: lambda options: None)
    option = action.option_strings[0]
    for value in BAD:
        status = cli.main([verb, *required(VERBS[verb]), *WITH.get(action.dest, ()), f"{option}={value}"])
        captured = capsys.readouterr()
        if action.dest in ALLOWED.get(value, ()):
            assert status == 0, captured.err
            continue
        assert status == 2, f"{option}={value[:20]}"
        assert captured.err.startswith(f"error: {option} is {value[:40]}: give a ")
        assert captured.err.count("\n") == 1
        assert len(captured.err) < 250


@pytest.mark.parametrize("verb", VERBS)
def test_a_help_says_what_every_option_is_and_no_nonsense(verb, capsys) -> None:
    assert all(action.help for action in VERBS[verb]._actions)
    with pytest.raises(SystemExit) as stopped:
        cli.main([verb, "--help"])
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith(f"usage: semantify {verb}")
    assert not re.search(r"default:\s+(None|False|\[\])", out)


@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: Blender's verbs answer there")
@pytest.mark.parametrize("verb", BLENDER_VERBS)
def test_blenders_verbs_call_themselves_by_their_names(verb) -> None:
    from semantify_blender.cli.rendering import _parser

    text = verbs_of(_parser())[BLENDER_VERBS[verb][0]].format_help()
    assert text.startswith(f"usage: semantify {verb} ")
    assert "semantify-render" not in text
    assert not re.search(r"default:\s+(None|False|\[\])", text)


def test_the_version_is_the_projects(capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"semantify {semantify_blender.__version__}\n"
    top = Path(semantify_blender.__file__).resolve().parent.parent
    for name in ("pyproject.toml", "blender_manifest.toml"):
        values = tomllib.loads((top / name).read_text(encoding="utf-8"))
        assert values.get("project", values)["version"] == semantify_blender.__version__


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "did you mean 'train'?"),
        (["evalute", "--mapper", "x"], "did you mean 'evaluate'?"),
        (["select", "--dataset", "d", "--clusterz", "3"], "did you mean '--clusters'?"),
        (["train", "--dataset", "d"], "required: --out"),
        (["run", "--model", "m", "--out", "o", "--engine", "cycels"], "did you mean 'cycles'?"),
    ],
)
def test_a_slip_of_the_finger_is_answered_with_what_was_meant(words, message, capsys) -> None:
    assert cli.main(words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_nothing_at_all_is_answered_with_the_help(capsys) -> None:
    assert cli.main([]) == 2
    assert "usage: semantify" in capsys.readouterr().err


RUN = ["run", "--model", "m", "--out", "o"]
TRAIN = ["train", "--dataset", "d", "--out", "o"]
EVALUATE = ["evaluate", "--mapper", "m", "--dataset", "d", "--out", "o"]
REPORT = ["report", "--evaluation", "e"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([*RUN, "--descriptors", "a", "--count", "3"], "--count cannot be used here: --descriptors names exactly"),
        ([*RUN, "--descriptors", "a", "--threshold", "0.5", "--preset", "b"], "--preset, --threshold cannot be used"),
        ([*RUN, "--descriptors", "a", "--add-back", "variance"], "--add-back cannot be used here"),
        ([*RUN, "--descriptors", "a", "--keep-non-directional"], "--keep-non-directional cannot be used here"),
        ([*RUN, "--words", "a", "--vocabulary", "body", "--clip", "ViT-B-32:openai"], "--words and --vocabulary both"),
        ([*RUN, "--cycle", "0", "--hold", "0.1"], "--hold cannot be used here: --cycle 0 has no cycle term"),
        ([*RUN, "--recipe", "paper", "--rest", "0.1"], "--rest cannot be used here: --recipe paper has no cycle term"),
        ([*TRAIN, "--selection", "s", "--descriptors", "a"], "--selection cannot be used here"),
        ([*TRAIN, "--recipe", "paper", "--compare"], "--compare cannot be used here: --recipe paper has no cycle term"),
        ([*EVALUATE, "--no-render", "--steps", "21"], "--steps cannot be used here: --no-render leaves out"),
        ([*EVALUATE, "--subjects", "100"], "--subjects cannot be used here: it says how fits to pictures are"),
        ([*EVALUATE, "--image-to-shape", "--no-save"], "--no-save cannot be used here: --image-to-shape measures fits"),
        ([*EVALUATE, "--scores", "s"], "--scores cannot be used here"),
        ([*REPORT, "--dataset", "d"], "--dataset cannot be used here"),
        ([*RUN, "--descriptors", "a", "--lexicon", "off"], "--lexicon cannot be used here: --descriptors names"),
        ([*RUN, "--low", "5", "--low-score", "15"], "--low cannot be used here: --low-score says where the low"),
        ([*TRAIN, "--recipe", "authors", "--high", "90"], "--high cannot be used here: --recipe authors has its ends"),
        (
            [*RUN, "--recipe", "authors", "--hold", "1"],
            "--hold cannot be used here: --recipe authors has no cycle term",
        ),
        ([*RUN, "--score-ends", "small=50:0"], "--score-ends is small=50:0: give a word and scores of its ends"),
        ([*RUN, "--score-ends", "small=0:50:90"], "--score-ends is small=0:50:90: give a word and scores"),
        (["table1", "--only", "a", "--model", "b"], "--model cannot be used here: --only names all the models"),
    ],
)
def test_options_that_would_silently_win_over_each_other(words, message, capsys, monkeypatch) -> None:
    monkeypatch.setattr(cli, "_training", lambda *_: pytest.fail("it began to work"))
    assert cli.main(words) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_an_option_that_this_kind_of_model_has_no_use_for_is_refused() -> None:
    pytest.importorskip("open_clip", reason="the verbs' functions need torch and open_clip")
    from semantify_blender.cli.training_verbs import recipe_of

    plain = synthetic_model()
    keyed = replace(plain, ranges=np.tile(np.float32([0, 1]), (plain.component_count, 1)))
    parser = cli._parser()
    for words, refused, taken in ((["--rest", "0.1"], plain, keyed), (["--bound", "3"], keyed, plain)):
        options = parser.parse_args([*TRAIN, *words])
        assert recipe_of(options, taken)
        with pytest.raises(SemantifyError, match=f"{words[0]} cannot be used here"):
            recipe_of(options, refused)


@pytest.mark.parametrize(
    "words",
    [
        [*RUN, "--descriptors", "a", "--clusters", "3"],  # the report shows them
        [*RUN, "--words", "a", "--vocabulary", "face-shape"],  # it says which small CLIP
        [*RUN, "--preset", "a", "--count", "3"],
        [*TRAIN, "--recipe", "paper", "--cycle", "1", "--compare"],
        [*RUN, "--recipe", "paper", "--low-score", "15", "--high-score", "30", "--rest-score", "20"],
        [*RUN, "--recipe", "authors", "--score-ends", "small=0:50:20", "pear shaped=-3:4e1", "--hidden", "800", "500"],
        ["ablate", "--lexicon", "paper", "--signed-correlation", "--cluster-views", "front", "--keep-non-directional"],
        [*EVALUATE, "--no-render", "--selection", "s", "--scores", "s"],
        [*EVALUATE, "--image-to-shape", "--subjects", "5", "--picture-samples", "4"],
    ],
)
def test_options_that_go_together(words, monkeypatch) -> None:
    monkeypatch.setattr(cli, "_training", lambda *_: lambda options: None)
    assert cli.main(words) == 0


def test_rules_name_options_that_there_are() -> None:
    from semantify_blender.cli.rules import RULES

    for rule in RULES:
        for verb in rule.verbs:
            known = {action.dest for action in VERBS[verb]._actions}
            assert {rule.because, *rule.options} <= known
    assert isinstance(VERBS["run"], Parser)


@pytest.mark.parametrize(("words", "status"), [(["--help"], 0), (["run", "--help"], 0), (["models"], 141)])
def test_head_closes_the_pipe_and_no_traceback_follows(words, status) -> None:
    """The reader is gone before the first byte: as `… | head -0`. argparse itself says nothing of it in a help."""
    code = "import sys; sys.stdin.read(); from semantify_blender.cli.main import main; sys.exit(main(sys.argv[1:]))"
    both = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, *words], **both) as child:
        child.stdout.close()
        child.stdin.close()
        assert child.stderr.read() == b""
    assert child.returncode == status


@pytest.mark.parametrize(
    "text", ["fat", "fat=5", "=5:98", "fat=60:98", "fat=5:40", "fat=a:b", "fat=5:101", "fat=nan:98"]
)
def test_ends_that_are_none_are_refused_by_what_they_are(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="give a word and two percentiles, such as fat=5:98"):
        word_ends(text)


def test_ends_are_of_words_with_spaces_and_equals_signs_too() -> None:
    assert word_ends("broad shoulders=0.5:99") == ("broad shoulders", 0.5, 99.0)
    assert word_ends("a=b=5:98") == ("a=b", 5.0, 98.0)
