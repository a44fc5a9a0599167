"""Gauss-Newton on outlines: coefficients, cameras and limbs that bring a model's rim onto the pictures' outlines."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..model.morphable_model import MorphableModel
from .camera import DISTANCE, Camera, ViewAngles, camera_of_cut
from .conditions import Conditions
from .limbs import Limbs
from .silhouette import Edges, Outline, disagreement, gradient, nearest, sample, silhouette

_YAW, _PITCH, _DISTANCE, _FRAME, _RIGHT, _UP, _GROWN = range(7)
_CAMERA = 7
_STEPS = np.array([0.5, 0.5, 0.02, 0.005, 0.003, 0.003, 0.0])
_DISTANCE_DEVIATION = 0.4
_FRAME_DEVIATION = 0.3
_PLACE_DEVIATION = 0.1
GROWN = {"alpha": 0.15, "background": 0.35}
"""Pixels by which a mask may be too large or too small all around, one standard deviation."""
EVIDENCE = 120.0
"""Independent measurements that a whole outline counts for; neighbours on it share what the model cannot show."""
OPEN_EVIDENCE = 20.0
"""The same for a model with an open border (a head with its neck): necks, hair and collars make outlines there."""
NOISE = 0.6
"""Pixels: standard deviation of one such measurement, for cuts of 128 pixels."""


_RINGS = 3
"""Edges from the border of an open mesh within which an outline says nothing: there the model was cut off."""
_LONGEST = np.array([8.0, 5.0, 0.3, 0.15, 0.08, 0.08, 0.5])
"""How far a picture's camera numbers go in one step."""


@dataclass(frozen=True, eq=False)
class State:
    """What a fit moves. coefficients (K,); pictures (P, 7 + angles): camera and limbs of each picture.

    A picture's numbers: yaw, pitch (degrees), log of the distance, log of the frame (metres), shift right and up
    (frames), pixels by which its mask is too large, then the limbs' angles (degrees).
    """

    coefficients: np.ndarray
    pictures: np.ndarray


@dataclass(frozen=True, eq=False)
class Target:
    """One picture's outline. view: where it was taken from, as far as is known; target: what its camera looks at."""

    mask: np.ndarray | None
    outline: Outline | None
    view: ViewAngles
    grown: float
    target: tuple[float, float, float]
    start: np.ndarray

    @property
    def size(self) -> int:
        """Side in pixels."""
        return 128 if self.mask is None else len(self.mask)


