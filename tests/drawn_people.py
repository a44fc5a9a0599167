"""People drawn from capsules, and backdrops as photographers have them, for tests of what finds a figure."""

import io

import numpy as np

PLAIN = ("even", "linear", "falloff", "vignette", "corners", "cyclorama", "seam")
BUSY = ("tiles", "stripes", "pink", "brown", "blurred", "patches", "foliage", "shelves")


def person(width: int, height: int, seed: int = 0, tall: float = 0.84, at: float = 0.5) -> np.ndarray:
    """(H, W, 4) uint8: a person of chance build, pose and clothes, transparent all around.

    tall: share of the picture's height. at: where the middle is, a share of its width.
    """
    rng = np.random.default_rng(seed)
    scale = 2
    y, x = np.mgrid[: height * scale, : width * scale].astype(np.float32) / (height * scale)
    x, y = (x - at * width / height) / tall, (y - (1 - tall) / 2) / tall
    build, arms, legs = rng.uniform(0.8, 1.25), rng.uniform(0.15, 0.9, 2), rng.uniform(0.02, 0.2, 2)
    skin = np.array([200, 150, 125]) * rng.uniform(0.35, 1.1)
    shirt, trousers = rng.uniform(15, 140, 3), rng.uniform(10, 110, 3)
    pixels = np.zeros((*x.shape, 4), np.float32)

    def capsule(a: tuple[float, float], b: tuple[float, float], r: tuple[float, float], colour: np.ndarray) -> None:
        along = np.array(b, np.float32) - a
        t = (((x - a[0]) * along[0] + (y - a[1]) * along[1]) / max(float(along @ along), 1e-6)).clip(0, 1)
        inside = np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1]) < r[0] + t * (r[1] - r[0])
        folds = 1 + 0.12 * np.sin(40 * t + 9 * x / 0.1) + 0.3 * (x + 0.3 * y)
        pixels[inside] = np.concatenate([colour * folds[inside][:, None], np.full((inside.sum(), 1), 255)], 1)

    for side, spread in zip((-1, 1), legs, strict=True):
        hip, foot = (side * 0.045 * build, 0.5), (side * (0.05 + spread * 0.5), 0.965)
        knee = (side * (0.05 + spread * 0.3), 0.73)
        capsule(hip, knee, (0.06 * build, 0.042 * build), trousers)
        capsule(knee, foot, (0.042 * build, 0.027), trousers)
        capsule(foot, (foot[0] + side * 0.03, 0.98), (0.02, 0.018), trousers * 0.5)
    for side, angle in zip((-1, 1), arms, strict=True):
        shoulder = (side * 0.095 * build, 0.215)
        elbow = (shoulder[0] + side * 0.17 * np.sin(angle), shoulder[1] + 0.17 * np.cos(angle))
        hand = (elbow[0] + side * 0.16 * np.sin(angle * 0.7), elbow[1] + 0.16 * np.cos(angle * 0.7))
        capsule(shoulder, elbow, (0.034 * build, 0.028 * build), shirt)
        capsule(elbow, hand, (0.028 * build, 0.02), skin)
    capsule((0, 0.24), (0, 0.48), (0.1 * build, 0.085 * build), shirt)
    capsule((0, 0.12), (0, 0.2), (0.03, 0.035), skin)
    capsule((0, 0.06), (0, 0.09), (0.05, 0.042), skin)
    capsule((-0.02, 0.042), (0.02, 0.042), (0.042, 0.042), skin * 0.25)
    pixels[..., :3] += rng.normal(0, 4, (*x.shape, 3)) * (pixels[..., 3:] > 0)
    blocks = pixels.reshape(height, scale, width, scale, 4).mean((1, 3))
    blocks[..., :3] /= np.maximum(blocks[..., 3:] / 255, 1e-3)
    return (blocks + 0.5).clip(0, 255).astype(np.uint8)


def portrait(width: int, height: int, seed: int = 0) -> np.ndarray:
    """(H, W, 4) uint8: head and shoulders of such a person, which leave the picture below and to both sides."""
    scale = 3.2
    tall = person(round(width / 0.9), round(height * 0.9), seed, tall=0.98)
    rows, columns = np.flatnonzero((tall[..., 3] > 128).any(1)), tall.shape[1] / 2
    y = (np.arange(height) / scale + rows[0] - 0.06 * height / scale).astype(int)
    x = ((np.arange(width) - width / 2) / scale + columns).astype(int)
    cut = tall[y.clip(0)][:, x]
    cut[y < 0] = 0
    return cut


