"""What a word does, and variants: shapes that a character would have, made without touching the one it has."""

import numpy as np
import pytest

from tests.blender.addon_helpers import add, evaluated, set_slider, slider_values
from tests.blender.keyed_mesh import keyed_head
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")


def shaped() -> bpy.types.Object:
    obj = add()
    for i, value in enumerate((0.4, -0.3, 0.7)):
        set_slider(obj, i, value)
    return obj


@pytest.mark.parametrize("index", range(3))
def test_the_ends_of_a_word_are_the_shapes_that_its_slider_gives(index: int) -> None:
    from semantify_blender.addon.figures import shapes

    obj = shaped()
    before, values = evaluated(obj), slider_values(obj)
    low, now, high = shapes.of_slider(obj.data, obj.data.semantify, index)
    assert np.array_equal(evaluated(obj), before)
    assert slider_values(obj) == values
    assert np.abs(now - before).max() < 1e-6
    for value, wanted in ((-1.0, low), (1.0, high)):
        set_slider(obj, index, value)
        assert np.abs(evaluated(obj) - wanted).max() < 1e-6
    moved = shapes.moved((low, now, high))
    assert moved.min() >= 0
    assert moved.max() == pytest.approx(1.0)


def test_a_mesh_with_keys_of_its_own_is_shown_too(mapper_path, head) -> None:
    from semantify_blender.addon.figures import shapes

    obj = head or keyed_head()
    bpy.ops.semantify.attach_mapper(filepath=str(mapper_path))
    low, _, high = shapes.of_slider(obj.data, obj.data.semantify, 0)
    for value, wanted in ((-1.0, low), (1.0, high)):
        set_slider(obj, 0, value)
        assert np.abs(evaluated(obj) - wanted).max() < 1e-5


def test_a_word_is_shown_without_a_trace_in_the_file() -> None:
    from semantify_blender.addon.state import memory

    obj = shaped()
    names = [attribute.name for attribute in obj.data.attributes]
    assert bpy.ops.semantify.show_word(index=1) == {"FINISHED"}
    assert memory.heat_handler is None  # there is no window to draw in
    assert [attribute.name for attribute in obj.data.attributes] == names
    with pytest.raises(RuntimeError, match="no slider 9"):
        bpy.ops.semantify.show_word(index=9)


def test_variants_are_neighbours_that_keep_locked_sliders_and_the_middle_one_is_the_character_itself() -> None:
    obj = shaped()
    obj.data.semantify.sliders[1].lock = True
    before = slider_values(obj)
    assert bpy.ops.semantify.variants(seed=3, choice=4) == {"FINISHED"}
    assert slider_values(obj) == pytest.approx(before)
    found = set()
    for choice in range(9):
        for i, value in enumerate(before):
            set_slider(obj, i, value)
        bpy.ops.semantify.variants(seed=3, choice=choice)
        values = slider_values(obj)
        assert values[1] == pytest.approx(before[1])
        assert max(map(abs, values)) <= 1.0
        found.add(tuple(np.round(values, 4)))
    assert len(found) == 9
    for i, value in enumerate(before):
        set_slider(obj, i, value)
    bpy.ops.semantify.variants(seed=3, choice=8)
    assert slider_values(obj) == pytest.approx(values)


def test_what_was_measured_is_told_in_units_that_people_read() -> None:
    from semantify_blender.addon.figures.popovers import measured
    from semantify_blender.core.library import load_mapper, load_model

    body, face = "anny-body-neutral", "anny-face-expression"
    assert measured(load_mapper(body), load_model(body), "tall") == [
        "Measured height: 1.52 m at −1, 2.00 m at +1 (ρ 1.00)"
    ]
    assert " mm at −1, " in measured(load_mapper(face), load_model(face), "open mouth")[0]
    assert measured(load_mapper(body), load_model(body), "fat") == ["Measured fat: 0.00 at −1, 0.96 at +1 (ρ 1.00)"]
    assert measured(None, None, "fat") == []


def test_triangles_have_the_colours_of_their_materials_and_every_corner_is_lit() -> None:
    from semantify_blender.addon.figures.surface import Triangles, heat

    obj = shaped()
    triangles = Triangles.of(obj.data)
    places, colours = triangles.shaded(evaluated(obj), triangles.colours)
    assert len(places) == len(colours) == 3 * len(obj.data.loop_triangles)
    assert (colours[:, :3] >= 0).all()
    assert (colours[:, :3] <= triangles.colours.max() + 1e-6).all()
    ramp = heat(np.linspace(0, 1, 50))
    assert ramp[-1, 0] > ramp[0, 0]
    assert ramp[-1, 2] < ramp[0, 2]
