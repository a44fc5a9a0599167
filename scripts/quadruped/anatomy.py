"""Parameters of a four-legged animal -> control cage: trunk, neck and head as one tube, limbs welded into it."""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import PchipInterpolator

from scripts.quadruped.cage import Cage
from scripts.quadruped.limbs import ear, front_leg, hind_leg, horn, tail
from scripts.quadruped.pieces import ball, line, ruff
from scripts.quadruped.species import NAMES

COLUMNS = 24
"""Vertices of a ring, 15° apart; 0 is at the belly, 6 at the animal's left, 12 on the back."""

TRUNK_TOP = np.array([-0.50, -0.485, -0.44, -0.36, -0.26, -0.18, -0.08, 0.02, 0.12, 0.19, 0.245, 0.30, 0.34])
TRUNK_BOTTOM = np.array([-0.478, -0.465, -0.43, -0.34, -0.25, -0.16, -0.06, 0.03, 0.12, 0.20, 0.27, 0.34, 0.41])
NECK_RINGS = 9
HEAD_RINGS = np.array([0.07, 0.14, 0.21, 0.28, 0.36, 0.44, 0.52, 0.61, 0.71, 0.81, 0.90, 0.965, 1.0])
HIND_SOCKET, FRONT_SOCKET, TAIL_SOCKET = (2, 5), (9, 12), (0, 2)
"""First and last ring of the patches that the legs and the tail are welded into."""


def build_cage(values: np.ndarray) -> Cage:
    """Cage of one animal. values: (P,), a parameter vector in the order of `species.NAMES`."""
    p = dict(zip(NAMES, values.tolist(), strict=True))
    profile = Profile(p)
    cage = Cage()
    rings = profile.rings()
    grid = cage.add(rings)
    head = len(TRUNK_TOP) + NECK_RINGS
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
    _end(cage, grid[-1], rings[-1], forward, "muzzle")
    makers = [hind_leg, front_leg, ear, horn]
    for maker, ((low, high), (first, last)) in zip(makers, holes, strict=True):
        _pair(cage, grid, rings, (low, high), (first, last), maker, p)
    loop, uv = _patch(TAIL_SOCKET, (11, 13))
    tail(cage, grid[loop[:, 0], loop[:, 1]], uv, p)
    _face(cage, rings, head, profile)
    ruff(cage, rings[head - 8 : head + 1], p["ruff"] / 0.15)
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
        q = np.linspace(0.08, 0.97, NECK_RINGS)
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
        return top, bottom, width, np.full(len(q), 2.1)

    def _head(self) -> tuple[np.ndarray, ...]:
        p = self.p
        t = self.along_head
        stop = min(1 - p["snout"], 0.82)
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
        rings = slice(first, first + NECK_RINGS)
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
    first_neck = len(TRUNK_TOP)
    top, under = column in (10, 11, 12, 13), column in (22, 23, 0, 1)
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
    cage.face((loop[0], loop[1], middle[0], loop[-1]), region)
    for row in range(1, half - 1):
        cage.face((loop[row], loop[row + 1], middle[row], middle[row - 1]), region)
        cage.face((middle[row - 1], middle[row], loop[-row - 1], loop[-row]), region)
    cage.face((loop[half - 1], loop[half], loop[half + 1], middle[-1]), region)


