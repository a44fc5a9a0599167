"""Looks: plain is constant, random is a function of (seed, sample, view)."""

from unittest import mock

import numpy as np

from semantify_blender.core.colour import linear_rgba
from semantify_blender.core.dataset_spec import LOOKS
from semantify_blender.core.looks import random_colours
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.looks.coats import COATS
from semantify_blender.core.looks.look import PLAIN, direction
from semantify_blender.core.looks.random_colours import random_palette
from semantify_blender.core.palette import GREY, PALETTE, region_colour


def test_plain_is_one_look() -> None:
    assert look_of("plain", 1, 2, 0) is look_of("plain", 5, 9, 3) is PLAIN


def test_every_look_of_a_dataset_can_be_drawn() -> None:
    drawn = {name: look_of(name, 0, 0, 0) for name in LOOKS}
    assert len({repr(look) for look in drawn.values()}) == len(LOOKS) == 4


def test_random_depends_on_seed_sample_and_view_only() -> None:
    look = look_of("random", 3, 10, 1)
    look_of("random", 3, 11, 0)
    assert look_of("random", 3, 10, 1) == look
    others = [look_of("random", *key) for key in ((4, 10, 1), (3, 11, 1), (3, 10, 0))]
    assert all(other.background != look.background and other.yaw != look.yaw for other in others)


def test_random_stays_within_its_limits_and_fills_them() -> None:
    drawn = [look_of("random", 0, i, 0) for i in range(300)]
    yaw = np.array([look.yaw for look in drawn])
    assert np.abs(yaw).max() <= 25
    assert yaw.std() > 12
    colours = np.array([[look.palette[name] for name in ("skin", "hair", "top", "shorts")] for look in drawn])
    assert colours.min() >= 0.02
    assert colours.max() <= 0.98
    assert (colours.std(0).mean(-1) > 0.08).all()
    # skin stays skin: red is the strongest, blue the weakest
    assert (colours[:, 0, 0] > colours[:, 0, 2]).all()
    lit = np.array([look.key_strength + look.fill_strength + look.ambient for look in drawn])
    assert lit.max() < 1.6, "a white surface would burn out"


def test_animals_have_coats_of_many_colours_and_leave_people_as_they_were() -> None:
    palettes = [look_of("random", 0, i, 0).palette for i in range(200)]
    parts = ("fur", "belly fur", "mane", "muzzle", "nose pad", "hooves", "horns", "inner ear", "udder")
    colours = np.array([[palette[name] for name in parts] for palette in palettes])
    assert colours.min() >= 0.02
    assert colours.max() <= 0.98
    assert (colours.std(0).mean(-1) > 0.06).all()
    # coats come from a child stream: what is drawn after them is as it was before there were animals
    rng = np.random.default_rng(7)
    random_palette(rng)
    after = rng.random()
    rng = np.random.default_rng(7)
    with mock.patch.object(random_colours, "_random_coat", return_value={}):
        random_palette(rng)
    assert rng.random() == after


def test_untextured_is_grey_everywhere() -> None:
    for look in (look_of("plain", 0, 0, 0, textured=False), look_of("random", 0, 0, 0, textured=False)):
        assert {region_colour(name, look.palette) for name in ("skin", "hair", "anything")} == {GREY}


def test_region_names_find_colours() -> None:
    assert region_colour("Hair", PALETTE) == PALETTE["hair"]
    assert region_colour("eyebrows", PALETTE) == PALETTE["hair"]
    assert region_colour("left ear", PALETTE) == PALETTE["skin"]


def test_directions_and_colours() -> None:
    np.testing.assert_allclose(direction(0, 0), (0, -1, 0), atol=1e-12)
    np.testing.assert_allclose(direction(90, 0), (1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(direction(30, 90), (0, 0, 1), atol=1e-12)
    np.testing.assert_allclose(linear_rgba((0.5, 0.0, 1.0)), (0.21404, 0.0, 1.0, 1.0), atol=1e-4)


def test_coats_colour_regions_that_animals_have_and_random_looks_wear_them() -> None:
    assert all(set(coat) <= set(PALETTE) for coat in COATS.values())
    worn = [random_palette(np.random.default_rng(i)) for i in range(120)]

    def is_worn(palette: dict, coat: dict) -> bool:
        # lighter or darker as a whole
        shares = np.concatenate([np.array(palette[name]) / np.array(coat[name]) for name in ("fur", "mane", "muzzle")])
        return bool(np.ptp(shares) < 0.05)

    found = [sum(is_worn(palette, coat) for coat in COATS.values()) for palette in worn]
    assert 0.3 < np.mean(np.array(found) > 0) < 0.7
