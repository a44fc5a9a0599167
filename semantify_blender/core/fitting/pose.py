"""From a person's joints to the view and the pose: where the camera is, and how trunk, limbs and head are held."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..model.body_points import BodyPoints
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig
from ..model.rotations import between, from_vectors, to_vectors
from ..pictures.landmarks import BODY_POINTS, BodyLandmarks
from .camera import DISTANCE, Camera, ViewAngles, view_of_axes
from .joint_angles import JointAngles, Prior
from .joint_rows import JointTarget, joint_rows, joints_disagreement
from .picture_numbers import CAMERA, LONGEST, PITCH, ROLL, YAW, camera_of, numbers_of
from .picture_numbers import DISTANCE as FAR
from .posed_points import PosedPoints

STEPS = 10
YAW_DEVIATION, PITCH_DEVIATION, ROLL_DEVIATION = 8.0, 8.0, 4.0
"""Degrees: of the view found so, measured on renders by benchmarks/pose.py."""
DISTANCE_DEVIATION = 0.4
"""Of the logarithm of the camera's distance."""
_LOOSE = 60.0
"""Degrees by which the yaw may leave its first guess."""
_LEVEL = (4.0, 10.0)
"""Mean and standard deviation of the pitch, degrees: who holds a camera stands before people who stand. A trunk that
is seen to lean by more is believed the more, the more it leans."""
_UPRIGHT = 6.0
"""Standard deviation of the roll: cameras are held level, and a trunk that leans in the picture may be a bent spine.
What is seen to lie is believed as a trunk that leans in depth is."""
_TRUNK = tuple(BODY_POINTS.index(f"{name}.{side}") for name in ("shoulder", "hip") for side in "LR")
_HEAD = BODY_POINTS.index("nose")


@dataclass(frozen=True, eq=False)
class Held:
    """How a figure is seen and held in one picture.

    camera: in the model's own space. view: the same with deviations. turns: chain -> rotation vector (3,), degrees, in
    the figure's axes, each on top of its parent's. numbers: as a fit moves them (`picture_numbers`). apart: how far the
    joints are from where they are seen, as `joints_disagreement`. worn: the outfit that its outline agrees with best,
    empty for none or where no outline was looked at.
    """

    camera: Camera
    view: ViewAngles
    turns: dict[str, np.ndarray]
    numbers: np.ndarray
    apart: float
    worn: str = ""

    def moved(self, camera: Camera, turns: dict[str, np.ndarray], numbers: np.ndarray, worn: str) -> "Held":
        """The same picture after a fit moved camera and joints; `apart` stays what the joints alone gave."""
        view = replace(self.view, yaw=camera.yaw, pitch=camera.pitch, roll=camera.roll)
        return replace(self, camera=camera, view=view, turns=turns, numbers=numbers, worn=worn)


