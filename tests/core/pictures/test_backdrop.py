"""Plain backdrops as photographers have them show the figure; busy ones show none."""

from functools import cache

import numpy as np
import pytest

from semantify_blender.core.pictures.backdrop import backdrops, without_grain
from semantify_blender.core.pictures.figure import Found, find_figure, resample_mask
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.core.pictures.surfaces import find_seam
from tests.drawn_people import BUSY, PLAIN, backdrop, person, photograph, portrait

SIZE = (360, 480)
GRAINS = ((0, 0), (5, 45), (15, 90))
"""Grain, and quality of the JPEG."""


@cache
def _person(seed: int) -> np.ndarray:
    return person(*SIZE, seed, tall=(0.84, 0.6)[seed % 2])


def _agreement(figure: np.ndarray, pixels: np.ndarray) -> float:
    """Intersection over union of a figure and what is found of it; 0 where nothing is."""
    height, width = figure.shape[:2]
    found = find_figure(Picture(pixels, "test.png"))
    if not isinstance(found, Found):
        return 0.0
    assert found.source == "background"
    mask = resample_mask(found, (0, 0, width, height), (height, width)) > 0.5
    truth = figure[..., 3] > 128
    return float((mask & truth).sum() / (mask | truth).sum())


@pytest.mark.parametrize("kind", PLAIN)
def test_plain_backdrops_of_all_kinds_show_the_figure(kind: str) -> None:
    for grain, quality in GRAINS:
        for seed in (0, 1):
            pixels = photograph(_person(seed), backdrop(kind, *SIZE, seed), grain, quality, seed)
            assert _agreement(_person(seed), pixels) >= 0.94, (grain, quality, seed)


@pytest.mark.parametrize("kind", BUSY)
def test_busy_backdrops_are_declined(kind: str) -> None:
    for seed in range(3):
        back = backdrop(kind, *SIZE, seed)
        for figure in (_person(seed % 2), np.zeros((SIZE[1], SIZE[0], 4), np.uint8)):
            assert find_figure(Picture(photograph(figure, back, 3, 70, seed), "test.png")) is None


@pytest.mark.parametrize("kind", ["even", "linear"])
def test_a_portrait_that_leaves_the_picture_is_found(kind: str) -> None:
    found = 0
    for seed in (2, 3):
        figure = portrait(300, 300, seed)
        for grain in (2, 8):
            found += _agreement(figure, photograph(figure, backdrop(kind, 300, 300, seed), grain, 80, seed)) >= 0.95
    assert found == 4


def test_shoulders_are_no_floor() -> None:
    """A shirt that begins at both sides is like a floor, until one looks at its upper edge."""
    y, x = np.mgrid[:300, :300] / 300 - 0.5
    head = (x / 0.16) ** 2 + ((y + 0.1) / 0.22) ** 2 < 1
    shirt = y > 0.4 - 0.25 * np.sqrt((1 - (x / 0.48) ** 2).clip(0, 1))
    figure = np.zeros((300, 300, 4), np.uint8)
    figure[head] = (190, 140, 110, 255)
    figure[shirt] = (30, 32, 40, 255)
    agreement = _agreement(figure, photograph(figure, backdrop("linear", 300, 300), 2, 85))
    assert agreement == 0 or agreement > 0.95


def test_a_textured_floor_is_not_taken_for_a_part_of_the_figure() -> None:
    for seed in (0, 1):
        back = backdrop("falloff", *SIZE, seed)
        ground = SIZE[1] * 7 // 8
        back[ground:] = backdrop("foliage", *SIZE, seed)[ground:] - 60
        figure = _person(0)
        agreement = _agreement(figure, photograph(figure, back, 3, 80, seed))
        assert agreement == 0 or agreement > 0.9


def test_grain_is_smoothed_and_clean_colours_stay() -> None:
    clean = backdrop("linear", 150, 200)
    assert np.array_equal(without_grain(clean), clean)
    grainy = clean + np.random.default_rng(0).normal(0, 12, clean.shape).astype(np.float32)
    assert np.abs(without_grain(grainy) - clean).mean() < 0.4 * np.abs(grainy - clean).mean()


def test_a_seam_is_found_where_it_is() -> None:
    back = np.full((160, 120, 3), 200, np.float32)
    y = np.arange(160)[:, None] - np.linspace(120, 126, 120)
    back -= 60 * (y > 0)[..., None]
    seam = find_seam(back + np.random.default_rng(0).normal(0, 2, back.shape).astype(np.float32))
    assert seam is not None
    assert (seam.left, seam.right) == pytest.approx((119.5, 125.5), abs=1)
    assert find_seam(backdrop("linear", 120, 160)) is None


def test_the_backdrop_s_own_colours_are_known_behind_the_figure() -> None:
    back = backdrop("vignette", 150, 200, 1)
    values = photograph(person(150, 200, 1), back)[..., :3].astype(np.float32)
    errors = [np.abs(found.colours - back).mean() for found in backdrops(values, 4)]
    assert min(errors) < 1.5


def test_hostile_pictures_are_harmless() -> None:
    for shape in ((1, 1), (1, 5000), (5000, 1), (8, 8), (9, 5000), (8, 400), (40, 40)):
        for level in (0, 90, 255):
            assert find_figure(Picture(np.full((*shape, 4), (level, level, level, 255), np.uint8), "test.png")) is None
        noise = np.random.default_rng(0).integers(0, 256, (*shape, 4), dtype=np.uint8)
        noise[..., 3] = 255
        assert find_figure(Picture(noise, "test.png")) is None
        half = np.zeros((*shape, 4), np.uint8)
        half[: shape[0] // 2, :, :3] = 255
        half[..., 3] = 255
        find_figure(Picture(half, "test.png"))
