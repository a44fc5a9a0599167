"""Parameters of a four-legged animal -> control cage: trunk, neck and head as one tube, limbs welded into it."""

import itertools
from collections.abc import Callable

import numpy as np
from scipy.interpolate import PchipInterpolator

from scripts.quadruped.cage import Cage
from scripts.quadruped.limbs import ear, front_leg, hind_leg, horn, tail
from scripts.quadruped.species import NAMES

COLUMNS = 24
"""Vertices of a ring, 15° apart; 0 is at the belly, 6 at the animal's left, 12 on the back."""

TRUNK_TOP = np.array([-0.50, -0.485, -0.44, -0.36, -0.26, -0.18, -0.08, 0.02, 0.12, 0.19, 0.245, 0.30, 0.34])
TRUNK_BOTTOM = np.array([-0.478, -0.465, -0.43, -0.34, -0.25, -0.16, -0.06, 0.03, 0.12, 0.20, 0.27, 0.34, 0.41])
NECK_RINGS, COLLAR_RINGS = 5, 4
HEAD_RINGS = np.array([0.07, 0.14, 0.21, 0.28, 0.36, 0.44, 0.52, 0.61, 0.71, 0.81, 0.90, 0.965, 1.0])
HIND_SOCKET, FRONT_SOCKET, TAIL_SOCKET = (2, 5), (9, 12), (0, 2)
"""First and last ring of the patches that the legs and the tail are welded into."""


def build_cage(values: np.ndarray) -> Cage:
    """Cage of one animal. values: (P,), a parameter vector in the order of `quadruped_species.NAMES`."""
    p = dict(zip(NAMES, values.tolist(), strict=True))
    profile = Profile(p)
    cage = Cage()
    rings = profile.rings()
    grid = cage.add(rings)
    head = len(TRUNK_TOP) + NECK_RINGS + COLLAR_RINGS
    ears, horns = (head, head + 2), (head, head + 2)
    holes = [(HIND_SOCKET, (1, 5)), (FRONT_SOCKET, (1, 5)), (ears, (7, 9)), (horns, (10, 11))]
    removed = np.zeros((len(grid) - 1, COLUMNS), bool)
    for (low, high), (first, last) in holes:
        removed[low:high, first:last] = True
        removed[low:high, COLUMNS - last : COLUMNS - first] = True
    removed[TAIL_SOCKET[0] : TAIL_SOCKET[1], 11:13] = True
    for ring in range(len(grid) - 1):
        for column in range(COLUMNS):
            if not removed[ring, column]:
                after = (column + 1) % COLUMNS
                corners = grid[ring, column], grid[ring, after], grid[ring + 1, after], grid[ring + 1, column]
                cage.face(corners, _region(ring, column, head, len(grid)))
    under = [20, 21, 22, 23, 0, 1, 2, 3, 4]
    cage.soften(grid[np.ix_([0, 1, 2], under)], 0.5)  # the buttocks flow into the thighs
    _end(cage, grid[0][::-1], rings[0][::-1], np.array([0.0, 0.012, 0.0]), "fur")
    forward = profile.along * 0.01 * p["head_length"] / 0.35
    _end(cage, grid[-1], rings[-1], forward, "nose pad")
    makers = [hind_leg, front_leg, ear, horn]
    for maker, ((low, high), (first, last)) in zip(makers, holes, strict=True):
        _pair(cage, grid, rings, (low, high), (first, last), maker, p)
    loop, uv = _patch(TAIL_SOCKET, (11, 13))
    tail(cage, grid[loop[:, 0], loop[:, 1]], uv, p)
    _eyes(cage, rings, head, profile.along_head, p)
    places = {"withers": (12, 12), "croup": (3, 12), "back": (7, 12), "belly": (7, 0), "sternum": (10, 0),
              "poll": (head - 1, 12), "throat": (head - 1, 0), "nose": (-1, 12), "chin": (-1, 0)}  # fmt: skip
    cage.landmarks |= {name: int(grid[place]) for name, place in places.items()}
    return cage


