"""Options with limits, helps, hints, and what happens when nobody reads the output."""

import os
import subprocess
import sys

import pytest

from semantify_blender.cli.options import HelpFormatter, Parser, given_options, real, whole
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pipes import PipeClosed, telling


def parser() -> Parser:
    top = Parser(prog="thing")
    verbs = top.add_subparsers(required=True, metavar="VERB", dest="verb")
    make = verbs.add_parser("make")
    make.add_argument("--count", type=whole(1, 1000), default=5, help="how many")
    make.add_argument("--share", type=real(0, 1), help="of all")
    make.add_argument("--weight", type=real(0, 10, above=True), help="default: by itself", default=2.0)
    make.add_argument("--names", nargs="+", default=["a", "b%"], help="which")
    make.add_argument("--fast", action="store_true", help="no care")
    make.add_argument("--kind", choices=("round", "square"))
    return top


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["make", "--count", "0"], "--count is 0: give a whole number from 1 to 1,000 (thing make --help"),
        (["make", "--count", "1e9"], "--count is 1e9: give a whole number"),
        (["make", "--count", "9" * 6000], "--count is 9999"),
        (["make", "--share", "nan"], "--share is nan: give a number from 0 to 1"),
        (["make", "--share=-1"], "--share is -1: give a number from 0 to 1"),
        (["make", "--weight", "0"], "--weight is 0: give a number above 0 and up to 10"),
        (["make", "--weight", "inf"], "--weight is inf"),
        (["maek"], "did you mean 'make'?"),
        (["make", "--cuont", "3"], "--cuont: there is no such option or argument; did you mean '--count'?"),
        (["make", "--kind", "sqare"], "'sqare' is none of round, square; did you mean 'square'?"),
        (["make", "--count"], "--count: expected one argument"),
        ([], "required: VERB"),
    ],
)
def test_every_wrong_word_is_answered_with_a_sentence(words, message):
    with pytest.raises(SemantifyError) as error:
        parser().parse_args(words)
    assert message in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


def test_helps_tell_defaults_that_are_there(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["make", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "how many (default: 5)" in out
    assert "which (default: a b%)" in out
    assert "None" not in out
    assert "False" not in out
    assert out.count("default: by itself") == 1
    assert "2.0" not in out
    assert HelpFormatter("x")  # made as argparse makes it


def test_what_was_really_given_is_known():
    words = ["make", "--count", "5", "--fast"]
    assert given_options(parser(), words) == {"verb", "count", "fast"}


def test_a_closed_pipe_of_progress_is_no_error_of_the_file_being_written():
    """An OSError there was told as "cannot write the dataset: choose another --out"."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with pytest.raises(PipeClosed), telling():
            os.write(writing, b"1/2 pictures")
    finally:
        os.close(writing)
    assert not issubclass(PipeClosed, Exception)


@pytest.mark.parametrize("channel", ["stdout", "stderr"])
def test_a_reader_that_goes_away_is_no_traceback(channel):
    code = (
        "import sys\n"
        "from semantify_blender.core.pipes import until_pipe_closes\n"
        "def work():\n"
        f"    for _ in range(100000): print('word ' * 20, file=sys.{channel})\n"
        "    return 0\n"
        "sys.exit(until_pipe_closes(work))\n"
    )
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], **both) as child:
        getattr(child, channel).readline()
        getattr(child, channel).close()
        other = child.stderr if channel == "stdout" else child.stdout
        assert other.read() == b""
    assert child.returncode == 141
