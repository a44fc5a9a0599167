"""Folders of presets: what lies in them, and what the user may do with it."""

from pathlib import Path

import pytest

from semantify_blender.core.errors import OutputError, SemantifyError
from semantify_blender.core.presets import shelf
from semantify_blender.core.presets.preset import Preset

PNG = b"a picture"


def preset(name: str, value: float = 0.5) -> Preset:
    return Preset(name, "person", {"body": {"tall": value}})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    folder = tmp_path / "shipped"
    preset("Runner").save(folder / "Runner.json")
    return folder


def read(own: Path, shipped: Path) -> list[shelf.Entry]:
    found, troubles = shelf.read_shelf([own, shipped], shipped)
    assert troubles == []
    return found


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_saved_is_there_with_its_picture(own: Path, shipped: Path) -> None:
    shelf.save(preset("Élan"), PNG, own, read(own, shipped), overwrite=False)
    assert names(own) == ["Élan.json", "Élan.png"]
    found = read(own, shipped)
    assert [(entry.preset.name, entry.own, bool(entry.stamp)) for entry in found] == [
        ("Élan", True, True),
        ("Runner", False, False),
    ]
    # however its accent is composed
    assert shelf.found(found, "e\u0301LAN".upper()).preset.name == "Élan"
    with pytest.raises(SemantifyError, match="choose one of: Runner, Élan"):
        shelf.found(found, "Giant")


def test_a_name_that_is_taken_is_refused_unless_it_is_to_be_overwritten(own: Path, shipped: Path) -> None:
    shelf.save(preset("Tall"), PNG, own, read(own, shipped), overwrite=False)
    with pytest.raises(SemantifyError, match="there is a preset 'Tall' already"):
        shelf.save(preset("TALL", 1.0), PNG, own, read(own, shipped), overwrite=False)
    shelf.save(preset("TALL", 1.0), None, own, read(own, shipped), overwrite=True)
    # the former picture would be a wrong one
    assert names(own) == ["Tall.json"]
    assert shelf.found(read(own, shipped), "tall").preset == preset("TALL", 1.0)


def test_a_shipped_one_is_hidden_by_the_users_own_and_comes_back(own: Path, shipped: Path) -> None:
    with pytest.raises(SemantifyError, match="already"):
        shelf.save(preset("Runner", 1.0), PNG, own, read(own, shipped), overwrite=False)
    shelf.save(preset("Runner", 1.0), PNG, own, read(own, shipped), overwrite=True)
    assert Preset.load(shipped / "Runner.json") == preset("Runner")
    mine = shelf.found(read(own, shipped), "Runner")
    assert (mine.preset, mine.own) == (preset("Runner", 1.0), True)
    shelf.delete(mine)
    assert shelf.found(read(own, shipped), "Runner").preset == preset("Runner")
    assert names(own) == []


def test_shipped_ones_are_neither_renamed_nor_deleted(own: Path, shipped: Path) -> None:
    (entry,) = read(own, shipped)
    with pytest.raises(SemantifyError, match="came with the add-on and cannot be renamed"):
        shelf.rename(entry, "Jogger", [entry])
    with pytest.raises(SemantifyError, match="came with the add-on and cannot be deleted"):
        shelf.delete(entry)
    assert names(shipped) == ["Runner.json"]


def test_renaming_moves_file_and_picture(own: Path, shipped: Path) -> None:
    for name in ("One", "Two"):
        shelf.save(preset(name), PNG, own, read(own, shipped), overwrite=False)
    found = read(own, shipped)
    for taken in ("two", "RUNNER"):
        with pytest.raises(SemantifyError, match="already"):
            shelf.rename(shelf.found(found, "One"), taken, found)
    shelf.rename(shelf.found(found, "One"), "Three", found)
    assert names(own) == ["Three.json", "Three.png", "Two.json", "Two.png"]
    found = read(own, shipped)
    # only capitals are other ones
    shelf.rename(shelf.found(found, "three"), "THREE", found)
    assert shelf.found(read(own, shipped), "Three").preset.name == "THREE"
    assert len(names(own)) == 4


@pytest.mark.parametrize("name", ["../x", "a/b", "a\\b", "CON", "nul.json", "", " ", "x.", "a:b", "x" * 49, "a\x00b"])
def test_names_that_no_file_can_have_are_refused_and_nothing_is_written(own: Path, shipped: Path, name: str) -> None:
    found = read(own, shipped)
    with pytest.raises(SemantifyError, match=r"^the preset: name: "):
        shelf.save(preset(name), PNG, own, found, overwrite=True)
    assert not own.exists()
    shelf.save(preset("Good"), PNG, own, found, overwrite=False)
    good = read(own, shipped)
    with pytest.raises(SemantifyError, match=r"^the preset: name: "):
        shelf.rename(shelf.found(good, "Good"), name, good)
    assert names(own) == ["Good.json", "Good.png"]


def test_files_that_are_no_presets_are_named_and_never_written_over(own: Path, shipped: Path) -> None:
    own.mkdir()
    (own / "Jog.json").write_text("{")
    preset("Copied").save(own / "Sprint.json")
    found, troubles = shelf.read_shelf([own, shipped], shipped)
    assert [entry.preset.name for entry in found] == ["Copied", "Runner"]
    assert len(troubles) == 1
    assert "Jog.json: " in troubles[0]
    for name in ("Jog", "Sprint"):
        shelf.save(preset(name), None, own, found, overwrite=True)
    assert names(own) == ["Jog 2.json", "Jog.json", "Sprint 2.json", "Sprint.json"]


def test_folders_that_are_not_there_or_cannot_be_written_are_told(own: Path, shipped: Path, tmp_path: Path) -> None:
    assert shelf.read_shelf([tmp_path / "nowhere", tmp_path / "x\x00"], shipped) == ([], [])
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another Data Folder in the preferences"):
        shelf.save(preset("A"), PNG, tmp_path / "file", [], overwrite=False)
