"""Gauss-Newton on pictures: coefficients, cameras and poses that bring a model's rim and joints onto those seen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..model.morphable_model import MorphableModel
from ..pictures.landmarks import BodyLandmarks
from .camera import DISTANCE, Camera, ViewAngles, camera_of_cut
from .conditions import Conditions
from .joint_angles import JointAngles, Prior
from .joint_rows import JointTarget, joint_rows, joints_disagreement
from .outline_rows import OutlineTarget
from .picture_numbers import CAMERA, FRAME, GROWN, LONGEST, RIGHT, UP, State, camera_of, numbers_of
from .pose import Held, PoseSolver
from .silhouette import disagreement, silhouette
from .wardrobe import wardrobe_of
from .worn import Worn

_DISTANCE_DEVIATION = 0.4
_FRAME_DEVIATION = 0.3
_PLACE_DEVIATION = 0.1
_TRUNK_AND_LEGS, _LEGS, _ARMS = ("thigh", "shin", "spine"), 35.0, 90.0
_LEVEL, _SAME_SIDE = 10.0, 30.0
"""Who stands for a picture: degrees that spine and legs, and other joints, are turned by at most, of roll, and of yaw
from the estimate's view."""
EVIDENCE = 120.0
"""Independent measurements that a whole outline counts for; neighbours on it share what the model cannot show."""
OPEN_EVIDENCE = 20.0
"""The same for a model with an open border (a head with its neck): necks, hair and collars make outlines there."""
NOISE = 0.6
"""Pixels: standard deviation of one such measurement, for cuts of 128 pixels."""


@dataclass(frozen=True, eq=False)
class Target:
    """What is known of one picture.

    worn: what its figure is taken to wear. view: where it was taken from, as far as is known. look_at: what its camera
    looks at. start: its numbers. usual: its numbers before it is looked at.
    """

    worn: Worn
    outline: OutlineTarget | None
    joints: JointTarget | None
    size: int
    view: ViewAngles
    look_at: tuple[float, float, float]
    start: np.ndarray
    usual: Prior


