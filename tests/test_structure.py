"""No module of a room waits for itself: what one imports, at any depth and wherever in a file, never leads back."""

from pathlib import Path

import pytest

from tests.import_graph import PACKAGE, REPOSITORY, circles, files_of, graph, imported

ROOMS = sorted(file.parent.name for file in (REPOSITORY / PACKAGE).glob("*/__init__.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_of_a_room_make_no_circle(room: str) -> None:
    edges = graph(files_of(room))
    assert any(edges.values())
    assert circles(edges) == []


def test_imports_across_rooms_make_no_circle() -> None:
    edges = graph(files_of(""))
    assert len(edges) > 200
    assert circles(edges) == []


def test_imports_in_functions_and_for_types_count() -> None:
    """A circle stays one when it is hidden; a package that is only passed through is none."""
    edges = graph(files_of("core", "processes"))
    assert f"{PACKAGE}.core.model.checks" in edges[f"{PACKAGE}.core.model.morphable_model"]
    assert f"{PACKAGE}.core.files" not in edges[f"{PACKAGE}.core.model.checks"]
    assert f"{PACKAGE}.core.files.bounds" in edges[f"{PACKAGE}.core.model.checks"]
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": set()}) == []


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    import tests.import_graph as module

    file = tmp_path / "semantify_blender" / "core" / "model" / "sampling.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..looks import look\n"
        "def late():\n    from .. import errors\n    import numpy.linalg\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "REPOSITORY", tmp_path)
        assert imported(file) >= {
            "semantify_blender.core.looks.look", "semantify_blender.core.errors", "numpy.linalg",
        }  # fmt: skip
