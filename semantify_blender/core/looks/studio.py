"""Looks for training mappers: "random" colours, lights, backgrounds and small changes of the camera."""

import numpy as np

from .look import UNTEXTURED, Look
from .random_colours import colour_of, from_hsv, random_palette


def random_look(rng: np.random.Generator, textured: bool = True) -> Look:
    """Any palette, a plain or shaded backdrop, a key light and a fill light from in front."""
    # always the same draws in the same order, whatever is used of them
    palette = random_palette(rng)
    first = _background_colour(rng)
    second = np.clip(first + rng.normal(0, 0.18, 3), 0.03, 0.97) if rng.random() < 0.7 else first
    gradient = rng.uniform(0, 360)
    side = -1.0 if rng.random() < 0.5 else 1.0
    return Look(
        palette=palette if textured else UNTEXTURED,
        background=(colour_of(first), colour_of(second)),
        gradient=gradient,
        key_azimuth=side * rng.uniform(12, 68),
        key_elevation=rng.uniform(15, 62),
        key_strength=rng.uniform(0.60, 0.95),
        fill_azimuth=-side * rng.uniform(20, 80),
        fill_elevation=rng.uniform(-15, 35),
        fill_strength=rng.uniform(0.05, 0.32),
        ambient=rng.uniform(0.10, 0.28),
        yaw=rng.uniform(-25, 25),
        pitch=rng.uniform(-4, 10),
        zoom=rng.uniform(0.97, 1.10),
        shift=(rng.uniform(-0.05, 0.05), rng.uniform(-0.025, 0.025)),
        distance=rng.uniform(1.8, 4.5),
    )


def _background_colour(rng: np.random.Generator) -> np.ndarray:
    return from_hsv(rng.random(), rng.beta(1.0, 2.2) * 0.8, rng.uniform(0.12, 0.97))