class Profile:
    """The silhouette in the median plane: pairs of a top and a bottom point, and a width, for every ring."""

    def __init__(self, p: dict[str, float]) -> None:
        self.p = p
        angle = np.radians(p["neck_angle"])
        self.withers = np.array([0.33, p["withers"]])
        self.poll = self.withers + p["neck_length"] * np.array([np.cos(angle), np.sin(angle)])
        tilt = np.radians(p["head_angle"])
        self.axis = np.array([np.cos(tilt), -np.sin(tilt)])
        self.up = np.array([np.sin(tilt), np.cos(tilt)])
        # half of the head's rings are before the stop, half on the snout, however short that is
        stop = float(np.clip(1 - p["snout"], 0.36, 0.72))
        self.along_head = np.interp(HEAD_RINGS, [0.0, 0.48, 1.0], [0.0, stop, 1.0])
        self.along = np.array([0.0, -self.axis[0], self.axis[1]])

    def head_point(self, along: float | np.ndarray, above: float | np.ndarray) -> np.ndarray:
        """Point of the head's own frame (in head lengths from the poll) in the median plane (forward, up)."""
        length = self.p["head_length"]
        return self.poll + length * (np.multiply.outer(along, self.axis) + np.multiply.outer(above, self.up))

    def rings(self) -> np.ndarray:
        """(R, COLUMNS, 3) points of the tube from buttocks to nose."""
        parts = [self._trunk(), self._neck(), self._head()]
        tops, bottoms, widths, box = (np.concatenate(values) for values in zip(*parts, strict=True))
        angle = np.tile(np.radians(15.0 * np.arange(COLUMNS) - 90), (len(tops), 1))
        head = len(tops) - len(HEAD_RINGS)
        # the ears' sockets slide up the skull; cos² keeps the median columns in place
        lift = np.radians(self.p["ear_lift"]) * np.array([[1.0], [1.0], [1.0], [0.5]])
        near = slice(head, head + 4)
        angle[near] += lift * np.cos(angle[near]) * np.abs(np.cos(angle[near]))
        power = 2 / box[:, None]
        side = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power
        side[:, [0, 12]] = 0.0
        height = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power
        share = (height + 1) / 2
        points = np.empty((len(tops), COLUMNS, 3))
        points[..., 0] = widths[:, None] * side
        flat = bottoms[:, None] + share[..., None] * (tops - bottoms)[:, None]
        points[..., 1], points[..., 2] = -flat[..., 0], flat[..., 1]
        self._ridge(points)
        self._udder(points)
        return points

    def _trunk(self) -> tuple[np.ndarray, ...]:
        p = self.p
        croup, withers = p["croup"], p["withers"]
        tail_head = croup - p["tail_head_drop"]
        s = TRUNK_TOP
        top = PchipInterpolator(
            [-0.50, -0.45, -0.28, 0.0, 0.26, 0.36],
            [tail_head - 0.06, tail_head, croup, (croup + withers) / 2 - p["dip"], withers, withers + 0.01],
        )(s)
        belly = (croup + withers) / 2 - p["dip"] - p["belly_depth"]
        flank = croup - p["flank_depth"]
        sternum = withers - p["chest_depth"]
        bottom = PchipInterpolator(
            [-0.478, -0.465, -0.43, -0.34, -0.18, 0.03, 0.25, 0.36, 0.42],
            [
                tail_head - 0.13,
                0.45 * tail_head + 0.55 * flank,
                flank + 0.03,
                flank,
                flank,
                belly,
                sternum,
                sternum + 0.015,
                sternum + 0.04,
            ],
        )(TRUNK_BOTTOM)
        rump, middle, shoulder = p["rump_width"], p["belly_width"], p["shoulder_width"]
        width = PchipInterpolator(
            [-0.50, -0.47, -0.38, -0.26, 0.0, 0.2, 0.34],
            [0.55 * rump, 0.8 * rump, rump, rump, middle, 0.45 * middle + 0.55 * shoulder, shoulder],
        )(s)
        box = np.interp(s, [-0.5, -0.4, 0.3, 0.36], [2.0, p["boxiness"], p["boxiness"], 2.1])
        return np.stack([s, top], 1), np.stack([TRUNK_BOTTOM, bottom], 1), width, box

    def _neck(self) -> tuple[np.ndarray, ...]:
        p = self.p
        # the lion's collar covers most of the neck; elsewhere it is folded into a narrow band behind the jaw
        extent = 0.003 + 4.8 * p["ruff"]
        q = np.concatenate([
            np.linspace(0.08, 1 - extent - 0.05, NECK_RINGS), np.linspace(1 - extent, 0.995, COLLAR_RINGS)
        ])  # fmt: skip
        throat = self.head_point(0.20, -0.96 * p["jaw_depth"])
        chest = np.array([0.475, p["withers"] - p["chest_front"]])
        # the topline leaves the withers flat and meets the poll `neck_arch` degrees flatter than it rose
        rise = np.radians(p["neck_angle"] * np.array([0.45, 1.0]) - np.array([0.0, p["neck_arch"]]))
        handles = p["neck_length"] * np.stack([0.28 * np.exp(1j * rise[0]), 0.36 * np.exp(1j * rise[1])])
        handles = np.stack([handles.real, handles.imag], 1)
        arch = (4 * q * (1 - q))[:, None]
        t = q[:, None]
        top = (1 - t) ** 3 * self.withers + 3 * t * (1 - t) ** 2 * (self.withers + handles[0])
        top = top + 3 * t**2 * (1 - t) * (self.poll - handles[1]) + t**3 * self.poll
        under = throat - chest
        below = np.array([under[1], -under[0]]) / np.hypot(*under)
        bottom = chest + (q**0.85)[:, None] * under + p["dewlap"] * arch * below
        end = p["head_length"] * p["skull_width"] * 0.85
        width = PchipInterpolator([0.0, 0.25, 0.65, 1.0], [
            0.92 * p["shoulder_width"], 0.45 * p["shoulder_width"] + 0.55 * p["neck_width"], p["neck_width"], end
        ])(q)  # fmt: skip
        swell = p["ruff"] * np.concatenate([0.35 * np.linspace(0, 1, NECK_RINGS), [0.60, 0.95, 1.0, 0.32]])
        across = top - bottom
        across /= np.hypot(*across.T)[:, None]
        ahead = np.concatenate([np.zeros(NECK_RINGS), [0.0, 0.0, 0.22, 0.36]]) * p["ruff"]
        shift = ahead[:, None] * np.array([1.0, -0.1])
        top, bottom = top + (0.7 * swell)[:, None] * across + shift, bottom - (1.25 * swell)[:, None] * across + shift
        return top, bottom, width + swell, np.full(len(q), 2.1)

    def _head(self) -> tuple[np.ndarray, ...]:
        p = self.p
        t = self.along_head
        stop = 1 - p["snout"]
        brow = max(stop - 0.08, 0.12)
        after = stop + 0.10
        top = PchipInterpolator(
            [0.0, 0.55 * brow, brow, after, 0.95, 1.02],
            [0.0, p["dome"], 0.75 * p["dome"], 0.75 * p["dome"] - p["stop"], -p["nose_drop"], -p["nose_drop"] - 0.06],
        )(t)
        tip = -p["nose_drop"] - p["muzzle_depth"]
        lower = 0.24 + 0.75 * t
        bottom = PchipInterpolator(
            [0.2, 0.34, 0.62, 0.92, 1.0], [-p["jaw_depth"], -p["jaw_depth"], 0.45 * tip - 0.5 * p["jaw_depth"], tip,
                                           tip + 0.06])(lower)  # fmt: skip
        skull, snout, muzzle = p["skull_width"], p["snout_width"], p["muzzle_width"]
        width = PchipInterpolator(
            [0.0, brow, min(after + 0.02, 0.84), 0.88, 1.0], [0.92 * skull, skull, snout, muzzle, 0.66 * muzzle]
        )(t)
        close = np.interp(t, [0.95, 1.0], [0.0, 0.22])[:, None]
        tops, bottoms = self.head_point(t, top), self.head_point(lower, bottom)
        tops, bottoms = tops + close * (bottoms - tops), bottoms + close * (tops - bottoms)
        return tops, bottoms, width * p["head_length"], np.full(len(t), 2.3)

    def _ridge(self, points: np.ndarray) -> None:
        """Raise the mane's crest along the top of the neck."""
        first = len(TRUNK_TOP)
        rings = slice(first, first + NECK_RINGS + COLLAR_RINGS)
        up = points[rings, 12] - points[rings, 0]
        up /= np.linalg.norm(up, axis=1)[:, None]
        taper = np.interp(np.arange(len(up)), [0, 2, len(up) - 1], [0.1, 1.0, 0.9])[:, None]
        raised, spread = self.p["crest"] * taper * up, self.p["mane_spread"]
        before = points[rings].copy()
        for column in (10, 11, 13, 14):
            outward = 1 if column > 12 else -1
            towards = before[:, column + outward if spread > 0 else column - outward]
            share = 0.55 if abs(column - 12) == 1 else 0.1
            points[rings, column] += abs(spread) * taper * (towards - before[:, column]) + share * raised
            # hair lies on the skin, not in it
            points[rings, column, 0] -= outward * 0.014 * max(spread, 0.0) * taper[:, 0]
        points[rings, 12] += raised

    def _udder(self, points: np.ndarray) -> None:
        weight = np.array([0.5, 1.0, 0.95, 0.35])
        for column, share in ((0, 1.0), (1, 0.85), (23, 0.85)):
            points[3:7, column, 2] -= self.p["udder"] * share * weight


