"""Back and forth between looks."""

from semantify_blender.core.presets.history import MOST, REST, History
from semantify_blender.core.presets.preset import Preset


def look(value: float) -> Preset:
    return Preset("look", "person", {"body": {"tall": value}})


def values(found: History) -> list[float]:
    return [entry.sliders["body"]["tall"] for entry in found.entries]


def test_looks_are_noted_once_and_the_way_leads_back_and_forth() -> None:
    found = History()
    assert found.beside(look(0), -1) is None
    for value in (0, 1, 1, 2):
        found.note(look(value))
    assert (values(found), found.at) == ([0, 1, 2], 2)
    assert found.beside(look(2), -1) == look(1)
    assert found.beside(look(2), 1) is None
    # one that nobody noted yet comes last
    assert found.beside(look(5), -1) == look(2)
    assert found.beside(look(5), 1) is None


def test_undo_and_redo_come_to_neighbours_and_a_new_look_takes_the_place_of_what_came_after() -> None:
    found = History()
    for value in (0, 1, 2, 1):
        found.note(look(value))
    assert (values(found), found.at) == ([0, 1, 2], 1)
    found.note(look(2))
    assert found.at == 2
    found.note(look(1))
    found.note(look(7))
    assert (values(found), found.at) == ([0, 1, 7], 2)


def test_what_undo_came_to_has_its_own_neighbours_before_it_is_noted() -> None:
    """Who asks whether there is a look before hears the same before and after the look of now is noted."""
    found = History()
    found.note(look(1))
    found.note(look(2))
    for _ in range(2):
        assert found.beside(look(1), -1) is None
        assert found.beside(look(1), 1) == look(2)
        found.note(look(1))


def test_a_drag_leaves_what_it_came_to_rest_at() -> None:
    found = History()
    found.note(look(0))
    for step, now in ((0.1, 10.0), (0.2, 10.1), (0.3, 10.2), (0.4, 10.3 + REST), (0.5, 10.4 + REST)):
        found.move(look(step), now)
    assert values(found) == [0, 0.3]
    found.note(look(0.5))
    assert (values(found), found.moving) == ([0, 0.3, 0.5], None)


def test_the_oldest_are_forgotten() -> None:
    found = History()
    for value in range(MOST + 5):
        found.note(look(value))
    assert values(found) == list(range(5, MOST + 5))
    assert found.at == MOST - 1
