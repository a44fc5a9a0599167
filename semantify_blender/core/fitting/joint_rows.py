"""Residuals of a person's joints: where they are seen in the picture, and which way the bones point in space."""

from dataclasses import dataclass

import numpy as np

from ..pictures.landmarks import BODY_POINTS, BodyLandmarks
from .camera import Camera
from .picture_numbers import CAMERA, PITCH, ROLL, YAW, camera_of, camera_slopes
from .posed_points import PosedPoints

Place = tuple[float, float, float]
"""Metres."""

NOISE = {
    "nose": 0.011, "eye": 0.011, "ear": 0.011, "mouth": 0.011, "shoulder": 0.013, "elbow": 0.020, "wrist": 0.013,
    "hip": 0.014, "knee": 0.014, "ankle": 0.013, "heel": 0.017, "toe": 0.020,
}  # fmt: skip
"""Standard deviation of a point that is seen, in lengths of the figure, along each axis of the picture."""
HIDDEN = 2.5
"""How much less exact a point is that is hidden."""
KERNEL = 2.5
"""Standard deviations beyond which a point counts less and less."""
_TURN = 0.01
"""Degrees of a finite difference."""
FACE = 0.5
"""Weight of the points of the head: they err together."""
SPAN = 0.88
"""Share of a cut's side that a figure takes (`pictures.crop.FILL`)."""
_BONES = (
    ("shoulder.R", "shoulder.L", 0.10, 0.12), ("hip.R", "hip.L", 0.16, 0.15),
    ("hip.L", "shoulder.L", 0.10, 0.30), ("hip.R", "shoulder.R", 0.10, 0.30), ("ear.R", "ear.L", 0.15, 0.15),
    ("shoulder.L", "elbow.L", 0.14, 0.30), ("shoulder.R", "elbow.R", 0.14, 0.30),
    ("elbow.L", "wrist.L", 0.15, 0.45), ("elbow.R", "wrist.R", 0.15, 0.45),
    ("hip.L", "knee.L", 0.10, 0.30), ("hip.R", "knee.R", 0.10, 0.30),
    ("knee.L", "ankle.L", 0.10, 0.40), ("knee.R", "ankle.R", 0.10, 0.40),
)  # fmt: skip
"""From point to point, and the standard deviation of a bone's direction, of length 1, in the picture and in depth.

Measured on renders (scripts/anny/posed_pictures.py). The network draws trunks and lower legs towards upright: of a lean
in depth it shows half; so its depth counts for as much less. Feet are left out: it raises toes by 20 degrees."""


@dataclass(frozen=True, eq=False)
class JointTarget:
    """What a finder says of one picture, as residuals need it.

    points: (33, 2) pixels. spread: (33,) pixels, their standard deviation; infinite where a point says nothing.
    weights: (33,). directions: (B, 3) unit vectors, to the picture's right, up, and to the camera.
    """

    points: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    directions: np.ndarray
    size: int

    @classmethod
    def of(cls, body: BodyLandmarks, size: int, known: np.ndarray) -> "JointTarget":
        """known: (33,) bool, the points that the model has. size: side of the cut, pixels."""
        noise = np.array([NOISE.get(name.split(".")[0].split("_")[0], np.inf) for name in BODY_POINTS])
        seen = np.clip(body.seen, 0, 1).astype(np.float64)
        spread = np.where(known, noise, np.inf) * SPAN * size * (HIDDEN + (1 - HIDDEN) * seen)
        # what is outside of the picture was made up
        weights = np.where(np.isfinite(spread), np.clip(2 * body.inside - 0.5, 0, 1), 0.0)
        weights[:11] *= FACE
        space = np.asarray(body.world, np.float64) * [1, -1, -1]
        return cls(body.points.astype(np.float64), spread, weights, _unit(BONES @ space), size)


BONES = np.zeros((len(_BONES), len(BODY_POINTS)))
"""(B, 33): differences of points."""
for _row, (_start, _end, *_) in zip(BONES, _BONES, strict=True):
    _row[BODY_POINTS.index(_start)], _row[BODY_POINTS.index(_end)] = -1.0, 1.0
_DIRECTION = np.array([[flat, flat, deep] for *_, flat, deep in _BONES])