def backdrop(kind: str, width: int, height: int, seed: int = 0) -> np.ndarray:
    """(H, W, 3) float32: one of PLAIN or BUSY."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    tint = np.array([210, 212, 214]) * rng.uniform(0.8, 1.1) * rng.uniform(0.92, 1.08, 3)
    middle = np.hypot(x - x.max() * rng.uniform(0.3, 0.7), y - y.max() * rng.uniform(0.2, 0.6))
    radius = np.hypot(x - x.max() / 2, y - y.max() / 2)
    light: np.ndarray | float
    if kind in BUSY:
        return _busy(kind, rng, x, y)
    if kind == "linear":
        light = 1 - 0.45 * (x * rng.uniform(-1, 1) + y * rng.uniform(0.3, 1))
    elif kind == "falloff":  # a lamp on the wall
        light = 0.5 + 0.55 * np.exp(-((middle / rng.uniform(0.35, 0.6)) ** 2))
    elif kind == "vignette":  # cos⁴ of a wide lens
        light = 1.05 / (1 + (radius / rng.uniform(0.6, 0.9)) ** 2) ** 2
    elif kind == "corners":
        light = 1.05 - 2.2 * (radius - 0.35).clip(0, None) ** 2 * rng.uniform(0.6, 1.2)
    elif kind == "cyclorama":  # a paper roll from wall to floor
        floor = 1 / (1 + np.exp(-(y / y.max() - rng.uniform(0.72, 0.86)) / rng.uniform(0.03, 0.08)))
        light = 0.95 - 0.15 * y - floor * rng.choice([-0.15, 0.25])
    elif kind == "seam":  # a wall, and a floor that begins at a line
        floor = (y > y.max() * rng.uniform(0.72, 0.88)).astype(np.float32)
        return (0.97 - 0.2 * radius)[..., None] * (tint + floor[..., None] * rng.uniform(-70, 20, 3))
    else:
        light = np.ones_like(x)
    return np.asarray(light)[..., None] * tint


def _busy(kind: str, rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height, width = x.shape
    if kind == "tiles":
        tiles = rng.integers(60, 235, (-(-height // 31), -(-width // 31), 3))
        return np.kron(tiles, np.ones((31, 31, 1)))[:height, :width]
    if kind == "stripes":
        return 150 + 60 * np.sign(np.sin(60 * (x + 0.3 * y)))[..., None] * np.array([1, 0.8, 0.6])
    if kind == "shelves":
        bright = rng.uniform(40, 230, (64, 3))
        spines = np.minimum(x * 60, 63).astype(int)
        return bright[spines] * (np.abs(np.sin(12 * y)) > 0.2)[..., None]
    power = {"pink": 1.0, "brown": 1.6, "blurred": 2.2, "patches": 1.3, "foliage": 0.7}[kind]
    distance = np.hypot(np.fft.fftfreq(height)[:, None] * height, np.fft.fftfreq(width)[None] * width)
    spectrum = np.where(distance > 0, np.maximum(distance, 1) ** -power, 0)[..., None]
    field = np.fft.ifft2(np.fft.fft2(rng.normal(0, 1, (height, width, 3)), axes=(0, 1)) * spectrum, axes=(0, 1)).real
    field /= field.std((0, 1))
    if kind == "patches":
        field = np.sign(field)
    return 140 + 42 * (0.75 * field.mean(2, keepdims=True) * 1.7 + 0.25 * field)


def photograph(
    figure: np.ndarray, back: np.ndarray, grain: float = 0, quality: int = 0, seed: int = 0, coarse: bool = False
) -> np.ndarray:
    """(H, W, 4) uint8 opaque: a figure (H, W, 4) before a backdrop (H, W, 3), grain laid over both, as a JPEG.

    grain: standard deviation of a channel, in colours of 0..255. coarse: grains of two pixels. quality: of JPEG's; 0
    for none.
    """
    rng = np.random.default_rng(seed)
    share = figure[..., 3:] / np.float32(255)
    colours = figure[..., :3] * share + back * (1 - share)
    height, width = colours.shape[:2]
    fine = rng.normal(0, grain, (height, width, 3))
    if coarse:
        fine = (fine + np.roll(fine, 1, 0) + np.roll(fine, 1, 1) + np.roll(fine, (1, 1), (0, 1))) / 2
    pixels = (colours + fine + 0.5).clip(0, 255).astype(np.uint8)
    if quality:
        from PIL import Image  # which not every Blender's Python has

        data = io.BytesIO()
        Image.fromarray(pixels).save(data, "JPEG", quality=quality)
        pixels = np.asarray(Image.open(data))
    return np.dstack([pixels, np.full((height, width), 255, np.uint8)])