class PicturesFit:
    """The problem: a model, its prior, and the outlines and joints to reach."""

    def __init__(
        self,
        model: MorphableModel,
        angles: JointAngles,
        mean: np.ndarray,
        precision: np.ndarray,
        limits: np.ndarray,
        conditions: Conditions,
        solver: PoseSolver | None = None,
        photographed: bool = False,
    ) -> None:
        """mean (K,), precision (K, K): the prior of ξ. limits: (K, 2). conditions: what is known beside it.

        angles: how the figure may be held. solver: of these angles; without it joints that were seen do not count.
        photographed: whether clothes may be worn that the model does not have.
        """
        self.model, self.angles, self.solver = model, angles, solver
        self.mean, self.precision, self.limits = mean, precision, limits
        self.conditions = conditions
        self.wardrobe = wardrobe_of(model, angles)
        self.photographed = photographed
        self.bare = self.wardrobe.bare
        self.evidence = OPEN_EVIDENCE if self.wardrobe.rim(self.bare).edges.border.any() else EVIDENCE
        self.targets: list[Target] = []
        self._counted: dict[int, np.ndarray] = {}

    def add(
        self,
        mask: np.ndarray | None,
        source: str,
        view: ViewAngles,
        body: BodyLandmarks | None = None,
        cut_off: tuple[str, ...] = (),
        size: int = 128,
        photographed: bool = True,
    ) -> None:
        """One more picture. mask: (S, S) float32 or None; body, source, cut_off, photographed: of `Cut`. size: S."""
        outline = OutlineTarget.of(mask, source, cut_off)
        size = size if mask is None else len(mask)
        grown = outline.trust.grown if outline else 1.0
        if body is not None and self.solver is not None:
            held = self.solver.solve(self.mean, body, size)
            if not photographed and mask is not None and self._stands(held, view):
                return self.add(mask, source, view, None, cut_off, size)
            to = self.solver.target(body, size)
            usual = self.solver.usual(held.numbers, to)
            usual.precision[GROWN, GROWN] = grown**-2.0
            found = Target(self.bare, outline, to, size, held.view, held.camera.target, held.numbers, usual)
        else:
            camera = camera_of_cut(self.model.vertices(self.mean), view, mask)
            start = np.concatenate([numbers_of(camera), np.zeros(self.angles.count)])
            seen = (view.yaw, view.pitch, view.roll, math.log(DISTANCE), start[FRAME], start[RIGHT], start[UP], 0.0)
            spread = [view.yaw_deviation, view.pitch_deviation, view.roll_deviation, _DISTANCE_DEVIATION]
            spread += [_FRAME_DEVIATION, _PLACE_DEVIATION, _PLACE_DEVIATION, grown]
            precision = np.zeros((len(start), len(start)))
            precision[:CAMERA, :CAMERA] = np.diag(np.array(spread) ** -2.0)
            precision[CAMERA:, CAMERA:] = self.angles.usual.precision
            usual = Prior(np.concatenate([seen, self.angles.usual.mean]), precision)
            found = Target(self.bare, outline, None, size, view, camera.target, start, usual)
        self.targets.append(found)

    def _stands(self, held: Held, view: ViewAngles) -> bool:
        """Whether a figure is held as who stands for a picture, seen from where the estimate says.

        Then an exact outline tells more than a network's joints: 24 cut-out bodies came out 6.7 mm off without them and
        7.1 mm with them.
        """
        turned = {name: float(np.linalg.norm(turn)) for name, turn in held.turns.items()}
        upright = all(angle < (_LEGS if name.startswith(_TRUNK_AND_LEGS) else _ARMS) for name, angle in turned.items())
        away = abs((held.view.yaw - view.yaw + 180.0) % 360.0 - 180.0)
        return upright and abs(held.view.roll) < _LEVEL and away < _SAME_SIDE

    def keep_nearest(self, count: int) -> None:
        """Of the last so many targets, which are one picture seen from several sides, keep the one that fits best."""
        tried, self.targets = self.targets[-count:], self.targets[:-count]
        off = [0.0 if t.outline is None else self._off(t, self.mean, t.start, 2) for t in tried]
        self.targets.append(tried[int(np.argmin(off))])

    def start(self) -> State:
        """The estimate itself, each camera framing its cut; limbs as joints tell, else as a few usual poses suit it."""
        state = State(self.mean.copy(), np.stack([target.start for target in self.targets]))
        arms = np.array([name.startswith("upperarm") for name in self.angles.names], bool).repeat(3)
        arms[0::3] = arms[2::3] = False
        for p, target in enumerate(self.targets):
            if target.outline is None or target.joints is not None or not arms.any():
                continue
            tried = []
            for sideways in (0.0, -15.0, -30.0, 20.0):
                held = np.where(arms, sideways, 0.0)
                posed = self.bare.posed(self.mean, held)
                camera = camera_of_cut(posed, target.view, target.outline.mask, target=target.look_at)
                numbers = np.concatenate([numbers_of(camera), held])
                tried.append((self._off(target, self.mean, numbers, 2), numbers))
            state.pictures[p] = min(tried, key=lambda found: found[0])[1]
        return state

    def camera(self, state: State, picture: int) -> Camera:
        """The camera of one picture."""
        return camera_of(state.pictures[picture], self.targets[picture].look_at)

    def vertices(self, state: State, picture: int) -> np.ndarray:
        """The bare shape as it is held in one picture: (V, 3) metres."""
        return self.bare.posed(state.coefficients, state.pictures[picture, CAMERA:])

    def drawn(self, state: State, picture: int) -> np.ndarray:
        """(Vd, 2) pixels of the shape, in what it wears, as one picture shows it."""
        target = self.targets[picture]
        posed = target.worn.posed(state.coefficients, state.pictures[picture, CAMERA:])
        return self.camera(state, picture).project(posed, target.size)

    def coverage(self, state: State, picture: int, finer: int = 4) -> np.ndarray:
        """(S, S) coverage of one picture."""
        target = self.targets[picture]
        return silhouette(target.worn.model, self.drawn(state, picture), target.size, finer)

    def outfits(self, state: State) -> list[tuple[Worn, ...]]:
        """What the figure may wear, one for each picture; first what makes it most like the outlines as seen and held
        now, picture by picture, then one thing in all pictures, the likest first."""
        every = self.wardrobe.of_photographs if self.photographed else self.wardrobe.all
        if len(every) == 1 or all(target.outline is None for target in self.targets):
            return [tuple(target.worn for target in self.targets)]
        off = np.zeros((len(self.targets), len(every)))
        for p, target in enumerate(self.targets):
            for i, worn in enumerate(every if target.outline else ()):
                off[p, i] = self._off(replace(target, worn=worn), state.coefficients, state.pictures[p], 2)
        each = tuple(every[i] for i in off.argmin(1))
        same = [(every[i],) * len(self.targets) for i in off.mean(0).argsort(kind="stable")]
        return [each, *(one for one in same if one != each)]

    def wear(self, worn: Sequence[Worn]) -> None:
        """Dress the figure of each picture."""
        self.targets = [replace(target, worn=one) for target, one in zip(self.targets, worn, strict=True)]

    def leave_out_ends(self, state: State) -> None:
        """From now on `disagreement` leaves out the pixels nearest to where an open mesh was cut off, as seen now."""
        for p, target in enumerate(self.targets):
            if target.outline is None:
                continue
            found = self.wardrobe.rim(target.worn).counted(self.drawn(state, p), self.coverage(state, p), target.size)
            if found is not None:
                self._counted[p] = found

    def disagreement(self, state: State) -> float:
        """1 − soft IoU of the silhouettes, mean over the pictures with a mask; clothes around a figure count less, what
        is outside of a picture not at all."""
        off = [
            self._off(target, state.coefficients, state.pictures[p], 4, self._counted.get(p))
            for p, target in enumerate(self.targets)
            if target.outline is not None
        ]
        return float(np.mean(off)) if off else 0.0

    def joints_apart(self, state: State) -> float:
        """How far joints are from where they are seen, as `joints_disagreement`, mean over the pictures with joints."""
        if self.solver is None:
            return 0.0
        off = [
            joints_disagreement(self.solver.posed, state.coefficients, state.pictures[p], t.look_at, t.joints)
            for p, t in enumerate(self.targets)
            if t.joints is not None
        ]
        return float(np.mean(off)) if off else 0.0

    def deviation(self, state: State) -> tuple[float, float]:
        """How far a state is from what was known before: of ξ, and of the pictures' numbers (their mean), as χ²."""
        off = state.coefficients - self.mean
        own = float(off @ self.precision @ off)
        told, _ = self.conditions.rows(state.coefficients)
        own += float(told @ told)
        each = [
            (numbers - target.usual.mean, target.usual.precision)
            for numbers, target in zip(state.pictures, self.targets, strict=True)
        ]
        rest = [float(apart @ precision @ apart) for apart, precision in each]
        return own, float(np.mean(rest)) if rest else 0.0

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
                found = self.system(state, noise, width, stop)
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
            if best is not None and (last := self.system(state, noise, width, stop)) is not None:
                state = state if last[0] < best[0] else best[1]
        return state

    def system(
        self, state: State, noise: float, width: float, stop: Callable[[], bool] = lambda: False
    ) -> tuple[float, np.ndarray, np.ndarray] | None:
        """Energy, normal matrix and right side at a state, ξ first, then picture by picture; None when stopped."""
        k, n = len(self.mean), state.pictures.shape[1]
        size = k + n * len(self.targets)
        matrix, right = np.zeros((size, size)), np.zeros(size)
        off = state.coefficients - self.mean
        matrix[:k, :k] = self.precision
        right[:k] = -self.precision @ off
        told, slopes = self.conditions.rows(state.coefficients)
        matrix[:k, :k] += slopes.T @ slopes
        right[:k] -= slopes.T @ told
        energy = 0.5 * float(off @ self.precision @ off) + 0.5 * float(told @ told)
        for p, target in enumerate(self.targets):
            if stop():
                return None
            own = slice(k + n * p, k + n * (p + 1))
            both = np.r_[np.arange(k), np.arange(own.start, own.stop)]
            apart = state.pictures[p] - target.usual.mean
            matrix[own, own] += target.usual.precision
            right[own] -= target.usual.precision @ apart
            energy += 0.5 * float(apart @ target.usual.precision @ apart)
            if target.joints is not None and self.solver is not None:
                cost, residual, rows = joint_rows(
                    self.solver.posed, state.coefficients, state.pictures[p], target.look_at, target.joints
                )
                energy += cost
                matrix[np.ix_(both, both)] += rows.T @ rows
                right[both] -= rows.T @ residual
            if target.outline is None:
                continue
            found = self.wardrobe.rim(target.worn).rows(
                state.coefficients, state.pictures[p], target.look_at, target.outline
            )
            if found is None:
                continue
            residual, weight, distance, rows = found
            trust, pixel = target.outline.trust, target.size / 128
            scale = width * pixel
            precision = trust.evidence * self.evidence / (max(noise, trust.noise) * pixel) ** 2
            robust = 1 / (1 + (distance / scale) ** 2)
            energy += 0.5 * precision * float((weight * scale**2 * np.log1p((distance / scale) ** 2)).sum())
            weighted = rows * (precision * weight * robust)[:, None]
            matrix[np.ix_(both, both)] += weighted.T @ rows
            right[both] -= weighted.T @ residual
        return energy, matrix, right

    def covariance(self, state: State, noise: float, width: float) -> np.ndarray:
        """(K, K) how far ξ may be off a state after all that is known and seen, whatever cameras and poses do.

        noise, width: as of `run`, of the last stage.
        """
        found = self.system(state, noise, width)
        assert found is not None
        k = len(self.mean)
        covariance = np.linalg.inv(found[1])[:k, :k]
        return np.asarray(0.5 * (covariance + covariance.T))

    def _moved(self, state: State, matrix: np.ndarray, right: np.ndarray, damping: float, shape: bool) -> State:
        k = len(self.mean)
        free = np.ones(len(right), bool)
        free[:k] = shape
        a = matrix[np.ix_(free, free)]
        change = np.zeros(len(right))
        change[free] = np.linalg.solve(a + damping * np.diag(np.diag(a)), right[free])
        # no step so long that the rim met there would be another one
        longest = np.concatenate([LONGEST, np.full(self.angles.count, 15.0)])
        pictures = state.pictures + np.clip(change[k:].reshape(state.pictures.shape), -longest, longest)
        pictures[:, CAMERA:] = np.clip(pictures[:, CAMERA:], *self.angles.limits.T)
        moved = np.clip(state.coefficients + np.clip(change[:k], -0.7, 0.7), *self.limits.T)
        return State(moved, pictures)

    def _off(
        self,
        target: Target,
        coefficients: np.ndarray,
        numbers: np.ndarray,
        finer: int,
        counted: np.ndarray | None = None,
    ) -> float:
        assert target.outline is not None
        posed = target.worn.posed(coefficients, numbers[CAMERA:])
        points = camera_of(numbers, target.look_at).project(posed, target.size)
        inside = target.outline.counted if counted is None else counted & target.outline.counted
        covered = silhouette(target.worn.model, points, target.size, finer)
        return disagreement(covered, target.outline.mask, inside, target.outline.trust.loose)