class PoseSolver:
    """Poses one model; made once, it answers in milliseconds."""

    def __init__(self, model: MorphableModel, points: BodyPoints, angles: JointAngles) -> None:
        """angles: of a rig, with these points."""
        self.model, self.points, self.angles = model, points, angles
        self.posed = PosedPoints(model, points, angles)
        self._moves = {name: (self.posed.told_by(name) > 0.75) & points.known for name in angles.names}

    @classmethod
    def of(cls, model: MorphableModel, rig: Rig | None = None) -> "PoseSolver | None":
        """None for a model without a rig, or without the points of a trunk. rig: of the model, where it is at hand."""
        rig = rig or Rig.of(model)
        points = BodyPoints.of(model)
        if rig is None or points is None or not points.known[list(_TRUNK)].all():
            return None
        angles = JointAngles.of(rig, model.template, points)
        return cls(model, points, angles) if angles.count else None

    def target(self, body: BodyLandmarks, size: int) -> JointTarget:
        """What a finder says, as residuals need it. size: side of the cut, pixels."""
        return JointTarget.of(body, size, self.points.known)

    def look_at(self, coefficients: np.ndarray) -> tuple[float, float, float]:
        """What cameras look at: the middle of the trunk. (K,) coefficients."""
        x, y, z = self.posed.at(coefficients, np.zeros(self.angles.count))[list(_TRUNK)].mean(0).tolist()
        return x, y, z

    def usual(self, start: np.ndarray, to: JointTarget) -> Prior:
        """Of a picture's numbers, where joints are seen. start: (8 + 3n,) first guess."""
        spread = np.full(CAMERA, 1.0)
        spread[YAW], spread[ROLL] = _LOOSE, math.hypot(_UPRIGHT, 0.5 * start[ROLL])
        spread[PITCH] = math.hypot(_LEVEL[1], 0.5 * (start[PITCH] - _LEVEL[0]))
        spread[FAR] = DISTANCE_DEVIATION
        # what no joint in the picture tells of hangs down
        told = np.array([bool((self._moves[name] & (to.weights > 0)).any()) for name in self.angles.names]).repeat(3)
        held = self.angles.lively.where(told, self.angles.usual)
        mean = np.concatenate([start[:CAMERA], held.mean])
        mean[PITCH], mean[ROLL], mean[FAR] = _LEVEL[0], 0.0, math.log(DISTANCE)
        precision = np.zeros((len(mean), len(mean)))
        precision[:CAMERA, :CAMERA] = np.diag(spread**-2.0)
        precision[CAMERA:, CAMERA:] = held.precision
        return Prior(mean, precision)

    def solve(self, coefficients: np.ndarray, body: BodyLandmarks, size: int) -> Held:
        """The view and pose of a person in a cut. coefficients: (K,) its shape as far as it is known."""
        coefficients = np.asarray(coefficients, np.float64)
        to, look_at = self.target(body, size), self.look_at(coefficients)
        numbers = self._start(coefficients, body, to, look_at)
        prior = self.usual(numbers, to)
        longest = np.concatenate([LONGEST, np.full(self.angles.count, 25.0)])
        limits = np.concatenate([np.tile([-np.inf, np.inf], (CAMERA, 1)), self.angles.limits])
        damping, best = 1e-3, (np.inf, numbers, np.zeros((0, 0)), numbers)
        k = len(coefficients)
        for _ in range(STEPS):
            energy, rows, slopes = joint_rows(self.posed, coefficients, numbers, look_at, to)
            pull = prior.precision @ (numbers - prior.mean)
            energy += 0.5 * float(pull @ (numbers - prior.mean))
            if energy < best[0]:
                gained, damping = best[0] - energy, max(damping * 0.3, 1e-6)
                slopes = slopes[:, k:]
                matrix = slopes.T @ slopes + prior.precision
                best = energy, numbers, matrix, -slopes.T @ rows - pull
                if gained < 1e-3 * (1 + energy):
                    break
            else:
                damping *= 10
            _, numbers, matrix, right = best
            change = np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), right)
            numbers = np.clip(numbers + np.clip(change, -longest, longest), *limits.T)
        numbers = best[1]
        camera = camera_of(numbers, look_at)
        return Held(
            camera,
            self.view(camera),
            self.angles.vectors(numbers[CAMERA:]),
            numbers,
            joints_disagreement(self.posed, coefficients, numbers, look_at, to),
        )

    def view(self, camera: Camera) -> ViewAngles:
        """A found camera's angles, and how sure they are."""
        yaw = (camera.yaw + 180) % 360 - 180
        return ViewAngles(yaw, camera.pitch, YAW_DEVIATION, PITCH_DEVIATION, camera.roll, ROLL_DEVIATION)

    def _start(
        self, coefficients: np.ndarray, body: BodyLandmarks, to: JointTarget, look_at: tuple[float, float, float]
    ) -> np.ndarray:
        """A first guess: the trunk laid on the 3D joints, each part turned to where it points, the camera set back."""
        rest = self.posed.at(coefficients, np.zeros(self.angles.count))
        space = np.asarray(body.world, np.float64) * [1, -1, -1]
        axes = _laid_on(rest[list(_TRUNK)], space[list(_TRUNK)])
        angles = self._limbs(coefficients, space @ axes)
        yaw, pitch, roll = view_of_axes(axes)
        camera = Camera(yaw, pitch, DISTANCE, 2.0, (0.0, 0.0), look_at, roll)
        at = self.posed.at(coefficients, angles)
        used = np.flatnonzero(to.weights > 0)
        if not len(used):
            used = np.array(_TRUNK)
        weight = np.ones(len(used)) if not to.weights.any() else to.weights[used]
        for _ in range(3):
            seen = camera.project(at[used], to.size).astype(np.float64)
            middle, wanted = (np.average(p, axis=0, weights=weight) for p in (seen, to.points[used]))
            sizes = [
                math.sqrt(max(float(np.average(((p - m) ** 2).sum(1), weights=weight)), 1e-6))
                for p, m in ((seen, middle), (to.points[used], wanted))
            ]
            frame = camera.frame * float(np.clip(sizes[0] / sizes[1], 0.05, 20))
            camera = replace(camera, frame=frame)
            seen = camera.project(at[used], to.size).astype(np.float64)
            x, y = ((wanted - np.average(seen, axis=0, weights=weight)) / to.size).tolist()
            camera = replace(camera, centre=(camera.centre[0] + x, camera.centre[1] - y))
        return np.concatenate([numbers_of(camera), angles])

    def _limbs(self, coefficients: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Angles (3n,) that turn each part to where it points. wanted: (33, 3) of the joints in the figure's axes."""
        names, rig = self.angles.names, self.angles.rig
        assert rig is not None
        rest = self.posed.at(coefficients, np.zeros(self.angles.count))
        joints = self.posed.joints(coefficients)
        whole = {name: np.eye(3) for name in names}
        angles = np.zeros(self.angles.count)
        for i, name in enumerate(names):
            below = [other for other in names if other != name and rig.moved_by(name)[rig.chains[other].main]]
            ends = self._moves[name] & ~np.any([*(self._moves[o] for o in below), np.zeros(len(rest), bool)], axis=0)
            ends[: _TRUNK[0]] = False  # a head turns in place: nose and ears tell too little of its lean
            if not ends.any():
                continue
            # of the point at the joint itself, and of those that come next
            off = np.linalg.norm(rest - joints[rig.chains[name].main], axis=1)
            near = int(np.where(self.points.known, off, np.inf).argmin())
            bone = rest[ends].mean(0) - rest[near]
            turn = between(bone, whole[name].T @ (wanted[ends].mean(0) - wanted[near]))
            numbers = angles[3 * i : 3 * i + 3] = self.angles.numbers(name, to_vectors(turn))
            turn = from_vectors(self.angles.frames[i] @ numbers)
            for child in below:
                whole[child] = whole[name] @ turn
        return angles


def poses_of(
    model: MorphableModel, coefficients: np.ndarray, bodies: Sequence[BodyLandmarks | None], size: int
) -> tuple[Held | None, ...]:
    """How one subject (K,) is held in each of its pictures; None where no joints were seen, or for a model without
    a rig. bodies: in pixels of cuts of `size`."""
    solver = solver_of(model) if any(body is not None for body in bodies) else None
    return tuple(None if body is None or solver is None else solver.solve(coefficients, body, size) for body in bodies)


@lru_cache(maxsize=2)
def solver_of(model: MorphableModel) -> PoseSolver | None:
    """`PoseSolver.of`, kept for the model that was posed last: a fit asks for it at every picture."""
    return PoseSolver.of(model)


def _laid_on(points: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The rotation (3, 3) that lays points (N, 3) on others best, middle on middle (Kabsch 1976)."""
    u, _, v = np.linalg.svd((wanted - wanted.mean(0)).T @ (points - points.mean(0)))
    return np.asarray(u @ np.diag([1, 1, np.linalg.det(u @ v)]) @ v)