def _region(ring: int, column: int, head: int, count: int) -> str:
    collar = head - COLLAR_RINGS
    first_neck = len(TRUNK_TOP)
    top, under = column in (10, 11, 12, 13), column in (22, 23, 0, 1)
    if collar <= ring < head - 1:
        return "mane"
    if first_neck <= ring < head and top:
        return "mane"
    if ring >= count - 5:
        return "muzzle"
    if ring in (4, 5) and column in (23, 0):
        return "udder"
    return "belly fur" if under and 4 <= ring < 9 else "fur"


def _patch(rings: tuple[int, int], columns: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Boundary of a patch of the grid: (n, 2) ring and column in face order, (n, 2) forward and outward in −1..1."""
    (low, high), (first, last) = rings, columns
    loop = [(low, c) for c in range(first, last)] + [(r, last) for r in range(low, high)]
    loop += [(high, c) for c in range(last, first, -1)] + [(r, first) for r in range(high, low, -1)]
    cells = np.array(loop)
    uv = 2 * (cells - [low, first]) / [high - low, last - first] - 1
    return cells, uv


def _pair(
    cage: Cage, grid: np.ndarray, rings: np.ndarray, span: tuple[int, int], columns: tuple[int, int],
    maker: Callable[..., None], p: dict[str, float],
) -> None:  # fmt: skip
    """Weld a limb and its mirror image into the grid."""
    loop, uv = _patch(span, columns)
    base = rings[loop[:, 0], loop[:, 1]]
    maker(cage, grid[loop[:, 0], loop[:, 1]], base, uv, p, mirror=1.0)
    back = np.concatenate([[0], np.arange(len(loop) - 1, 0, -1)])
    other = grid[loop[back, 0], (COLUMNS - loop[back, 1]) % COLUMNS]
    maker(cage, other, base[back], uv[back], p, mirror=-1.0)


def _end(cage: Cage, loop: np.ndarray, points: np.ndarray, bulge: np.ndarray, region: str) -> None:
    """Close the tube's first or last ring by quads on both sides of the median plane."""
    loop, points = (np.roll(values, 1, 0) for values in (loop, points)) if loop[0] > loop[-1] else (loop, points)
    half = COLUMNS // 2
    middle = cage.add((points[1:half] + points[:half:-1]) / 2 * [0, 1, 1] + bulge)
    cage.face((loop[0], loop[1], middle[0], loop[-1]), "muzzle" if region == "nose pad" else region)
    for row in range(1, half - 1):
        name = "muzzle" if region == "nose pad" and row < 6 else region
        cage.face((loop[row], loop[row + 1], middle[row], middle[row - 1]), name)
        cage.face((middle[row - 1], middle[row], loop[-row - 1], loop[-row]), name)
    cage.face((loop[half - 1], loop[half], loop[half + 1], middle[-1]), region)


def _eyes(cage: Cage, rings: np.ndarray, head: int, along_head: np.ndarray, p: dict[str, float]) -> None:
    """Two balls half sunk into the head at the brow."""
    place = np.clip(np.interp(1 - p["snout"] - 0.03, along_head, np.arange(len(HEAD_RINGS))), 1, len(HEAD_RINGS) - 2)
    low = int(place)
    row = rings[head + low] * (low + 1 - place) + rings[head + low + 1] * (place - low)
    radius = p["eye_size"] * p["head_length"]
    height = 7 + 2 * p["eye_height"]
    for mirror in (1.0, -1.0):
        columns = np.array([6, 7, 8, 9, 10]) if mirror > 0 else np.array([18, 17, 16, 15, 14])
        centre = np.array([np.interp(height, range(6, 11), row[columns, axis]) for axis in range(3)])
        centre = centre - np.array([mirror * 0.45 * radius, 0.0, 0.0])
        latitudes = np.radians([-60, -25, 25, 60])
        turn = mirror * np.radians(45.0 * np.arange(8))
        circle = np.stack([np.cos(turn), np.sin(turn)], 1)
        loops = []
        for latitude in latitudes:
            ring = np.empty((8, 3))
            ring[:, 1:] = circle * np.cos(latitude)
            ring[:, 0] = mirror * np.sin(latitude)
            loops.append(cage.add(centre + radius * 1.15 * ring))
        for first, second in itertools.pairwise(loops):
            cage.bridge(first, second, ["pupil"] * 8)
        pole = np.array([mirror * 1.15 * radius, 0.0, 0.0])
        cage.cap(loops[-1], centre + pole, "pupil")
        cage.cap(np.roll(loops[0][::-1], 1), centre - pole, "pupil")
