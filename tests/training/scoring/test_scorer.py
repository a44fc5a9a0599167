"""Scorers of other packages: found by their entry points, and through the whole line as a CLIP goes."""

import importlib.util
import io
import json
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semantify_blender.cli.main import main
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.mapper import Mapper
from semantify_blender.training.scoring.clip import load_clip
from semantify_blender.training.scoring.embeddings import Embeddings, embed_dataset
from semantify_blender.training.scoring.scorer import installed_scorers
from semantify_blender.training.scoring.scores import Scores, score_words
from semantify_blender.training.scoring.worker import embed, image_size
from tests.training.helpers import coloured_dataset
from tests.training.scoring.example_scorers import EXAMPLE, install
from tests.training.scoring.test_clip import pictures


@pytest.fixture
def example(tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    install(EXAMPLE, site, monkeypatch)
    return site


def package(site: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Install a package that offers one scorer, `mine`, a class of this body."""
    source = site / "source"
    source.mkdir(parents=True)
    code = "import numpy as np\n\n\nclass Mine:\n    def __init__(self, text, device):\n        self.text = text\n\n"
    (source / "mine_scorer.py").write_text(code + textwrap.indent(textwrap.dedent(body), "    "))
    (source / "pyproject.toml").write_text(
        '[project]\nname = "mine"\nversion = "2"\n[project.entry-points."semantify.scorers"]\n'
        'mine = "mine_scorer:Mine"\n[tool.setuptools]\npy-modules = ["mine_scorer"]\n'
    )
    install(source, site, monkeypatch)


GOOD = """
version = "1"
def encode_images(self, images):
    return np.ones((len(images), 4))
def encode_words(self, texts):
    return np.ones((len(texts), 4))
"""


def test_installed_scorers_are_found_and_listed(example, capsys):
    assert list(installed_scorers()) == ["colours", "silhouette"]
    assert main(["scorers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "colours": "silhouette-scorer 1.0",
        "silhouette": "silhouette-scorer 1.0",
    }
    assert main(["scorers"]) == 0
    assert "silhouette-scorer 1.0" in capsys.readouterr().out


def test_an_embedding_scorer_goes_where_a_clip_goes(example, tmp_path, model):
    clip = load_clip("colours", "cpu")
    assert (clip.name, clip.vocabulary) == ("colours", None)
    embedded = clip.encode_images(pictures(5))
    assert embedded.shape == (5, 3)
    np.testing.assert_allclose(np.linalg.norm(embedded.astype(np.float32), axis=1), 1, atol=2e-3)
    assert embed(clip, np.zeros((2, *image_size(clip), 3), np.uint8)).shape == (2, 3)  # as Blender's worker asks
    dataset = coloured_dataset(tmp_path / "data", model, samples=12)
    embeddings, reused = embed_dataset(dataset, clip)
    assert not reused
    assert embed_dataset(dataset, clip)[1]
    assert score_words(clip, embeddings, ["red", "green"]).values.shape == (12, 2)


def test_ratings_come_through_the_embeddings_as_they_were(example, tmp_path, model):
    clip = load_clip("silhouette", "cpu")
    assert clip.vocabulary == ("wide", "tall")
    assert clip.dimension == 3
    images = pictures(6)
    rated = clip.model.loaded.scorer.rate_images([clip.loader.geometry(_opened(image)) for image in images])
    scores = score_words(clip, _as_embeddings(clip.encode_images(images)), ["Tall", "wide"])
    np.testing.assert_allclose(scores.values, 100 * rated[:, [1, 0]] / 2**0.5, atol=0.1)
    with pytest.raises(SemantifyError, match="'silhouette' does not know 'fat': it knows only wide, tall"):
        clip.check_words(["fat"])
    with pytest.raises(SemantifyError, match="rates wide, tall, not 'a wide person': leave --template out"):
        clip.encode_texts(["a wide person"])


def _opened(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image)).convert("RGB")


def _as_embeddings(values: np.ndarray) -> Embeddings:
    return Embeddings(values[:, None], "", "", "")


@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the run renders")
def test_a_packages_scorer_renders_scores_and_trains(example, tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("BLENDER", raising=False)
    words = [
        "run",
        "--model",
        "anny-body-neutral",
        "--clip",
        "silhouette",
        "--words",
        "wide",
        "tall",
        "--samples",
        "16",
    ]
    more = ["--descriptors", "wide", "tall", "--size", "64", "--engine", "workbench", "--epochs", "2", "--steps", "3"]
    # the sheet of sliders has nothing to do with who scores
    monkeypatch.setattr("semantify_blender.training.line.draw_pictures", lambda *_, **__: [])
    assert main([*words, *more, "--out", str(tmp_path / "out"), "--quiet"]) == 0, capsys.readouterr().err
    scores = Scores.load(tmp_path / "out" / "scores.npz")
    assert (scores.clip, scores.words) == ("silhouette", ("wide", "tall"))
    assert scores.values.std(0).min() > 0.05
    mapper = Mapper.load(tmp_path / "out" / "anny-body-neutral.mapper.npz")
    assert (mapper.descriptors, mapper.provenance["clip"]) == (("wide", "tall"), "silhouette")


BROKEN = [
    ("version = '1'", "has no encode_images, encode_words"),
    ("words = ['a']\ndef rate_images(self, images): pass", "has no version"),
    (GOOD.replace("(len(images), 4)", "(len(images), 5)"), "pictures become 5 numbers and words 4"),
    (GOOD.replace("(len(images), 4)", "len(images)"), r"encode_images returned shape \(2,\), expected \(2, n\)"),
    (GOOD.replace("np.ones((len(texts)", "np.nan * np.ones((len(texts)"), "encode_words returned numbers that are not"),
    (GOOD.replace("np.ones((len(images)", "np.zeros((len(images)"), "nothing but zeros"),
    (
        GOOD.replace("return np.ones((len(images), 4))", "raise OSError('no weights')"),
        r"failed \(OSError: no weights\)",
    ),
    (GOOD.replace("return np.ones((len(images), 4))", "return 'abc'"), "returned no array of numbers"),
    (GOOD + "words = 'tall'", "its words are 'tall', expected a list"),
    (GOOD + "size = 0", "its size is 0, expected pixels a side"),
    (
        "version, words = '1', ['a', 'b']\ndef rate_images(self, images): return np.full((len(images), 2), 7.0)",
        "gave 7: ratings go from −1 to 1",
    ),
    (
        "version, words = '1', ['a', 'b']\ndef rate_images(self, images): return np.zeros((len(images), 3))",
        "gave 3 ratings for 2 words",
    ),
    ("import a_package_that_is_not_there", "cannot be loaded"),
]


@pytest.mark.parametrize(("body", "message"), BROKEN, ids=[message[:24] for _, message in BROKEN])
def test_a_scorer_that_is_none_is_a_sentence(tmp_path, monkeypatch, body, message):
    package(tmp_path, monkeypatch, body)
    with pytest.raises(SemantifyError, match=message) as error:
        load_clip("mine", "cpu")
    assert "\n" not in str(error.value)
    assert "scorer 'mine' of mine 2" in str(error.value)


def test_another_text_or_version_is_another_scorer(tmp_path, monkeypatch):
    package(tmp_path, monkeypatch, GOOD.replace('version = "1"', "version = property(lambda self: self.text[:1])"))
    first, same, other = (load_clip(f"mine{text}", "cpu") for text in (":a", ":a", ":b"))
    assert first.checksum == same.checksum != other.checksum
    assert first.name.startswith("mine-")
    assert load_clip("mine", "cpu").name == "mine"


def test_tensors_of_any_precision_are_taken(tmp_path, monkeypatch):
    body = GOOD.replace("np.ones((len(images), 4))", "__import__('torch').ones(len(images), 4).bfloat16()")
    package(tmp_path, monkeypatch, body)
    assert load_clip("mine", "cpu").encode_images(pictures(2)).shape == (2, 4)


def test_two_packages_of_one_name_are_told(tmp_path, monkeypatch):
    package(tmp_path / "a", monkeypatch, GOOD)
    folder = tmp_path / "b" / "other-1.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    (folder / "entry_points.txt").write_text("[semantify.scorers]\nmine = elsewhere:Mine")
    monkeypatch.syspath_prepend(str(tmp_path / "b"))
    with pytest.raises(SemantifyError, match="both offer a scorer 'mine': uninstall one"):
        load_clip("mine", "cpu")


def test_an_unknown_name_says_what_is_installed(example):
    with pytest.raises(SemantifyError, match=r"unknown CLIP model 'silhuette'.*colours, silhouette"):
        load_clip("silhuette", "cpu")
