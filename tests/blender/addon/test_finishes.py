"""The viewport shows a model's regions in the colours of its renders."""

import pytest

from semantify_blender.addon.character.plain_materials import FINISHES, OTHERS, finish_of
from semantify_blender.core import library
from semantify_blender.core.colour import linear_rgba
from semantify_blender.core.palette import PALETTE, region_colour
from tests.blender.addon_helpers import add

pytestmark = pytest.mark.usefixtures("addon")


@pytest.mark.parametrize("name", sorted(path.name[:-11] for path in (library.DATA / "mappers").glob("*.mapper.npz")))
def test_shipped_characters_have_the_colours_of_the_renders(name: str):
    mesh = add(name).data
    for material in mesh.materials:
        region = material.name.partition(".")[0]
        assert tuple(material.diffuse_color) == pytest.approx(linear_rgba(region_colour(region, PALETTE)), abs=1e-6)


def test_finishes_go_by_the_last_word_that_is_known():
    assert finish_of("Left_eyebrows", 0) == FINISHES["eyebrows"]
    assert finish_of("belly fur", 0).colour == PALETTE["belly fur"] != PALETTE["fur"]
    assert finish_of("lashes", 0).colour == PALETTE["eyelashes"]
    assert [finish_of("tail", i) for i in range(5)] == [*OTHERS, OTHERS[0]]