def _face(cage: Cage, rings: np.ndarray, head: int, profile: Profile) -> None:
    """Eyes at the brow, nostrils, and a line for the mouth, on the head as subdivision leaves it."""
    p, skin = profile.p, _smoothed(rings)[head:]
    length = p["head_length"]
    radius = p["eye_size"] * length
    brow = np.interp(1 - p["snout"] - 0.03, profile.along_head, np.arange(len(HEAD_RINGS)))
    eye, out = _on_skin(skin, float(np.clip(brow, 1, len(HEAD_RINGS) - 2)), 7 + 2 * p["eye_height"])
    front = np.radians(p["eye_front"])
    gaze = np.array([np.cos(front), -np.sin(front), 0.12])
    gaze /= np.linalg.norm(gaze)
    up = np.array([0.0, 0.0, 1.0]) - gaze[2] * gaze
    up /= np.linalg.norm(up)
    axes = radius * np.stack([np.cross(up, gaze), up, gaze])
    last = len(skin) - 1
    nostril, open_ = _on_skin(skin, last - p["nostril_back"], p["nostril_height"])
    wide = p["nostril"] * length
    ahead = profile.along - (profile.along @ open_) * open_
    ahead /= np.linalg.norm(ahead)
    slit = np.stack([1.25 * ahead, 0.8 * np.cross(open_, ahead), 0.45 * open_]) * wide
    for mirror in (1.0, -1.0):
        ball(cage, eye - 0.5 * radius * out, axes, ("pupil", "animal iris", "pupil"), mirror)
        ball(cage, nostril, slit, "nostrils", mirror)
    top = skin[last, 12] - 0.25 * (skin[last, 12] - skin[last, 0]) * np.array([0, 1, 1])
    size = p["nose"] * length
    pad = np.stack([[1.0, 0, 0], np.cross(profile.along / np.linalg.norm(profile.along), [1.0, 0, 0]), [0, 0, 0]])
    pad[2] = np.cross(pad[0], pad[1])
    pad *= size * np.array([[1.15], [0.8], [0.8]])
    # a third of it stands out, of a nose that is one; others are inside
    sunk = 0.35 * size + max(0.0, 0.06 - p["nose"]) * length
    ball(cage, top - sunk * pad[2] / np.linalg.norm(pad[2]), pad, "nose pad")
    corner = last - p["mouth"] * last
    spots = [_on_skin(skin, ring, p["mouth_height"]) for ring in np.linspace(corner, last, 10)]
    left, outward = (np.array(values) for values in zip(*spots, strict=True))
    # once around the nose: the end's quads bulge between its two sides
    middle = (left[-1] * [0, 1, 1] + 0.0085 / 0.35 * length * profile.along)[None]
    mirrored = np.array([-1.0, 1, 1])
    path = np.concatenate([left, middle, left[::-1] * mirrored])
    normals = np.concatenate([outward, profile.along[None] / np.linalg.norm(profile.along), outward[::-1] * mirrored])
    taper = np.interp(np.arange(len(path)), [0, 2, len(path) - 3, len(path) - 1], [0.4, 1.0, 1.0, 0.4])
    line(cage, path + 0.003 * length * normals, normals, 0.013 * length * taper, "mouth line")


def _smoothed(rings: np.ndarray) -> np.ndarray:
    """Where one step of Catmull and Clark's subdivision leaves the tube's points: a cubic B-spline both ways."""
    inner = rings.copy()
    inner[1:-1] = 0.125 * (rings[:-2] + rings[2:]) + 0.75 * rings[1:-1]
    return 0.125 * (np.roll(inner, 1, 1) + np.roll(inner, -1, 1)) + 0.75 * inner


def _on_skin(skin: np.ndarray, ring: float, column: float) -> tuple[np.ndarray, np.ndarray]:
    """A point between rings and columns, on the left, and the way out of the skin there."""

    def at(r: float, c: float) -> np.ndarray:
        low, left = int(min(r, len(skin) - 2)), int(c)
        rows = skin[low] + (r - low) * (skin[low + 1] - skin[low])
        return np.asarray(rows[left] + (c - left) * (rows[(left + 1) % COLUMNS] - rows[left]))

    point = at(ring, column)
    forward = at(min(ring + 0.5, len(skin) - 1), column) - at(max(ring - 0.5, 0), column)
    out = np.cross(at(ring, column + 0.5) - at(ring, column - 0.5), forward)
    return point, out / np.linalg.norm(out)
