"""Colours as people pick them and as light adds up."""

import numpy as np
import pytest

from semantify_blender.core.colour import from_hex, linear, linear_rgba, srgb


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (2, 5, 3)])
def test_there_and_back_in_the_same_shape_and_kind(dtype: type, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).random(shape).astype(dtype)
    light = linear(values)
    assert light.dtype == dtype
    assert light.shape == shape
    assert (light < values).all()
    assert srgb(light).dtype == dtype
    assert srgb(light) == pytest.approx(values, abs=1e-6)


def test_known_values_of_the_standard() -> None:
    assert linear(np.array([0.0, 0.04, 0.5, 1.0])) == pytest.approx([0, 0.04 / 12.92, 0.214041, 1.0], abs=1e-6)
    assert srgb(np.array([0.003, 0.214041])) == pytest.approx([0.003 * 12.92, 0.5], abs=1e-6)


def test_light_that_no_screen_shows_is_cut() -> None:
    assert srgb(np.array([-1.0, 7.0, np.nan, np.inf, -np.inf])) == pytest.approx([0, 1, 0, 1, 0])


def test_colours_of_nodes_are_opaque_and_plain_numbers() -> None:
    colour = linear_rgba((0.5, 0.0, 1.0))
    assert colour == pytest.approx((0.214041, 0, 1, 1), abs=1e-6)
    assert {type(channel) for channel in colour} == {float}


def test_colours_are_read_as_people_write_them() -> None:
    assert from_hex("#FF8000") == pytest.approx((1.0, 128 / 255, 0.0))
    for text in ("FF8000", "#FF80", "#FF80zz", ""):
        with pytest.raises(ValueError, match=r"no colour|hexadecimal"):
            from_hex(text)


def test_one_colour_is_as_linear_as_an_array_of_them() -> None:
    colours = np.random.default_rng(3).uniform(0, 1.1, (500, 3))
    single = np.array([linear_rgba(tuple(colour)) for colour in colours.tolist()])
    np.testing.assert_allclose(single[:, :3], linear(colours), rtol=1e-14)
