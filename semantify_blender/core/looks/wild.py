"""Looks for fitting shapes to pictures: "wild" to train with, "unseen" to test with, told apart in every respect.

The backdrop is left out (a transparent film): each picture can then be laid on many.
"""

import numpy as np

from ..colour import Colour
from .look import UNTEXTURED, Look
from .random_colours import cloth, colour_of, random_palette


def wild_look(rng: np.random.Generator, textured: bool = True) -> Look:
    """Any garments, a key light from in front, any lens from close by to far away."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    palette = dressed(random_palette(rng), rng)
    return Look(
        palette=palette if textured else UNTEXTURED,
        key_azimuth=side * rng.uniform(0, 85),
        key_elevation=rng.uniform(5, 75),
        key_strength=rng.uniform(0.45, 1.0),
        fill_azimuth=-side * rng.uniform(10, 100),
        fill_elevation=rng.uniform(-20, 40),
        fill_strength=rng.uniform(0.03, 0.40),
        ambient=rng.uniform(0.08, 0.40),
        yaw=rng.uniform(-40, 40),
        pitch=rng.uniform(-8, 16),
        zoom=1.2,
        distance=rng.uniform(1.3, 5.0),
        key_colour=colour_of(np.clip(1 + rng.normal(0, 0.06, 3), 0.7, 1)),
    )


def unseen_look(rng: np.random.Generator, textured: bool = True) -> Look:
    """Striped garments, coloured light from the side, from above or from behind the camera, other lenses."""
    palette = dressed(random_palette(rng), rng)
    side = -1.0 if rng.random() < 0.5 else 1.0
    frontal = rng.random() < 0.3
    hue = np.array([1.0, rng.uniform(0.72, 1.0), rng.uniform(0.5, 1.0)])
    stripes = (colour_of(cloth(rng)), rng.uniform(6, 24), rng.uniform(0, 180)) if rng.random() < 0.6 else None
    return Look(
        palette=palette if textured else UNTEXTURED,
        key_azimuth=side * (rng.uniform(0, 6) if frontal else rng.uniform(60, 125)),
        key_elevation=rng.uniform(0, 10) if frontal else rng.uniform(10, 85),
        key_strength=rng.uniform(0.5, 1.1),
        fill_azimuth=-side * rng.uniform(40, 150),
        fill_elevation=rng.uniform(-40, 10),
        fill_strength=rng.uniform(0.1, 0.35),
        ambient=rng.uniform(0.15, 0.45),
        yaw=rng.uniform(-35, 35),
        pitch=rng.uniform(-6, 13),
        zoom=1.2,
        distance=rng.uniform(1.5, 2.0) if rng.random() < 0.5 else rng.uniform(5.0, 9.0),
        key_colour=colour_of(hue if rng.random() < 0.6 else hue[::-1]),
        stripes=stripes if textured else None,
    )


def dressed(palette: dict[str, Colour], rng: np.random.Generator) -> dict[str, Colour]:
    """Who wears what: long or short sleeves, trousers or shorts, shoes or none, a dress, no top, a bald head."""
    skin, top, bottom = palette["skin"], palette["top"], palette["shorts"]
    top = skin if rng.random() < 0.08 else top
    bottom = top if rng.random() < 0.12 else bottom
    changed = {
        "top": top,
        "shorts": bottom,
        "sleeves": top if rng.random() < 0.4 else skin,
        "legs": bottom if rng.random() < 0.45 else skin,
        "feet": colour_of(cloth(rng) * 0.7) if rng.random() < 0.6 else skin,
        "hair": skin if rng.random() < 0.1 else palette["hair"],
    }
    return palette | changed