class OutlineFit:
    """The problem: a model, its prior and the outlines to reach."""

    def __init__(
        self,
        model: MorphableModel,
        limbs: Limbs,
        mean: np.ndarray,
        precision: np.ndarray,
        limits: np.ndarray,
        conditions: Conditions,
    ) -> None:
        """mean (K,), precision (K, K): the prior of ξ. limits: (K, 2). conditions: what is known beside it."""
        self.model, self.limbs = model, limbs
        self.mean, self.precision, self.limits = mean, precision, limits
        self.conditions = conditions
        self.edges = Edges(model)
        self._open = self.edges.near_border(_RINGS)
        self._joint_basis = None if limbs.rig is None else [limbs.rig.joints(basis) for basis in model.basis]
        self.evidence = OPEN_EVIDENCE if self.edges.border.any() else EVIDENCE
        self.targets: list[Target] = []
        self._counted: dict[int, np.ndarray] = {}

    def add(self, mask: np.ndarray | None, source: str, view: ViewAngles) -> None:
        """One more picture. mask: (S, S) float32 or None; source: of `Cut`."""
        vertices = self.model.vertices(self.mean)
        camera = camera_of_cut(vertices, view, mask)
        start = np.concatenate([_numbers(camera), [0.0], np.zeros(self.limbs.count)])
        outline = None if mask is None else Outline.of(mask)
        if outline is not None and len(outline.points) < 20:
            outline = None
        self.targets.append(
            Target(mask if outline else None, outline, view, GROWN.get(source, 0.35), camera.target, start)
        )

    def keep_nearest(self, count: int) -> None:
        """Of the last so many targets, which are one picture seen from several sides, keep the one that fits best."""
        tried, self.targets = self.targets[-count:], self.targets[:-count]
        off = []
        for target in tried:
            points = _camera(target.start, target.target).project(self.model.vertices(self.mean), target.size)
            covered = silhouette(self.model, points, target.size, 2)
            off.append(0.0 if target.mask is None else disagreement(covered, target.mask))
        self.targets.append(tried[int(np.argmin(off))])

    def start(self) -> State:
        """The estimate itself, each camera framing its cut; limbs as of a few usual poses suits a picture best."""
        state = State(self.mean.copy(), np.stack([target.start for target in self.targets]))
        if not self.limbs.count:
            return state
        arms = np.array([name.startswith("upperarm") for name in self.limbs.names]).repeat(2)
        arms[1::2] = False
        for p, target in enumerate(self.targets):
            if target.mask is None:
                continue
            tried = []
            for sideways in (0.0, -15.0, -30.0, 20.0):
                angles = np.where(arms, sideways, 0.0)
                posed = self.limbs.pose(self.model.vertices(self.mean), angles)
                camera = camera_of_cut(posed, target.view, target.mask, target=target.target)
                covered = silhouette(self.model, camera.project(posed, target.size), target.size, 2)
                off = disagreement(covered, target.mask)
                tried.append((off, np.concatenate([_numbers(camera), [0.0], angles])))
            state.pictures[p] = min(tried, key=lambda found: found[0])[1]
        return state

    def camera(self, state: State, picture: int) -> Camera:
        """The camera of one picture."""
        return _camera(state.pictures[picture], self.targets[picture].target)

    def vertices(self, state: State, picture: int) -> np.ndarray:
        """The shape as it is held in one picture: (V, 3) metres."""
        return self.limbs.pose(self.model.vertices(state.coefficients), state.pictures[picture, _CAMERA:])

    def coverage(self, state: State, picture: int, finer: int = 4) -> np.ndarray:
        """(S, S) coverage of one picture."""
        size = self.targets[picture].size
        points = self.camera(state, picture).project(self.vertices(state, picture), size)
        return silhouette(self.model, points, size, finer)

    def leave_out_ends(self, state: State) -> None:
        """From now on `disagreement` leaves out the pixels nearest to where an open mesh was cut off, as seen now."""
        for p, target in enumerate(self.targets):
            if target.mask is None or not self._open.any():
                continue
            points = self.camera(state, p).project(self.vertices(state, p), target.size)
            rim, at, _ = self.edges.rim(points, self.coverage(state, p))
            if len(rim):
                ends = self._open[self.edges.vertices[rim]].any(1)
                self._counted[p] = ~ends[nearest(at, target.size)]

    def disagreement(self, state: State) -> float:
        """1 − soft IoU of the silhouettes, mean over the pictures with a mask."""
        off = [
            disagreement(self.coverage(state, p), target.mask, self._counted.get(p))
            for p, target in enumerate(self.targets)
            if target.mask is not None
        ]
        return float(np.mean(off)) if off else 0.0

    def deviation(self, state: State) -> tuple[float, float]:
        """How far a state is from what was known before: of ξ, and of the pictures' numbers (their mean), as χ²."""
        off = state.coefficients - self.mean
        own = float(off @ self.precision @ off)
        told, _ = self.conditions.rows(state.coefficients)
        own += float(told @ told)
        rest = [
            (((x - m) / d) ** 2).sum() for x, (m, d) in zip(state.pictures, map(self._usual, self.targets), strict=True)
        ]
        return own, float(np.mean(rest)) if rest else 0.0

    def covariance(self, state: State, noise: float, width: float) -> np.ndarray:
        """(K, K) how far ξ may be off a state after all that is known and seen, whatever cameras and limbs do.

        noise, width: as of `run`, of the last stage.
        """
        found = self._system(state, noise, width, lambda: False)
        assert found is not None
        k = len(self.mean)
        covariance = np.linalg.inv(found[1])[:k, :k]
        return 0.5 * (covariance + covariance.T)

    def run(
        self,
        state: State,
        stages: Sequence[tuple[int, float, float]],
        shape: bool,
        stop: Callable[[], bool],
        step: Callable[[], None] = lambda: None,
    ) -> State:
        """Gauss-Newton steps. stages: (steps, noise, width of the robust kernel), pixels of a 128-pixel cut.

        shape: whether ξ moves too. stop: asked often; the state reached so far is returned when it says so.
        """
        for number, (count, noise, width) in enumerate(stages):
            best: tuple[float, State] | None = None
            damping = 1e-3
            for _ in range(count):
                if stop():
                    return best[1] if best else state
                found = self._system(state, noise, width, stop)
                if found is None:
                    return best[1] if best else state
                energy, matrix, right = found
                step()
                if best is None or energy < best[0]:
                    best, damping, kept = (energy, state), damping * 0.5, (matrix, right)
                else:
                    damping *= 12  # the rim changed on the way: a shorter step from the better place
                    matrix, right = kept
                state = self._moved(best[1], matrix, right, damping, shape)
            if number + 1 < len(stages):
                continue  # the next stage looks at it anyway
            if best is not None and (last := self._system(state, noise, width, stop)) is not None:
                state = state if last[0] < best[0] else best[1]
        return state

    def _moved(self, state: State, matrix: np.ndarray, right: np.ndarray, damping: float, shape: bool) -> State:
        k = len(self.mean)
        free = np.ones(len(right), bool)
        free[:k] = shape
        a = matrix[np.ix_(free, free)]
        change = np.zeros(len(right))
        change[free] = np.linalg.solve(a + damping * np.diag(np.diag(a)), right[free])
        pictures = state.pictures + self._shortened(change[k:].reshape(state.pictures.shape))
        moved = np.clip(state.coefficients + np.clip(change[:k], -0.7, 0.7), *self.limits.T)
        return State(moved, pictures)

    def _shortened(self, change: np.ndarray) -> np.ndarray:
        """Steps of the pictures' numbers, none so long that the rim met there would be another one."""
        longest = np.concatenate([_LONGEST, np.full(self.limbs.count, 15.0)])
        return np.clip(change, -longest, longest)

    def _usual(self, target: Target) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of one picture's numbers before it is looked at."""
        view, start = target.view, target.start
        mean = [view.yaw, view.pitch, math.log(DISTANCE), start[_FRAME], start[_RIGHT], start[_UP], 0.0]
        spread = [view.yaw_deviation, view.pitch_deviation, _DISTANCE_DEVIATION, _FRAME_DEVIATION]
        spread += [_PLACE_DEVIATION, _PLACE_DEVIATION, target.grown]
        return np.concatenate([mean, self.limbs.mean]), np.concatenate([spread, self.limbs.deviation])

    def _system(
        self, state: State, noise: float, width: float, stop: Callable[[], bool]
    ) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Energy, normal matrix and right side at a state; None when it was stopped on the way."""
        k, n = len(self.mean), state.pictures.shape[1]
        size = k + n * len(self.targets)
        matrix, right = np.zeros((size, size)), np.zeros(size)
        off = state.coefficients - self.mean
        matrix[:k, :k] = self.precision
        right[:k] = -self.precision @ off
        energy = 0.5 * float(off @ self.precision @ off)
        told, slopes = self.conditions.rows(state.coefficients)
        matrix[:k, :k] += slopes.T @ slopes
        right[:k] -= slopes.T @ told
        energy += 0.5 * float(told @ told)
        for p, target in enumerate(self.targets):
            if stop():
                return None
            own = slice(k + n * p, k + n * (p + 1))
            mean, spread = self._usual(target)
            apart = (state.pictures[p] - mean) / spread
            matrix[own, own] += np.diag(spread**-2.0)
            right[own] -= apart / spread
            energy += 0.5 * float(apart @ apart)
            if target.outline is None:
                continue
            found = self._rows(state, p, width * target.size / 128)
            if found is None:
                continue
            residual, weight, distance, rows = found
            scale = width * target.size / 128
            precision = self.evidence / (noise * target.size / 128) ** 2
            robust = 1 / (1 + (distance / scale) ** 2)
            energy += 0.5 * precision * float((weight * scale**2 * np.log1p((distance / scale) ** 2)).sum())
            weighted = rows * (precision * weight * robust)[:, None]
            both = np.r_[np.arange(k), np.arange(own.start, own.stop)]
            matrix[np.ix_(both, both)] += weighted.T @ rows
            right[both] -= weighted.T @ residual
        return energy, matrix, right

    def _rows(
        self, state: State, picture: int, width: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        """Residuals (pixels), their weights (sum 1), how far apart the points are, and derivatives (rows, K + n)."""
        target = self.targets[picture]
        outline = target.outline
        assert outline is not None
        shape = self.model.vertices(state.coefficients)
        numbers = state.pictures[picture]
        posed = self.limbs.pose(shape, numbers[_CAMERA:])
        points = _camera(numbers, target.target).project(posed, target.size)
        coverage = silhouette(self.model, points, target.size, 2)
        rim, middle, normal = self.edges.rim(points, coverage)
        # one edge a pixel is enough, and hands and feet with their many edges say no more than a trunk
        cells = middle.astype(np.int64) @ np.array([1, 4096])
        one = np.unique(cells, return_index=True)[1]
        rim, middle, normal = rim[one], middle[one], normal[one]
        if len(rim) < 10:
            return None
        ends = self.edges.vertices[rim]
        slopes = self._slopes(shape, numbers, target, ends)
        unsure = self._open[ends].any(1)
        # from the model to the picture
        there = gradient(outline.distance, middle)
        length = np.maximum(np.linalg.norm(there, axis=1, keepdims=True), 1e-6)
        there = there / length
        fits = ((there * normal).sum(1) > 0.3) & ~unsure
        grown = numbers[_GROWN]
        first = sample(outline.distance, middle) - grown
        # from the picture to the model
        gap = (
            (outline.points**2).sum(1)[:, None]
            - 2 * outline.points @ middle.T
            + (middle**2).sum(1)
            + np.float32(2 * 9.0) * (1 - outline.normals @ normal.T)
        )
        closest = gap.argmin(1)
        apart = middle[closest] - outline.points
        second = (apart * outline.normals).sum(1) - grown
        agree = ((outline.normals * normal[closest]).sum(1) > 0.3) & ~unsure[closest]
        rows = np.concatenate(
            [
                np.einsum("rc,rcm->rm", there[fits], slopes[fits]),
                np.einsum("rc,rcm->rm", outline.normals[agree], slopes[closest[agree]]),
            ]
        )
        rows[:, len(self.mean) + _GROWN] = -1.0
        weight = np.concatenate(
            [np.full(int(fits.sum()), 0.5 / len(rim)), np.full(int(agree.sum()), 0.5 / len(outline.points))]
        )
        residual = np.concatenate([first[fits], second[agree]])
        distance = np.concatenate([np.abs(first[fits]), np.hypot(*(apart[agree] - grown * outline.normals[agree]).T)])
        # sliding along the outline is no error where the rim is sparse
        distance = np.where(distance < 1.5, np.abs(residual), distance)
        return residual, weight, distance, rows

    def _slopes(self, shape: np.ndarray, numbers: np.ndarray, target: Target, ends: np.ndarray) -> np.ndarray:
        """Derivatives of the edges' middles in the picture: (R, 2, K + n)."""
        rows, back = np.unique(ends, return_inverse=True)
        back = back.reshape(ends.shape)
        part = self.limbs.part(rows)
        rig = self.limbs.rig
        joints = rig.joints(shape) if rig is not None else None
        angles = numbers[_CAMERA:]
        here = shape[rows]
        base = part.pose(here, joints, angles)
        # linear in ξ, the joints with it
        moved = [base]
        for k, basis in enumerate(self.model.basis):
            at = joints if joints is None or self._joint_basis is None else joints + self._joint_basis[k]
            moved.append(base + 0.2 * (part.pose(here + basis[rows], at, angles) - base))
        for a in range(self.limbs.count):
            turned = angles.copy()
            turned[a] += 1.0
            moved.append(part.pose(here, joints, turned))
        seen = _camera(numbers, target.target).project(np.stack(moved), target.size)
        count = self.model.component_count
        slopes = np.zeros((len(rows), 2, count + len(numbers)))
        change = (seen[1:] - seen[0]).transpose(1, 2, 0)
        slopes[..., :count] = change[..., :count] / 0.2
        slopes[..., count + _CAMERA :] = change[..., count:]
        for i in range(_CAMERA - 1):
            nudged = numbers.copy()
            nudged[i] += _STEPS[i]
            slopes[..., count + i] = (_camera(nudged, target.target).project(base, target.size) - seen[0]) / _STEPS[i]
        return slopes[back].mean(1)


def _numbers(camera: Camera) -> np.ndarray:
    """The six numbers of a camera."""
    return np.array([camera.yaw, camera.pitch, math.log(camera.distance), math.log(camera.frame), *camera.centre])


def _camera(numbers: np.ndarray, target: tuple[float, float, float]) -> Camera:
    """The camera of a picture's numbers."""
    yaw, pitch, distance, frame, right, up = numbers[:6].tolist()
    return Camera(yaw, pitch, math.exp(distance), math.exp(frame), (right, up), target)
