"""Photograph-like pictures: renders of this project before busy backdrops, and pictures in which nobody is."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from semantify_blender.core.pictures.picture import Picture
from tests.drawn_people import backdrop

HERE = Path(__file__).parent


@lru_cache(maxsize=2)
def render(name: str) -> np.ndarray:
    """(H, W, 4) uint8, cut to its figure: "person" or "head"."""
    pixels = np.asarray(Image.open(HERE / f"{name}.png").convert("RGBA"))
    rows, columns = np.flatnonzero(pixels[..., 3].any(1)), np.flatnonzero(pixels[..., 3].any(0))
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scene(
    *figures: tuple[str, float, float, float], width: int = 640, height: int = 480, kind: str = "pink", seed: int = 0
) -> Picture:
    """A picture with figures in it. Each: its name, its height as a share of the picture's, and where the middle is in
    shares of the width and the height."""
    pixels = backdrop(kind, width, height, seed).astype(np.float32)
    truth = np.zeros((height, width), np.float32)
    for name, tall, x, y in figures:
        figure = render(name)
        rows = round(tall * height)
        columns = round(rows * figure.shape[1] / figure.shape[0])
        small = np.asarray(Image.fromarray(figure).resize((columns, rows), Image.Resampling.LANCZOS), np.float32)
        left, top = round(x * width - columns / 2), round(y * height - rows / 2)
        # what reaches beyond the picture is cut off
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + columns, width), min(top + rows, height)
        part = small[y0 - top : y1 - top, x0 - left : x1 - left]
        share = part[..., 3:] / 255
        pixels[y0:y1, x0:x1] = pixels[y0:y1, x0:x1] * (1 - share) + part[..., :3] * share
        truth[y0:y1, x0:x1] = np.maximum(truth[y0:y1, x0:x1], share[..., 0])
    opaque = np.dstack([(pixels + 0.5).clip(0, 255), np.full((height, width), 255)]).astype(np.uint8)
    picture = Picture(opaque, "photo.jpg")
    TRUTH[id(picture)] = truth
    return picture


TRUTH: dict[int, np.ndarray] = {}
"""The figures' own alpha (H, W) of a picture that `scene` made, by its id."""


def cup(plain: bool) -> Picture:
    """A cup with a handle on a table, before a plain wall or in a busy room."""
    height, width = 480, 640
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pixels = np.full((height, width, 3), 225, np.float32) if plain else backdrop("shelves", width, height, 3)
    u, v = (x - 300) / 90, (y - 260) / 110
    body = (np.abs(u) < 1 - 0.12 * (v + 1)) & (np.abs(v) < 1)
    ring = np.hypot((x - 405) / 45, (y - 255) / 60)
    shade = 170 + 60 * np.cos(2.2 * u)
    pixels[(ring < 1) & (ring > 0.62)] = 150
    pixels[body] = (shade[..., None] * np.array([0.9, 0.75, 0.6]))[body]
    pixels[np.hypot(u / 0.98, (y - 152) / 16) < 1] = 60
    return Picture(np.dstack([pixels.clip(0, 255), np.full((height, width), 255)]).astype(np.uint8), "cup.jpg")


def landscape(seed: int = 0) -> Picture:
    """Sky, hills and a meadow."""
    height, width = 480, 720
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    rough = backdrop("brown", width, height, seed)
    pixels = np.stack([150 + 0.2 * y, 180 + 0.1 * y, 235 - 0.1 * y], 2)
    for i, colour in enumerate(([95, 115, 130], [70, 105, 75], [80, 140, 50])):
        waves = sum(rng.uniform(5, 30) * np.sin(x / rng.uniform(30, 160) + rng.uniform(0, 6)) for _ in range(4))
        ground = y > 190 + 70 * i + waves
        pixels[ground] = (np.array(colour) + 0.5 * (rough - 140))[ground]
    return Picture(np.dstack([pixels.clip(0, 255), np.full((height, width), 255)]).astype(np.uint8), "hills.jpg")
