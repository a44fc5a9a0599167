"""Turned squares: the way into a picture and back, and what is seen in them."""

import math

import numpy as np
import pytest

from semantify_blender.core.finders.regions import Region, mask_in_picture, pixels_of, sampled
from semantify_blender.core.pictures.picture import Picture


def opaque(colours: np.ndarray) -> Picture:
    return Picture(np.dstack([colours, np.full(colours.shape[:2], 255)]).astype(np.uint8), "test")


def drawn_region(rng: np.random.Generator) -> Region:
    x, y = rng.uniform(-50, 400, 2).tolist()
    return Region(x, y, float(rng.uniform(1, 500)), float(rng.uniform(-4, 4)))


@pytest.mark.parametrize("seed", range(10))
def test_to_the_picture_and_back(seed: int) -> None:
    rng = np.random.default_rng(seed)
    region = drawn_region(rng)
    shares = rng.uniform(-1, 2, (20, 3, 2)).astype(np.float32)
    places = region.to_picture(shares)
    np.testing.assert_allclose(region.to_shares(places), shares, atol=2e-4 * max(1, 500 / region.side))
    np.testing.assert_allclose(region.to_picture(np.array([0.5, 0.5])), [region.x, region.y], rtol=1e-5, atol=1e-3)
    lengths = np.linalg.norm(np.diff(shares, axis=1), axis=-1) * region.side
    np.testing.assert_allclose(np.linalg.norm(np.diff(places, axis=1), axis=-1), lengths, rtol=1e-3, atol=1e-2)
    corners = region.to_picture(np.array([[0, 0], [1, 0], [1, 1], [0, 1]]))
    np.testing.assert_allclose(region.box, [*corners.min(0), *corners.max(0)], rtol=1e-4, atol=1e-2)


def test_a_turn_is_clockwise_as_seen() -> None:
    upper = Region(10, 20, 8, math.radians(90)).to_picture(np.array([0.5, 0.0]))
    np.testing.assert_allclose(upper, [14, 20], atol=1e-5)


def _smooth(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:height, :width] + 0.5
    return np.stack([40 + x, 40 + y, 120 + 40 * np.sin(x / 30) * np.cos(y / 40)], -1)


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.2, math.pi])
def test_what_is_seen_is_the_picture_there(turn: float) -> None:
    picture = opaque(_smooth(160, 200))
    region = Region(100, 80, 70, turn)
    seen = pixels_of(picture, region, 64, repeat=True)
    assert seen.shape == (64, 64, 3)
    steps = (np.arange(64) + 0.5) / 64
    places = region.to_picture(np.stack(np.meshgrid(steps, steps), -1))
    np.testing.assert_allclose(seen[..., 0], 40 + places[..., 0], atol=1.2)
    np.testing.assert_allclose(seen[..., 1], 40 + places[..., 1], atol=1.2)


@pytest.mark.parametrize("side", [1900, 1777, 900, 700])
def test_a_large_picture_is_seen_as_a_small_one_is(side: int) -> None:
    """Few of its pixels are looked at; where they are is not forgotten."""
    picture = opaque(_smooth(190, 200).repeat(10, 0).repeat(10, 1))
    region = Region(1010, 960, side)
    seen = pixels_of(picture, region, 64, repeat=True)
    wanted = pixels_of(opaque(_smooth(190, 200)), Region(101, 96, side / 10), 64, repeat=True)
    np.testing.assert_allclose(seen, wanted, atol=2.5)
    assert abs(float((seen - wanted).mean())) < 0.1


def test_outside_a_picture_is_black_or_its_border() -> None:
    picture = opaque(np.full((40, 40, 3), 200))
    region = Region(40, 20, 40)
    black, repeated = pixels_of(picture, region, 20, repeat=False), pixels_of(picture, region, 20, repeat=True)
    assert black[:, 11:].max() == 0
    np.testing.assert_allclose(black[:, :10], 200, atol=0.01)
    np.testing.assert_allclose(repeated, 200, atol=0.01)
    away = pixels_of(picture, Region(500, 500, 40), 20, repeat=True)
    assert away.shape == (20, 20, 3)
    assert np.isfinite(away).all()


def test_transparent_pixels_are_grey() -> None:
    pixels = np.full((20, 20, 4), 250, np.uint8)
    pixels[..., 3] = 0
    np.testing.assert_allclose(pixels_of(Picture(pixels, "clear"), Region(10, 10, 10), 8, repeat=True), 128)


@pytest.mark.parametrize("turn", [0.0, 0.7, -2.0])
def test_a_mask_comes_back_to_where_it_was_seen(turn: float) -> None:
    region = Region(150, 110, 160, turn)
    y, x = (np.mgrid[:220, :300] + 0.5).astype(np.float32)
    square = (abs(x - 140) < 30) & (abs(y - 120) < 30)
    picture = opaque(np.repeat(square[..., None] * 255.0, 3, -1))
    mask = pixels_of(picture, region, 256, repeat=True)[..., 0] / 255
    back = mask_in_picture(mask.astype(np.float32), region, (0, 0, 300, 220), (220, 300))
    assert back.shape == (220, 300)
    assert ((back > 0.5) & square).sum() / ((back > 0.5) | square).sum() > 0.96
    small = mask_in_picture(mask.astype(np.float32), region, (100, 80, 180, 160), (40, 40))
    assert abs((small > 0.5).mean() - 60 * 60 / (80 * 80)) < 0.04
    assert not mask_in_picture(np.ones((8, 8), np.float32), region, (1000, 1000, 1010, 1010), (5, 5)).any()


def test_samples_between_and_beyond_pixels() -> None:
    values = np.array([[0.0, 10], [20, 30]], np.float32)[..., None]
    points = np.array([[0.5, 0.5], [1.0, 0.5], [1.0, 1.0], [-5, -5], [9, 9]], np.float32)
    np.testing.assert_allclose(sampled(values, points)[:, 0], [0, 5, 15, 0, 30])
    one = sampled(np.full((1, 1, 1), 7, np.float32), points)
    np.testing.assert_allclose(one, 7)


def test_regions_that_show_the_same_are_near() -> None:
    region = Region(100, 100, 50, math.pi - 0.02)
    assert region.is_near(Region(102, 100, 52, -math.pi + 0.02))
    assert not region.is_near(Region(110, 100, 50, math.pi))
    assert not region.is_near(Region(100, 100, 60, math.pi))
    assert not region.is_near(Region(100, 100, 50, math.pi - 0.3))
