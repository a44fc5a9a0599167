"""docs/paper.md: its commands are ones that there are, its options exist, its table is the paper's."""

import re
import shlex
from pathlib import Path

import pytest

from semantify_blender.cli import main as cli
from semantify_blender.cli.options import RECIPE_NAMES
from semantify_blender.cli.rules import check_rules
from tests.cli.options_read import verbs_of

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "paper.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line)[1:] for line in PAGE.splitlines() if line.startswith("    semantify ")]


@pytest.mark.parametrize("words", COMMANDS, ids=[" ".join(words[:5]) for words in COMMANDS])
def test_the_commands_of_the_page_can_be_given(words):
    parser = cli._parser()
    options = parser.parse_args(words)
    check_rules(vars(options), cli.given_options(parser, words))


def test_the_page_has_commands_for_paper_and_code():
    recipes = {name for words in COMMANDS for name in RECIPE_NAMES if name in words}
    assert recipes == {"paper", "authors"}
    assert {words[0] for words in COMMANDS} == {"run", "table1"}


def test_every_option_that_the_page_names_is_one():
    verbs = verbs_of(cli._parser())
    known = {
        name for verb in ("run", "table1", "study") for action in verbs[verb]._actions for name in action.option_strings
    }
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known


def test_the_papers_table_is_quoted_whole():
    pytest.importorskip("open_clip", reason="the experiments need torch and open_clip")
    from semantify_blender.training.experiments.table1 import paper_table

    quoted = {line for line in PAGE.splitlines() if line.startswith(("| SMPL", "| FLAME"))}
    assert quoted == {f"| {' | '.join(row)} |" for row in paper_table().rows}
    assert len(quoted) == 7
