"""What is behind figures in pictures to train and to test with: drawn, since no photograph may be shipped."""

import numpy as np
from PIL import Image, ImageDraw


def backdrop(rng: np.random.Generator, size: int) -> np.ndarray:
    """A busy backdrop (S, S, 3) uint8: a gradient, soft noise in several sizes, and a few boxes and discs."""
    y, x = np.mgrid[0:size, 0:size] / size
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(angle) * x + np.sin(angle) * y)[..., None]
    out = rng.uniform(0, 1, 3) + ramp * rng.normal(0, 0.3, 3)
    for cells in (2, 4, 9, 20):
        coarse = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32), "F")
        noise = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))
        out = out + rng.uniform(0, 0.16) * noise[..., None] * rng.uniform(0.4, 1.0, 3)
    for _ in range(rng.integers(0, 8)):
        u, v, w, h = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.05, 0.5), rng.uniform(0.05, 0.7)
        inside = (np.abs(x - u) < w / 2) & (np.abs(y - v) < h / 2)
        if rng.random() < 0.3:
            inside = (x - u) ** 2 + (y - v) ** 2 < (w / 2) ** 2
        out = np.where(inside[..., None], 0.3 * out + 0.7 * rng.uniform(0, 1, 3), out)
    return (255 * np.clip(out, 0, 1)).astype(np.uint8)


def room(rng: np.random.Generator, size: int) -> np.ndarray:
    """A backdrop (S, S, 3) uint8 with more in it than `backdrop`: a floor, posts, tiles, lines and leaves on it."""
    image = Image.fromarray(backdrop(rng, size))
    draw = ImageDraw.Draw(image, "RGBA")

    def colour(opaque: int = 255) -> tuple[int, int, int, int]:
        red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
        return red, green, blue, opaque

    if rng.random() < 0.5:
        draw.rectangle((0, size * rng.uniform(0.55, 0.95), size, size), fill=colour(int(rng.integers(120, 256))))
    if rng.random() < 0.25:
        step, tone = int(rng.integers(4, 24)), colour(int(rng.integers(60, 200)))
        for at in range(0, size, step):
            draw.line((at, 0, at, size), fill=tone)
            draw.line((0, at, size, at), fill=tone)
    for _ in range(rng.integers(0, 6)):
        x, wide = rng.uniform(0, size), rng.uniform(1, 0.12 * size)
        draw.rectangle((x, size * rng.uniform(0, 0.5), x + wide, size * rng.uniform(0.5, 1)), fill=colour())
    for _ in range(rng.integers(0, 12)):
        ends = rng.uniform(-0.1, 1.1, 4) * size
        draw.line(ends.tolist(), fill=colour(int(rng.integers(120, 256))), width=int(rng.integers(1, 5)))
    tone = colour()
    for _ in range(rng.integers(0, 60) if rng.random() < 0.4 else 0):
        x, y, r = rng.uniform(0, size), rng.uniform(0, size), rng.uniform(1, 6)
        lighter = tuple(int(min(255, part * rng.uniform(0.6, 1.4))) for part in tone[:3])
        draw.ellipse((x - r, y - r * rng.uniform(0.4, 1), x + r, y + r), fill=lighter)
    pixels = np.asarray(image, np.float32)
    grey = pixels.mean(-1, keepdims=True)
    # rooms and streets are duller than chance
    return np.asarray(grey + rng.uniform(0.1, 1.0) * (pixels - grey), np.uint8)