def joint_rows(
    posed: PosedPoints, coefficients: np.ndarray, numbers: np.ndarray, look_at: Place, to: JointTarget
) -> tuple[float, np.ndarray, np.ndarray]:
    """Energy (−log of the robust likelihood), whitened residuals (R,), and their derivatives (R, K + 8 + 3n).

    numbers: a picture's, see `picture_numbers`. look_at: its camera's target.
    """
    at, moving = posed.slopes(coefficients, numbers[CAMERA:])
    camera = camera_of(numbers, look_at)
    parts = [
        _places(at, moving, camera, numbers, len(coefficients), to),
        _bones(at, moving, camera, numbers, len(coefficients), to),
    ]
    energy, rows, derivatives = 0.0, [], []
    for off, slopes, weights in parts:
        distance = (off**2).sum(1) / KERNEL**2
        energy += float((0.5 * weights * KERNEL**2 * np.log1p(distance)).sum())
        root = np.sqrt(weights / (1 + distance))
        rows.append((off * root[:, None]).ravel())
        derivatives.append((slopes * root[:, None, None]).reshape(off.size, slopes.shape[2]))
    return energy, np.concatenate(rows), np.concatenate(derivatives)


Part = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Whitened residuals (N, c), their derivatives (N, c, K + 8 + 3n), and weights (N,)."""


def _places(at: np.ndarray, moving: np.ndarray, camera: Camera, numbers: np.ndarray, k: int, to: JointTarget) -> Part:
    """Where points are in the picture."""
    used = np.flatnonzero(to.weights > 0)
    off = camera.project(at[used], to.size).astype(np.float64) - to.points[used]
    slopes = np.empty((len(used), 2, moving.shape[2] + CAMERA))
    by_point = camera.project_slopes(at[used], to.size) @ moving[used]
    slopes[..., :k], slopes[..., k + CAMERA :] = by_point[..., :k], by_point[..., k:]
    slopes[..., k : k + CAMERA] = camera_slopes(numbers, camera.target, at[used], to.size)
    spread = to.spread[used, None]
    return off / spread, slopes / spread[..., None], to.weights[used]


def _bones(at: np.ndarray, moving: np.ndarray, camera: Camera, numbers: np.ndarray, k: int, to: JointTarget) -> Part:
    """Which way bones point in the camera's axes; those between points that count."""
    have = (BONES != 0) @ (to.weights > 0) == 2
    axes, differences = camera.axes, BONES[have]
    bones = differences @ at
    length = np.maximum(np.linalg.norm(bones, axis=1), 1e-9)[:, None]
    unit = bones / length
    change = (differences @ moving.reshape(len(at), -1)).reshape(len(bones), 3, moving.shape[2])
    change = (change - unit[:, :, None] * np.einsum("bc,bcm->bm", unit, change)[:, None]) / length[:, :, None]
    slopes = np.zeros((len(bones), 3, moving.shape[2] + CAMERA))
    in_view = axes @ change
    slopes[..., :k], slopes[..., k + CAMERA :] = in_view[..., :k], in_view[..., k:]
    for i in (YAW, PITCH, ROLL):
        nudged = numbers.copy()
        nudged[i] += _TURN
        slopes[..., k + i] = unit @ ((camera_of(nudged, camera.target).axes - axes) / _TURN).T
    spread = _DIRECTION[have]
    return (unit @ axes.T - to.directions[have]) / spread, slopes / spread[..., None], np.ones(len(bones))


def joints_disagreement(
    posed: PosedPoints, coefficients: np.ndarray, numbers: np.ndarray, look_at: Place, to: JointTarget
) -> float:
    """How far joints are from where they are seen: the robust energy of a point, weighted mean; 0 where they agree."""
    at = camera_of(numbers, look_at).project(posed.at(coefficients, numbers[CAMERA:]), to.size)
    used = to.weights > 0
    if not used.any():
        return 0.0
    distance = (((at - to.points)[used] / to.spread[used, None]) ** 2).sum(1)
    return float((to.weights[used] * KERNEL**2 * np.log1p(distance / KERNEL**2)).sum() / to.weights[used].sum())


def _unit(vectors: np.ndarray) -> np.ndarray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))
