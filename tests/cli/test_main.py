"""The command line: its errors, each verb on a small dataset, and once the whole line with real renders."""

import importlib.util
import json
import re

import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.mapper import Mapper
from semantify_blender.training import verbs
from semantify_blender.training.evaluation import step as evaluate_step
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.embeddings import embeddings_path
from tests.synthetic import synthetic_model
from tests.training.helpers import drawn_dataset, tiny_clip_folder

WORDS = ["tall", "short", "fat", "muscular", "long legs", "happy"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a model, a tiny CLIP and a dataset of drawn pictures."""
    folder = tmp_path_factory.mktemp("line")
    model = synthetic_model()
    model.save(folder / "synthetic.model.npz")
    tiny_clip_folder(folder / "tiny")
    drawn_dataset(folder / "dataset", model, samples=40)
    return folder


def call(capsys, *arguments):
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_every_verb_explains_itself(capsys):
    steps = ("encode", "score", "select", "train", "evaluate", "report", "run")
    for verb in (*steps, "table1", "ablate", "study", "models", "mappers"):
        with pytest.raises(SystemExit) as stopped:
            main([verb, "--help"])
        assert stopped.value.code == 0
        assert "--json" in capsys.readouterr().out


def test_models_and_mappers_are_listed(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("SEMANTIFY_DATA", str(tmp_path))
    (tmp_path / "models").mkdir()
    synthetic_model().save(tmp_path / "models" / "mine.model.npz")
    status, out, _ = call(capsys, "models", "--json")
    assert status == 0
    assert json.loads(out)["mine"].endswith("mine.model.npz")
    assert call(capsys, "mappers")[0] == 0


def test_errors_are_one_sentence_and_status_2(capsys, tmp_path, place):
    tiny = f"local-dir:{place / 'tiny'}"
    for arguments, message in (
        (["encode", "--dataset", tmp_path, "--clip", tiny], "dataset.json"),
        (["encode", "--dataset", place / "dataset", "--clip", "nonsense"], "unknown CLIP model"),
        (["score", "--dataset", place / "dataset", "--clip", tiny, "--model", "absent"], "no model 'absent'"),
        (["evaluate", "--mapper", "absent", "--dataset", tmp_path, "--out", tmp_path, "--clip", tiny], "no mapper"),
        (["select", "--dataset", place / "dataset", "--clip", tiny, "--scores", tmp_path / "none"], "does not exist"),
        (["render", "--blender"], "--blender"),
    ):
        status, out, err = call(capsys, *arguments)
        assert status == 2
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert message in err


def test_words_outside_a_stated_vocabulary_are_refused(capsys, tmp_path, place):
    clip = tiny_clip_folder(tmp_path / "closed", vocabulary=("tall", "fat"))
    arguments = ["score", "--dataset", place / "dataset", "--model", place / "synthetic.model.npz"]
    status, _, err = call(capsys, *arguments, "--clip", f"local-dir:{clip}", "--words", "tall", "hippo")
    assert status == 2
    assert "'hippo'" in err
    assert "--clip" in err


def test_words_come_from_files_of_any_editor_and_an_empty_file_is_an_error(capsys, tmp_path, place):
    score = ["score", "--dataset", place / "dataset", "--clip", f"local-dir:{place / 'tiny'}"]
    score += ["--model", place / "synthetic.model.npz", "--out", tmp_path / "scores.npz"]
    words = tmp_path / "words.txt"
    words.write_bytes("Tall\r\ntall\r\nlong  legs\r\n".encode("utf-16"))
    status, out, err = call(capsys, *score, "--words", f"@{words}", "TALL", "--json")
    assert status == 0, err
    assert json.loads(out)["words"] == ["Tall", "long legs"]
    words.write_text("\n")
    status, _, err = call(capsys, *score, "--words", f"@{words}")
    assert (status, err) == (2, f"error: {words}: words: holds no word; write one a line\n")


def test_each_step_alone(capsys, place):
    dataset, clip = place / "dataset", f"local-dir:{place / 'tiny'}"
    model = ["--model", place / "synthetic.model.npz"]
    words = place / "words.txt"
    words.write_text("\n".join(WORDS) + "\n")
    assert call(capsys, "encode", "--dataset", dataset, "--clip", clip)[0] == 0
    assert embeddings_path_exists(dataset, clip)
    status, out, _ = call(capsys, "score", "--dataset", dataset, "--clip", clip, *model, "--words", f"@{words}")
    assert status == 0
    assert "6 words, 40 samples" in out
    select = ["select", "--dataset", dataset, "--clip", clip, "--keep-non-directional", "--threshold", "0.99"]
    status, out, _ = call(capsys, *select, "--preset", "happy")
    assert status == 0
    assert "chosen: happy, " in out
    mapper = place / "trained"
    train = ["train", "--dataset", dataset, *model, "--out", mapper, "--descriptors", "tall", "fat", "--epochs", 3]
    status, out, _ = call(capsys, *train, "--compare", "--json")
    assert status == 0
    assert json.loads(out)["figures"]["fit"]["cycle_over_plain_mse"] > 0
    path = place / "trained.mapper.npz"
    assert Mapper.load(path).descriptors == ("tall", "fat")
    evaluate = ["evaluate", "--mapper", path, "--dataset", dataset, "--clip", clip, *model, "--out", place / "e"]
    explain = ["--selection", dataset / "selection.json", "--scores", dataset / "scores.npz"]
    status, out, _ = call(capsys, *evaluate, "--no-render", *explain)
    assert status == 0
    assert "coverage" in out
    assert json.loads((place / "e" / "figures.json").read_text())["descriptors"] == ["tall", "fat"]
    assert Mapper.load(path).figures["coverage"] > 0
    page = (place / "e" / "report.html").read_text()
    assert "How the words were chosen" in page
    assert "data:image/png;base64," in call_report(capsys, place, dataset)
    other = tiny_clip_folder(place / "other", seed=7)
    evaluate[evaluate.index(clip)] = f"local-dir:{other}"
    status, _, err = call(capsys, *evaluate, "--no-render")
    assert status == 2
    assert "trained with CLIP" in err


def test_descriptors_that_differ_by_capitals_or_spaces_are_one_slider(capsys, place):
    dataset, clip, model = place / "dataset", f"local-dir:{place / 'tiny'}", place / "synthetic.model.npz"
    score = ["score", "--dataset", dataset, "--clip", clip, "--model", model, "--words", *WORDS]
    assert call(capsys, *score, "--out", place / "again.npz")[0] == 0
    train = ["train", "--dataset", dataset, "--model", model, "--out", place / "once", "--epochs", 1]
    words = ["tall", "tall", "Tall", "long  legs", " Long legs "]
    status, _, err = call(capsys, *train, "--scores", place / "again.npz", "--descriptors", *words)
    assert status == 0
    assert "3 of the 5 descriptors repeat another" in err
    assert Mapper.load(place / "once.mapper.npz").descriptors == ("tall", "long legs")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--words", "@gone.txt"], "gone.txt"),
        (["--descriptors", "tall", "smiling"], "'smiling': it knows only .* give --vocabulary face-expression, "),
        (["--clip", "ViT-Z-99:openai"], "ViT-Z-99"),
        (
            ["--descriptors", "tall", "fat", "--ends", "muscular=5:98"],
            "'muscular', which is no slider: choose among tall, fat",
        ),
        (["--ends", "smiling=5:98"], "ends of 'smiling', which is no slider"),
    ],
)
def test_run_tells_what_it_cannot_score_before_it_renders(capsys, tmp_path, monkeypatch, options, message):
    monkeypatch.setattr("semantify_blender.training.line.render_dataset", lambda *_: pytest.fail("it rendered"))
    monkeypatch.chdir(tmp_path)
    status, _, err = call(capsys, "run", "--model", "anny-body-neutral", "--out", tmp_path / "out", *options)
    assert status == 2
    assert re.search(message, err)


def test_nothing_selected_says_that_no_word_follows_the_shape(capsys, place):
    """The pictures are noise, so no word can."""
    dataset, clip, model = place / "dataset", f"local-dir:{place / 'tiny'}", place / "synthetic.model.npz"
    score = ["score", "--dataset", dataset, "--clip", clip, "--model", model, "--words", *WORDS]
    assert call(capsys, *score, "--out", place / "noise.npz")[0] == 0
    select = ["select", "--dataset", dataset, "--clip", clip, "--scores", place / "noise.npz"]
    status, out, err = call(capsys, *select, "--out", place / "none.json")
    assert status == 2
    assert out == ""
    assert "error: no word follows the shape" in err
    assert "6 non-directional" in err
    assert not (place / "none.json").exists()
    status, _, err = call(capsys, *select, "--keep-non-directional", "--clusters", 40)
    assert status == 2
    assert "--clusters is 40, but there are 40 samples" in err


def embeddings_path_exists(dataset, clip) -> bool:
    from semantify_blender.core.dataset import Dataset

    return embeddings_path(Dataset.open(dataset), load_clip(clip, "cpu"), 0).is_file()


def call_report(capsys, place, dataset) -> str:
    out = place / "again.html"
    explain = ["--selection", dataset / "selection.json", "--scores", dataset / "scores.npz"]
    status, _, _ = call(capsys, "report", "--evaluation", place / "e", "--dataset", dataset, *explain, "--out", out)
    assert status == 0
    page = out.read_text()
    assert "http" not in page.split("</style>")[1]  # readable without network
    return page


@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the rendering child needs it")
def test_the_whole_line_with_real_renders_and_again_without_doing_anything_twice(capsys, place, monkeypatch):
    monkeypatch.delenv("BLENDER", raising=False)
    out = place / "run"
    arguments = [
        *("run", "--model", place / "synthetic.model.npz", "--out", out, "--clip", f"local-dir:{place / 'tiny'}"),
        *("--samples", 24, "--size", 48, "--engine-samples", 1, "--words", *WORDS, "--keep-non-directional"),
        *("--count", 2, "--epochs", 3, "--steps", 3, "--picture-width", 300, "--picture-samples", 1),
    ]
    status, text, err = call(capsys, *arguments)
    assert status == 0, err
    assert "slider sheet:" in text
    figures = json.loads((out / "figures.json").read_text())
    assert len(figures["descriptors"]) == 2
    assert len(figures["sliders"]["rho"]) == 2
    assert (out / "report.html").stat().st_size > 10_000
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file() and p.name != "report.html"}
    status, again, err = call(capsys, *arguments, "--json")
    assert status == 0
    assert json.loads(again)["figures"] == figures
    assert "Rendering" not in err
    assert before == {p: p.stat().st_mtime_ns for p in before}
    fails_without_its_pictures(capsys, place, monkeypatch, arguments)


def fails_without_its_pictures(capsys, place, monkeypatch, arguments):
    """A picture that cannot be made leaves all else finished, is no success, and is made by the next run."""
    out = place / "run"

    def broken(request, *_):
        raise SemantifyError(f"the {request.verb} broke")

    with monkeypatch.context() as patch:
        patch.setattr(evaluate_step, "render", broken)
        (out / "influence.png").unlink()
        status, text, err = call(capsys, *arguments)
        assert status == 2
        assert "no slider_sheet.png could be made: the sheet broke; no influence.png could be made" in err
        assert "report:" in text
        assert "slider sheet:" not in text
        patch.setattr(verbs, "evaluate_mapper", lambda *_, **__: json.loads((out / "figures.json").read_text()))
        mapper = out / "synthetic.mapper.npz"
        words = ["--mapper", mapper, "--dataset", out / "dataset", "--model", place / "synthetic.model.npz"]
        status, text, err = call(capsys, "evaluate", *words, "--out", out, "--clip", f"local-dir:{place / 'tiny'}")
        assert status == 2
        assert "the influence broke; the figures and the report are in" in err
        assert "report:" in text
    status, text, err = call(capsys, *arguments)
    assert status == 0, err
    assert (out / "slider_sheet.png").is_file()
    assert (out / "influence.png").is_file()
