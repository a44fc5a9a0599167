"""`semantify page`: what it writes, says, and refuses."""

import json
from pathlib import Path

import pytest

from semantify_blender.cli.main import main
from tests.core.page.page_reader import header_of, read_page
from tests.synthetic import synthetic_mapper, synthetic_model


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a model whose licence is research only, and its mapper."""
    model = synthetic_model()
    model.metadata["licence"] = "research only, SMPL body model licence (smpl.is.tue.mpg.de); the user's own file"
    model.save(tmp_path / "theirs.model.npz")
    synthetic_mapper(model).save(tmp_path / "theirs.mapper.npz")
    return tmp_path


def words(files: Path, *more: str) -> list[str]:
    out = files / "a page.html"
    return ["page", "--mapper", str(files / "theirs.mapper.npz"), "--out", str(out), *more]


def test_it_says_how_large_and_how_exact(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(files / "theirs.model.npz")
    assert main(words(files, "--model", model, "--with-geometry", "--title", "Ours & theirs")) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{files / 'a page.html'}: {(files / 'a page.html').stat().st_size / 1e6:.2f} MB"
    header, (tab,) = read_page(files / "a page.html")
    error = tab.header["shape"]["error"]
    assert second == f"theirs  vertices within {error['largest']:.2f} mm of Python's (mean {error['mean']:.2f} mm)"
    assert header["title"] == "Ours & theirs"
    assert "<title>Ours &amp; theirs</title>" in (files / "a page.html").read_text(encoding="utf-8")


def test_licensed_geometry_stays_at_home(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more in (["--model", str(files / "theirs.model.npz")], []):
        assert main(words(files, "--json", *more)) == 0
        said = json.loads(capsys.readouterr().out)
        (told,) = said["models"]
        assert told["error_mm"] is None
        assert "not in this page" in told["missing"]
        (tab,) = header_of((files / "a page.html").read_text(encoding="utf-8"))["models"]
        assert tab["shape"] is None
        assert said["bytes"] == (files / "a page.html").stat().st_size


def test_what_is_wrong_is_one_sentence(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", "--mapper", "nobody", "--out", str(files / "page.html")]) == 2
    assert "no mapper 'nobody'" in capsys.readouterr().err
    other = synthetic_model(seed=5)
    other.save(files / "other.model.npz")
    assert main(words(files, "--model", str(files / "other.model.npz"))) == 2
    assert "checksum" in capsys.readouterr().err
    assert not (files / "a page.html").exists()
