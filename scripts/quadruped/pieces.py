"""Closed pieces of their own, half sunk into the animal: eyes, nostrils, mouth line, toes, hooves.

Every animal has all of them; what it lacks is small and inside: a horse's toes in its hooves, a cat's hooves in its
paws.
"""

import itertools

import numpy as np

from scripts.quadruped.cage import Cage

SHRINKING = 1.15
"""Balls of so few vertices lose this much to subdivision."""


def ball(
    cage: Cage, centre: np.ndarray, axes: np.ndarray, regions: tuple[str, str, str] | str, mirror: float = 1.0
) -> None:
    """An ellipsoid. axes: (3, 3), rows: half axes, the last one its pole.

    regions: one, or those of back, rim and front of an eye whose pole looks out. mirror: −1 for the mirror image on the
    right of the animal.
    """
    turn = np.radians(45.0 * np.arange(8))
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    axes = np.asarray(axes, float)
    # counter-clockwise from outside, whichever way the axes turn
    order = slice(None) if np.linalg.det(axes) > 0 else slice(None, None, -1)
    loops = []
    plain = isinstance(regions, str)
    for latitude in np.radians([-50, 0, 50] if plain else [-62, -22, 22, 50, 70]):
        ring = np.cos(latitude) * (circle[order] @ axes[:2]) + np.sin(latitude) * axes[2]
        loops.append(_added(cage, centre + SHRINKING * ring, mirror))
    back, rim, front = (regions,) * 3 if isinstance(regions, str) else regions
    names = [back, back] if plain else [back, back, rim, front]
    for (first, second), name in zip(itertools.pairwise(loops), names, strict=True):
        cage.bridge(first, second, [name] * 8)
    poles = [(centre + way * SHRINKING * axes[2]) * [mirror, 1, 1] for way in (1.0, -1.0)]
    cage.cap(loops[-1], poles[0], front)
    cage.cap(np.roll(loops[0][::-1], 1), poles[1], back)


def _added(cage: Cage, points: np.ndarray, mirror: float) -> np.ndarray:
    """Numbers of a ring's vertices; a mirrored ring is turned round, so that its faces look outward."""
    numbers = cage.add(points * [mirror, 1, 1])
    return numbers if mirror > 0 else np.roll(numbers[::-1], 1)


def line(cage: Cage, path: np.ndarray, normals: np.ndarray, radius: np.ndarray, region: str) -> None:
    """A thin tube along a path. path: (n, 3). normals: (n, 3), out of the skin. radius: (n,)."""
    along = np.gradient(path, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    across = np.cross(along, normals)
    across /= np.linalg.norm(across, axis=1)[:, None]
    out = np.cross(across, along)
    turn = np.radians(60.0 * np.arange(6))
    loops = [
        cage.add(c + r * (np.multiply.outer(np.cos(turn), a) + np.multiply.outer(np.sin(turn), o)))
        for c, a, o, r in zip(path, across, out, radius, strict=True)
    ]
    for first, second in itertools.pairwise(loops):
        cage.bridge(second, first, [region] * 6)
    cage.cap(np.roll(loops[-1][::-1], 1), path[-1] + 0.6 * radius[-1] * along[-1], region)
    cage.cap(loops[0], path[0] - 0.6 * radius[0] * along[0], region)


def ruff(cage: Cage, rings: np.ndarray, shown: float) -> None:
    """A lion's mane: a shell around the neck whose locks stand out by turns; inside the neck where nobody has one.

    rings: (9, n, 3), of the neck's tube. shown: 0..1.
    """
    sizes = np.array([0.6, 1.15, 1.4, 1.62, 1.78, 1.84, 1.76, 1.45, 0.8])
    ahead = np.array([-0.06, -0.09, -0.06, -0.02, 0.0, 0.02, 0.045, 0.05, 0.0])
    turn = np.radians(360.0 / rings.shape[1] * np.arange(rings.shape[1]))
    below = np.clip(np.cos(turn), 0, 1)  # column 0 is at the throat
    loops = []
    for i, ring in enumerate(rings):
        middle = ring.mean(0)
        locks = np.where((np.arange(len(ring)) + i) % 2 == 0, 0.07, -0.05) * (1 < i < len(rings) - 1)
        size = (1 - shown) * 0.5 + shown * (sizes[i] * (1 + locks) + 0.22 * below * (sizes[i] > 1))
        points = middle + size[:, None] * (ring - middle)
        points[:, 1] -= shown * (ahead[i] + 0.25 * locks)
        loops.append(cage.add(points))
    for first, second in itertools.pairwise(loops):
        cage.bridge(first, second, ["mane"] * len(first))
    cage.cap(loops[-1], cage.vertices()[loops[-1]].mean(0), "mane")
    cage.cap(np.roll(loops[0][::-1], 1), cage.vertices()[loops[0]].mean(0), "mane")


def toes(cage: Cage, foot: np.ndarray, half: np.ndarray, p: dict[str, float], mirror: float) -> None:
    """Four toes at the front of a foot. foot: (3,) its middle on the floor. half: its half width, length and height."""
    shown = p["toes"]
    for place, ahead in ((-0.74, 0.50), (-0.26, 0.78), (0.26, 0.78), (0.74, 0.50)):
        size = half * np.array([0.30, 0.48, 0.62]) * (0.35 + 0.65 * shown)
        middle = foot + half * [place * (0.3 + 0.7 * shown), -ahead * (0.2 + 0.8 * shown), 0.0]
        middle[2] = 0.92 * size[2] + (1 - shown) * 0.3 * half[2]
        axes = np.diag(size) * [[1], [-1], [1]]
        ball(cage, middle, axes[[0, 2, 1]], "fur", mirror)


def hooves(cage: Cage, foot: np.ndarray, half: np.ndarray, p: dict[str, float], mirror: float) -> None:
    """Two claws of a cloven hoof, or one hoof with the other inside it. foot, half: as of `toes`."""
    shown, cleft = p["hoof"], p["cleft"]
    for side, inside in ((1.0, 1.0), (-1.0, 0.92)):
        width = half[0] * (1.05 - 0.52 * cleft) * inside
        offset = side * cleft * 0.54 * half[0]
        loops = []
        turn = np.radians(45.0 * np.arange(8))
        # from the sole up: height, size, how far forward the wall has sloped, in half lengths
        rows = ((0.0, 0.95, 0.30), (0.0, 1.09, 0.30), (0.2, 1.08, 0.26), (0.98, 0.83, 0.03), (1.1, 0.68, 0.0))
        for level, grow, ahead in rows:
            scale = (0.25 + 0.75 * shown) * grow
            ring = np.stack([
                offset + width * scale * np.cos(turn), -half[1] * (ahead + inside * scale * np.sin(turn)),
                np.full(8, half[2] * (level * shown + 0.4 * (1 - shown))) + 0.02 * half[2] * (1 - inside),
            ], 1)  # fmt: skip
            ring[:, 2] += 0.05 * half[2] * level * (1 - shown)
            loops.append(_added(cage, (foot * [1, 1, 0] + ring)[::-1], mirror))
        for first, second in itertools.pairwise(loops):
            cage.bridge(first, second, ["hooves"] * 8)
        ends = [cage.vertices()[loop].mean(0) for loop in (loops[-1], loops[0])]
        cage.cap(loops[-1], ends[0], "hooves")
        cage.cap(np.roll(loops[0][::-1], 1), ends[1], "hooves")
