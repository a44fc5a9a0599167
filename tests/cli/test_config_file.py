"""`semantify run --config FILE.toml`, and the run.toml that a run leaves."""

import shlex
from pathlib import Path

import pytest

from semantify_blender.cli import main as cli
from semantify_blender.cli.config_file import KEPT, keep_config, with_config
from semantify_blender.core.errors import SemantifyError

WRITTEN = """
# a run of one's own
model = "anny-body-neutral"
out = "there"
[words]
words = ["tall", "pear shaped", "né"]
keep_non_directional = true
signed-correlation = false
cluster-views = []
[training]
epochs = 7
low-score = -200.5
score_ends = ["small=0:50:20"]
"""


def parsed(words):
    return cli._parser().parse_args(with_config(words))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", [["--config", "{}"], ["--config={}"]])
def test_options_come_from_the_file_and_the_command_line_goes_before(file, form):
    options = parsed(["run", "--epochs", "9", "--words", "fat", *[word.format(file) for word in form]])
    assert (options.model, str(options.out), options.epochs, options.words) == (
        "anny-body-neutral", "there", 9, ["fat"],
    )  # fmt: skip
    assert options.keep_non_directional
    assert not options.signed_correlation
    assert options.low_score == -200.5
    assert options.score_ends == [("small", 0.0, 50.0, 20.0)]
    assert parsed(["run", "--config", str(file)]).words == ["tall", "pear shaped", "né"]


def test_what_a_run_leaves_says_the_same_again(tmp_path):
    ends = ["--ends", "fat=5:97.5", "--score-ends", "small=0:50:20", "tall=-3:9", "--hidden", "80", "50"]
    words = ["run", "--model", "m", "--out", str(tmp_path / "out"), "--words", 'a "b"', "@mine.txt", *ends]
    words += ["--keep-non-directional", "--recipe", "authors", "--clip", "ViT-B-32:openai", "--quiet"]
    options = parsed(words)
    options.command = shlex.join(["semantify", *words])
    kept = keep_config(options)
    assert kept == tmp_path / "out" / KEPT
    written = kept.stat().st_mtime_ns
    assert keep_config(options).stat().st_mtime_ns == written
    again = parsed(["run", "--config", str(kept), "--out", str(tmp_path / "out")])
    told = {name: value for name, value in vars(options).items() if name not in ("command", "quiet", "run")}
    assert {name: value for name, value in vars(again).items() if name in told and name != "config"} == {
        name: value for name, value in told.items() if name != "config"
    }
    assert "[made]" in kept.read_text(encoding="utf-8")


def test_other_verbs_and_lines_without_a_file_stay_as_they_are():
    for words in ([], ["run", "--model", "m"], ["train", "--config", "x"], ["--config"], ["run", "--config"]):
        assert with_config(words) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs 7", "mine.toml: file: is no TOML"),
        (
            'model = "m"\nout = "o"\nepcohs = 7',
            "--epcohs: there is no such option or argument; did you mean",
        ),
        ('model = "m"\nout = "o"\nepochs = "many"', "--epochs is many: give a whole number"),
        ("epochs = 1979-05-27", "mine.toml: epochs: expected text, a number, true, false or a list"),
        ("[a]\n[a.b]\nepochs = 1", "mine.toml: b: expected text"),
        ("words = [[1]]", "mine.toml: words: expected text"),
        ('config = "other.toml"', "mine.toml: config: cannot be named in the file itself"),
        ('model = "m"\nout = "o"\nrecipe = "paper"\nrest = 0.1', "--rest cannot be used here: --recipe paper has no"),
    ],
)
def test_what_a_file_may_not_say_is_one_sentence(file, text, message, capsys):
    file.write_text(text)
    assert cli.main(["run", "--config", str(file)]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_named(tmp_path, capsys):
    assert cli.main(["run", "--config", str(tmp_path / "absent.toml")]) == 2
    assert "absent.toml" in capsys.readouterr().err
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"model = \x80\x81")
    with pytest.raises(SemantifyError, match=r"bad\.toml"):
        with_config(["run", "--config", str(bad)])
