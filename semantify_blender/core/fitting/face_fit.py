"""The shape of a head from the points that a finder reads off its picture: pose, shape and expression at once.

Gauss-Newton over the head's rotation, size and place in the picture, how strong the perspective is, the model's
coefficients, those of what the model leaves out (the expression beside a model of shapes and the other way round), and
the directions in which points stray together (`FacePoints.spread`). All but the pose have priors: Gaussian ones, and
Student's t for coefficients with one-sided ranges, those of expressions, since most of a face is at rest in most
pictures. Points that stray alone count less the farther they do (the kernel of Geman and McClure 1987).
"""

import math
from dataclasses import dataclass

import numpy as np

from ..model.face_points import FacePoints, view_terms
from ..model.morphable_model import MorphableModel
from ..pictures.landmarks import FaceLandmarks
from .camera import ViewAngles
from .gaussian import Gaussian

STEPS = 12
ENOUGH = 0.02
"""A step ends the search when it moves no point by more than this many of its deviations."""
LEAST_FACE, LEAST_POINTS, FARTHEST = 6.0, 60, 1e6
"""Pixels that a face is wide and tall at least, points that it has, and pixels from the picture's corner at most."""
TURNED, SLIDING = 0.35, 4.0
"""Cosine between a point's normal and the view below which it is near the contour, where points slide along the skin,
and the factor on the deviation of those that are turned away."""
ROBUST = 4.0
"""Deviations at which a point counts a quarter."""
NEARNESS, NEAREST = (0.8, 0.5), 2.5
"""One over the camera's distance from the head, per metre: prior mean and deviation, and the most."""
TURN = 1.1
"""Radians up to which the view bends the points: beyond there was nothing to learn from."""
FREEDOM, AT_REST = 2.0, 0.6
"""Student's t over the coefficients of expressions: its degrees of freedom, and its scale in prior deviations."""
BEYOND = 1.5
"""How far past their ends the coefficients may go that the model leaves out: else a shout makes a face thin."""
_POSE = 6
"""Numbers of a pose: a small rotation, the logarithm of the size, and the place."""


@dataclass(frozen=True, eq=False)
class FaceFit:
    """What the points of a picture say about a head.

    shape: Gaussian over ξ. view: where the picture was taken from. error: root mean square distance of points from
    where the surface shows them, in heights of the face, with what they stray together taken off.
    points: (468, 2) pixels, where the surface shows them. other: (N,) what the model leaves out.
    """

    shape: Gaussian
    view: ViewAngles
    error: float
    points: np.ndarray
    other: np.ndarray


def fit_face(
    model: MorphableModel, points: FacePoints, face: FaceLandmarks, prior: Gaussian | None = None
) -> FaceFit | None:
    """Fit a head to its points in one picture.

    prior: over ξ, beside what holds expressions at rest; by default the model's own.
    Points that are not finite are left out. Returns None where the others show no face: too few, too small, on a line.
    """
    seen = np.asarray(face.points, np.float64)
    there = np.isfinite(seen).all(1) & (np.abs(seen) < FARTHEST).all(1)
    if there.sum() < LEAST_POINTS or float(np.ptp(seen[there, :2], axis=0).min()) < LEAST_FACE:
        return None
    try:
        return _Search(model, points, seen, there, prior).run()
    except np.linalg.LinAlgError:
        return None


def ranges_of(model: MorphableModel) -> np.ndarray:
    """(K, 2) float64 ends of a model's coefficients, three standard deviations where it names none."""
    if model.ranges is None:
        return np.tile([-3.0, 3.0], (model.component_count, 1))
    return np.asarray(model.ranges, np.float64)


def prior_of(model: MorphableModel) -> Gaussian:
    """What a model says of its coefficients before there is a picture: rest, and a third of the way to their ends."""
    return Gaussian(np.zeros(model.component_count), np.diag(_deviations(ranges_of(model)) ** 2))


def _at_rest(ranges: np.ndarray) -> np.ndarray:
    """(K,) bool: which coefficients are zero on most faces: those whose ends are not mirrored."""
    return np.abs(ranges.sum(1)) > 1e-3


def _deviations(ranges: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(ranges).max(1) / 3, 1e-3)


