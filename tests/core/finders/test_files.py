"""The finders' files: loaded when a picture needs them, and refused when they are another network's."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scripts.repository import REPOSITORY
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.finders import files
from semantify_blender.core.library import DATA, find
from semantify_blender.core.networks.graph import Graph


@pytest.fixture(autouse=True)
def _nothing_loaded() -> Iterator[None]:
    files.forget()
    yield
    files.forget()


def picture(name: str) -> np.ndarray:
    return np.zeros((files.side_of(name),) * 2 + (3,), np.float32)


def test_a_network_is_loaded_at_its_first_use_and_kept() -> None:
    assert not files.is_loaded()
    files.side_of("face")
    assert not files.is_loaded()
    said = files.look("face", picture("face"))
    assert {key: array.shape for key, array in said.items()} == {"boxes": (896, 16), "scores": (896, 1)}
    assert files.is_loaded()
    assert list(files._runners) == [find("finders", "face")]
    before = files._runners[find("finders", "face")]
    files.look("face", picture("face"))
    assert files._runners[find("finders", "face")] is before
    files.forget()
    assert not files.is_loaded()


def test_an_alpha_picture_needs_no_network() -> None:
    code = f"""
import sys
sys.path.insert(0, {str(REPOSITORY)!r})
import numpy as np
from semantify_blender.core.finders.subjects import finder_for
from semantify_blender.core.fitting import choose
from semantify_blender.core.library import load_model
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.picture import Picture
y, x = np.mgrid[:120, :80]
pixels = np.zeros((120, 80, 4), np.uint8)
pixels[np.hypot((x - 40) / 18, (y - 70) / 40) < 1] = 200, 90, 70, 255
pixels[np.hypot((x - 40) / 10, (y - 20) / 14) < 1] = 100, 90, 70, 255
finder = finder_for(load_model("anny-body-neutral"))
assert cut_figure(Picture(pixels, "figure"), 64, finder=finder).source == "alpha"
files = sys.modules.get("semantify_blender.core.finders.files")
assert files is None or not files.is_loaded()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", sorted(files._NETWORKS))
def test_all_networks_are_there_and_what_they_are_taken_for(name: str) -> None:
    said = files.look(name, picture(name))
    assert {key: array.shape for key, array in said.items()} == files._NETWORKS[name][1]


def test_the_finders_and_their_licence_weigh_at_most_11_megabytes() -> None:
    folder = DATA / "finders"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 11_000_000
    assert "Apache License" in (folder / "LICENSE-APACHE.txt").read_text(encoding="utf-8")
    assert (folder / "LICENSE.md").read_text(encoding="utf-8")


def own(folder: Path, name: str, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = folder / "finders" / f"{name}.finder.npz"
    path.parent.mkdir(exist_ok=True)
    graph.save(path)
    monkeypatch.setenv("SEMANTIFY_DATA", str(folder))
    return path


def test_ones_own_network_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph.load(find("finders", "face"))
    nodes = [*graph.nodes]
    mute = [replace(node, weights=tuple(np.zeros_like(array) for array in node.weights)) for node in nodes]
    own(tmp_path, "face", replace(graph, nodes=tuple(mute)), monkeypatch)
    assert not files.look("face", picture("face"))["scores"].any()


def test_another_network_under_the_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph.load(find("finders", "face"))
    for bad in (graph, replace(graph, outputs={"boxes": graph.nodes[0].output})):
        path = own(tmp_path, "mesh", bad, monkeypatch)
        with pytest.raises(FileFormatError, match="is not the network 'mesh'") as refusal:
            files.look("mesh", picture("mesh"))
        assert str(path) in str(refusal.value)
    assert not files.is_loaded()


def test_weights_that_overflow_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = Graph.load(find("finders", "face"))
    large = [replace(node, weights=tuple(np.full_like(a, 6e4) for a in node.weights)) for node in graph.nodes]
    own(tmp_path, "face", replace(graph, nodes=tuple(large)), monkeypatch)
    with pytest.raises(FileFormatError, match="not finite"):
        files.look("face", picture("face"))


def test_a_missing_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("semantify_blender.core.library.DATA", tmp_path)
    with pytest.raises(SemantifyError, match="no finder 'pose'"):
        files.look("pose", picture("pose"))
