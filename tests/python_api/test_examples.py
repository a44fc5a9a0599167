"""docs/python.md and the example of every public name, run as they stand on the embedded data, with real renders."""

import doctest
import importlib.util
import inspect
from pathlib import Path

import pytest

import semantify_blender as sb
from tests.licensed_files import write_smpl
from tests.python_api.test_names import PAGE

pytest.importorskip("open_clip", reason="scoring needs torch and open_clip")
pytestmark = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the examples render")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a licensed file's look-alike, in which the page was run."""
    folder = tmp_path_factory.mktemp("examples")
    write_smpl(folder / "SMPL_FEMALE.npz", "npz")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("BLENDER", raising=False)
        patch.setenv("CUDA_VISIBLE_DEVICES", "")
        done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8", globs={})
    assert done.attempted >= 35
    assert done.failed == 0
    return folder


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(place)
    monkeypatch.delenv("BLENDER", raising=False)
    return place


def test_the_page_says_what_happens(place: Path) -> None:
    assert (place / "out" / "mine" / "report.html").is_file()
    assert (place / "out" / "own" / "figures.json").is_file()


@pytest.mark.parametrize("name", sb.__all__)
def test_the_example_of_every_name_says_what_happens(here: Path, name: str) -> None:
    thing = getattr(sb, name)
    module = inspect.getmodule(thing)
    assert module is not None
    (found,) = (test for test in doctest.DocTestFinder(recurse=False).find(thing, name, module) if test.examples)
    result = doctest.DocTestRunner().run(found)
    assert result.failed == 0