class _Search:
    """The numbers of one search.

    What bends the points is one vector: ξ, what the model leaves out, what the points stray by, and last the camera's
    nearness, each with a prior mean and all with a prior precision.
    """

    def __init__(
        self, model: MorphableModel, points: FacePoints, seen: np.ndarray, there: np.ndarray, prior: Gaussian | None
    ) -> None:
        k, n, m = model.component_count, len(points.other_basis), len(points.spread)
        self.k, self.n = k, n
        self.there = there
        self.seen = np.where(there[:, None], seen, 0) * [1, -1, -1]  # right, up, to the camera
        self.deviation = points.deviation
        rest = points.on(model.template) + points.rest
        self.pivot = rest.mean(0)
        self.rest = rest - self.pivot
        self.bent = points.turned
        self.normals = points.normals(model.template)
        self.basis = np.concatenate([points.own_basis, points.other_basis, points.spread]).reshape(k + n + m, -1)
        self.mean = np.concatenate([np.zeros(k + n + m), NEARNESS[:1]])
        self.precision = np.diag(
            np.concatenate([np.zeros(k), 1 / _deviations(points.other_ranges) ** 2, np.ones(m), [NEARNESS[1] ** -2]])
        )
        ends = np.concatenate([ranges_of(model), points.other_ranges])
        self.at_rest = np.flatnonzero(_at_rest(ends))
        self.scale_at_rest = AT_REST * _deviations(ends)[self.at_rest]
        if prior is None:
            prior = prior_of(model)
            prior = Gaussian(prior.mean, np.where(_at_rest(ends[:k]), 1e6, 1) * prior.covariance)
        self.mean[:k] = prior.mean
        self.precision[self.at_rest[self.at_rest >= k], self.at_rest[self.at_rest >= k]] = 0
        self.precision[:k, :k] = np.linalg.inv(prior.covariance)
        low, high = np.full((2, len(self.mean)), [[-np.inf], [np.inf]])
        if model.ranges is not None:
            low[:k], high[:k] = model.ranges.T.astype(np.float64)
        low[k : k + n], high[k : k + n] = BEYOND * points.other_ranges.T
        low[-1], high[-1] = 0.0, NEAREST
        self.low, self.high = low, high
        self.numbers = np.clip(self.mean, low, high)
        self.rotation = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
        self.start()

    def start(self) -> None:
        """Rotation, size and place that lay the mean head on the points in space (Kabsch 1976)."""
        weights = (self.there / self.deviation**2)[:, None]
        weights = weights / weights.sum()
        shape = self.shape()
        a, b = shape - (weights * shape).sum(0), self.seen - (weights * self.seen).sum(0)
        u, values, vt = np.linalg.svd((weights * b).T @ a)
        turn = np.array([1, 1, np.sign(np.linalg.det(u @ vt)) or 1.0])
        self.rotation = (u * turn) @ vt
        self.scale = float((values * turn).sum() / (weights * a**2).sum())
        self.scale = max(self.scale, 1e-6)
        self.place = ((weights * self.seen).sum(0) - self.scale * self.rotation @ (weights * shape).sum(0))[:2]

    def shape(self) -> np.ndarray:
        """(468, 3) metres, around the pivot; how the view bends it follows the rotation from step to step."""
        terms = view_terms(self.rotation).clip(-TURN, TURN)
        return self.rest + np.tensordot(terms, self.bent, 1) + (self.numbers[:-1] @ self.basis).reshape(-1, 3)

    def run(self) -> FaceFit:
        for _ in range(STEPS):
            moved = self.step()
            if moved < ENOUGH:
                break
        return self.result()

    def turned(self) -> np.ndarray:
        """(468, 3) metres along the picture's right, its up and to the camera."""
        return self.shape() @ self.rotation.T

    def shown(self, at: np.ndarray) -> np.ndarray:
        """(468, 2) pixels to the right and up, from points along the picture's axes."""
        return self.place + self.scale * at[:, :2] / np.maximum(1 - self.numbers[-1] * at[:, 2:], 0.2)

    def deviations(self, residual: np.ndarray) -> np.ndarray:
        """(468,) pixels: of the points, those near the contour and those far off taken for less sure."""
        facing = self.normals @ self.rotation[2]
        slide = 1 + (SLIDING - 1) * np.clip((TURNED - facing) / (2 * TURNED), 0, 1)
        plain = self.scale * self.deviation * slide
        far = np.linalg.norm(residual, axis=1) / plain
        return plain * (1 + (far / ROBUST) ** 2)

    def system(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Rows (936, P) and residuals (936,) in deviations, and the prior's precision (P, P) and slope (P,)."""
        at = self.turned()
        nearness = self.numbers[-1]
        deep = np.maximum(1 - nearness * at[:, 2], 0.2)
        residual = self.shown(at) - self.seen[:, :2]
        sure = self.there / self.deviations(residual)
        # along the three axes, per point: how the picture moves
        zoom = self.scale / deep
        lean = zoom * nearness / deep
        along = np.zeros((len(at), 2, 3))
        along[:, 0, 0] = along[:, 1, 1] = zoom
        along[:, :, 2] = lean[:, None] * at[:, :2]
        rows = np.empty((len(at), 2, _POSE + len(self.numbers)))
        x, y, z = at.T
        zero = np.zeros_like(x)
        crosses = np.stack([[zero, -z, y], [z, zero, -x], [-y, x, zero]])  # (rotation axis, direction, point)
        rows[:, :, :3] = np.einsum("pij,ajp->pia", along, crosses)
        rows[:, :, 3] = zoom[:, None] * at[:, :2]
        rows[:, :, 4:6] = np.eye(2)
        directions = self.basis.reshape(len(self.basis), -1, 3) @ self.rotation.T
        rows[:, :, 6:-1] = np.einsum("pij,apj->pia", along, directions, optimize=True)
        rows[:, :, -1] = (self.scale * at[:, 2] / deep**2)[:, None] * at[:, :2]
        rows *= sure[:, None, None]
        count = rows.shape[2]
        precision = np.zeros((count, count))
        slope = np.zeros(count)
        precision[_POSE:, _POSE:] = self.precision
        slope[_POSE:] = self.precision @ (self.numbers - self.mean)
        # the precision of a Gaussian around rest that is as steep as Student's t where the coefficients are now
        rest, now = self.at_rest, self.numbers[self.at_rest]
        steep = (FREEDOM + 1) / (FREEDOM * self.scale_at_rest**2 + now**2)
        precision[_POSE + rest, _POSE + rest] += steep
        slope[_POSE + rest] += steep * now
        return rows.reshape(-1, count), (residual * sure[:, None]).ravel(), precision, slope

    def step(self) -> float:
        """One step of Gauss-Newton inside the bounds; returns how far it moved the point that moved most."""
        rows, residual, precision, slope = self.system()
        normal, down = rows.T @ rows + precision, rows.T @ residual + slope
        free = np.ones(len(down), bool)
        move = np.zeros(len(down))
        for _ in range(4):  # what runs into its bound stays there, and the others are moved without it
            move[free] = -np.linalg.solve(normal[np.ix_(free, free)], (down + normal[:, ~free] @ move[~free])[free])
            wanted = self.numbers + move[_POSE:]
            over = (wanted < self.low - 1e-9) | (wanted > self.high + 1e-9)
            if not over[free[_POSE:]].any():
                break
            move[_POSE:][over] = (np.clip(wanted, self.low, self.high) - self.numbers)[over]
            free[_POSE:] &= ~over
        turn = float(np.linalg.norm(move[:3]))
        if turn > 0.5:
            move[:3] *= 0.5 / turn
        self.rotation = _rotation(move[:3]) @ self.rotation
        self.scale *= math.exp(float(np.clip(move[3], -0.5, 0.5)))
        self.place = self.place + move[4:6]
        self.numbers = np.clip(self.numbers + move[_POSE:], self.low, self.high)
        return float(np.abs(rows @ move).max())

    def result(self) -> FaceFit:
        rows, _, precision, _ = self.system()
        covariance = np.linalg.inv(rows.T @ rows + precision)
        shape = slice(_POSE, _POSE + self.k)
        found = Gaussian(self.numbers[: self.k].copy(), covariance[shape, shape])
        shown = self.shown(self.turned())
        tall = self.scale * float(np.ptp(self.rest[:, 2]))
        error = math.sqrt(float(((shown - self.seen[:, :2])[self.there] ** 2).sum(1).mean())) / tall
        view = _view(self.rotation, np.degrees(np.sqrt(np.diag(covariance)[:3])))
        return FaceFit(found, view, error, shown * [1, -1], self.numbers[self.k : self.k + self.n].copy())


def _rotation(vector: np.ndarray) -> np.ndarray:
    """(3, 3) rotation by a vector's length in radians about its direction (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * (k @ k)


def _view(rotation: np.ndarray, deviations: np.ndarray) -> ViewAngles:
    """The view that a rotation of the head into the picture's axes is. deviations: (3,) degrees about these axes."""
    yaw, pitch = math.atan2(rotation[2, 0], -rotation[2, 1]), math.asin(float(np.clip(rotation[2, 2], -1, 1)))
    level = np.array([math.cos(yaw), math.sin(yaw), 0.0])
    up = np.cross(rotation[2], level)
    roll = math.atan2(-float(rotation[0] @ up), float(rotation[0] @ level))
    yaw, pitch, roll = (math.degrees(angle) for angle in (yaw, pitch, roll))
    return ViewAngles(yaw, pitch, float(deviations[1]), float(deviations[0]), roll, float(deviations[2]))
