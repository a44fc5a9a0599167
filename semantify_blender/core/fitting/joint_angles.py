"""How a figure is held in one picture, as numbers that a fit can move: three for each joint that a picture tells of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..model.body_points import BodyPoints
from ..model.chains import LIMBS
from ..model.posing import Rig
from ..model.rotations import from_vectors
from ..pictures.landmarks import BODY_POINTS

Usual = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]
"""Mean and standard deviation, degrees, of the turns forwards, sideways and along."""
_STIFF: Usual = ((0.0, 0.5),) * 3

_STANDING: dict[str, Usual] = {
    "upperarm": ((0.0, 18.0), (-16.0, 20.0), (0.0, 0.5)),
    "forearm": ((4.0, 22.0), (-4.0, 18.0), (0.0, 0.5)),
    "thigh": ((0.0, 5.0), (1.0, 4.0), (0.0, 1.0)),
    "shin": ((-3.0, 4.0), (0.0, 1.0), (0.0, 1.0)),
}
"""People who stand for a picture, from the A-pose of the model: limbs swing forwards and sideways, less about the
vertical, in the axes of the figure; about as `random_poses` draws them."""
_LIVELY: dict[str, Usual] = {
    "upperarm": ((10.0, 60.0), (10.0, 60.0), (0.0, 35.0)),
    "forearm": ((40.0, 50.0), (0.0, 12.0), (0.0, 25.0)),
    "thigh": ((15.0, 50.0), (5.0, 25.0), (0.0, 20.0)),
    "shin": ((-30.0, 50.0), (0.0, 6.0), (0.0, 8.0)),
    "neck": ((0.0, 20.0), (0.0, 12.0), (0.0, 25.0)),
    "spine": ((8.0, 28.0), (0.0, 10.0), (0.0, 14.0)),
}
"""People as photographs show them, in a joint's own axes: walking, sitting, arms overhead. Elbows, knees are hinges."""
_OTHER: Usual = ((0.0, 12.0), (0.0, 8.0), (0.0, 10.0))
"""Chains with other names: many in a row add up."""
_UNTOLD = ("hand", "fingers", "thumb", "foot", "toes")
"""What finders' points are too small to tell of, or tell wrongly: they raise toes by 20 degrees."""
_BACKWARDS = 8.0
"""Degrees by which a knee or an elbow may bend the wrong way."""
_HANDS = np.array([name.startswith(("pinky", "index", "thumb")) for name in BODY_POINTS])


@dataclass(frozen=True, eq=False)
class Prior:
    """A Gaussian over numbers. mean: (m,). precision: (m, m)."""

    mean: np.ndarray
    precision: np.ndarray

    @classmethod
    def of(cls, usual: Sequence[Usual], frames: Sequence[np.ndarray], axes: Sequence[np.ndarray]) -> "Prior":
        """Of all joints' numbers. frames: what the numbers are turns about. axes: what `usual` says is about them."""
        mean, precision = np.zeros(3 * len(usual)), np.zeros((3 * len(usual), 3 * len(usual)))
        for i, (turns, frame, about) in enumerate(zip(usual, frames, axes, strict=True)):
            own, at = frame.T @ about, slice(3 * i, 3 * i + 3)
            means, deviations = np.array(turns).T
            mean[at] = own @ means
            precision[at, at] = own @ np.diag(deviations**-2.0) @ own.T
        return cls(mean, precision)

    def where(self, first: np.ndarray, other: "Prior") -> "Prior":
        """Of some numbers (m,) bool this, of the rest the other one's; numbers of one joint go together."""
        both = first[:, None] & first
        return Prior(np.where(first, self.mean, other.mean), np.where(both, self.precision, other.precision))


@dataclass(frozen=True, eq=False)
class JointAngles:
    """The chains of a rig that may turn. rig: without the other joints. names: n chains, parents first.

    frames: (n, 3, 3), columns: the axes in the figure's space about which a chain's part turns forwards (where the
    figure faces, −Y), sideways (away from its middle plane), and along itself. A chain's three numbers, degrees, are
    a rotation vector in them: no order of turns, so that arms go overhead without a lock.
    usual, lively: of all numbers, for who stands for a picture and for anybody. limits: (3n, 2).
    """

    rig: Rig | None
    names: tuple[str, ...] = ()
    frames: np.ndarray = field(default_factory=lambda: np.zeros((0, 3, 3)))
    usual: "Prior" = field(default_factory=lambda: Prior(np.zeros(0), np.zeros((0, 0))))
    lively: "Prior" = field(default_factory=lambda: Prior(np.zeros(0), np.zeros((0, 0))))
    limits: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))

    @classmethod
    def of(cls, rig: Rig | None, template: np.ndarray, points: BodyPoints | None = None) -> "JointAngles":
        """The limbs a rig has, and with points to see them by the other joints that these hang on.

        template: (V, 3) metres.
        """
        if rig is None:
            return cls(None)
        names = tuple(name for name in rig.chains if name in LIMBS or (points is not None and _told(rig, points, name)))
        if not names:
            return cls(None)
        rig = rig.reduced(frozenset(names))
        joints = rig.joints(template).astype(np.float64)
        # outlines alone tell of two turns a limb; a third one, or others, only lead astray
        along = [_along(rig, template, joints, name) for name in names]
        frames = np.stack(
            [
                _AXES[_side(name)] if points is None else _frame(name, way)
                for name, way in zip(names, along, strict=True)
            ]
        )
        usual = Prior.of(
            [_STANDING.get(_part(name), _STIFF) for name in names], frames, [_AXES[_side(n)] for n in names]
        )
        lively = Prior.of([_LIVELY.get(_part(name), _OTHER) for name in names], frames, frames)
        limits = np.concatenate(
            [_range(name, _bent(rig, joints, name, way)) for name, way in zip(names, along, strict=True)]
        )
        if points is None:
            limits = np.tile([-170.0, 170.0], (len(limits), 1))
        return cls(rig, names, frames, usual, lively, limits)

    @property
    def count(self) -> int:
        """Number of angles, 3n."""
        return 3 * len(self.names)

    def matrices(self, angles: np.ndarray) -> np.ndarray:
        """(..., J, 3, 3) rotations of all joints of the rig. angles: (..., 3n) degrees."""
        assert self.rig is not None
        angles = np.asarray(angles, np.float64)
        out = np.broadcast_to(np.eye(3), (*angles.shape[:-1], len(self.rig.names), 3, 3)).copy()
        joints, chains, shares = self._places
        out[..., joints, :, :] = from_vectors(self._vectors(angles)[..., chains, :] * shares[:, None])
        return out

    def rotations(self, angles: np.ndarray) -> dict[str, np.ndarray]:
        """Chain -> (3, 3). angles: (3n,) degrees."""
        return dict(zip(self.names, from_vectors(self._vectors(angles)), strict=True))

    def vectors(self, angles: np.ndarray) -> dict[str, np.ndarray]:
        """Chain -> rotation vector (3,), degrees, in the figure's axes."""
        return dict(zip(self.names, self._vectors(angles), strict=True))

    def numbers(self, name: str, vector: np.ndarray) -> np.ndarray:
        """A chain's three numbers of its rotation vector (3,), within its limits."""
        i = self.names.index(name)
        return np.clip(self.frames[i].T @ vector, *self.limits[3 * i : 3 * i + 3].T)

    @cached_property
    def _places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of every joint that turns: its number in the rig, its chain's in `names`, its share."""
        assert self.rig is not None
        found = [
            (joint, i, share)
            for i, chain in enumerate(self.rig.chains[name] for name in self.names)
            for joint, share in zip(chain.joints, chain.shares, strict=True)
        ]
        joints, chains, shares = zip(*found, strict=True)
        return np.array(joints), np.array(chains), np.array(shares)

    def _vectors(self, angles: np.ndarray) -> np.ndarray:
        angles = np.asarray(angles, np.float64)
        return np.einsum("nij,...nj->...ni", self.frames, angles.reshape(*angles.shape[:-1], -1, 3))


_AXES = {sign: np.array([[-1.0, 0.0, 0.0], [0.0, -sign, 0.0], [0.0, 0.0, sign]]).T for sign in (1.0, -1.0)}
"""Columns: the figure's axes of the turns forwards, sideways and about the vertical, on the left and on the right."""


def _part(name: str) -> str:
    return name.split(".")[0]


def _side(name: str) -> float:
    return -1.0 if name.endswith(".R") else 1.0


def _told(rig: Rig, points: BodyPoints, name: str) -> bool:
    """Whether a chain moves a point that finders see, and not all of them, as a camera does."""
    if rig.parents[rig.chains[name].main] < 0 or _part(name) in _UNTOLD:
        return False
    share = (points.weights * rig.part(name)[points.vertices]).sum(1)[points.known & ~_HANDS]
    return bool((share > 0.75).any() and (share < 0.75).any())


def _along(rig: Rig, template: np.ndarray, joints: np.ndarray, name: str) -> np.ndarray:
    """Which way a chain's part goes on, (3,) of length 1: to the next joint, else to the middle of what it moves."""
    j = rig.chains[name].main
    children, weight = np.flatnonzero(rig.parents == j), rig.part(name)
    end = joints[children].mean(0) if len(children) else (weight @ template) / max(float(weight.sum()), 1e-9)
    away = end - joints[j]
    length = float(np.linalg.norm(away))
    return away / length if length > 1e-6 else np.array([0.0, 0.0, -1.0])


def _frame(name: str, along: np.ndarray) -> np.ndarray:
    """(3, 3) columns: axes of the turns forwards, sideways and along."""
    forwards = np.cross(along, [0.0, -1.0, 0.0])
    if np.linalg.norm(forwards) < 0.2:  # a part that points forwards already: a foot
        forwards = np.array([-1.0, 0.0, 0.0])
    forwards /= np.linalg.norm(forwards)
    sideways = np.cross(along, forwards)
    sideways /= np.linalg.norm(sideways)
    # away from the middle plane: to +X on the left
    if np.cross(sideways, along)[0] * _side(name) < 0:
        sideways = -sideways
    third = np.cross(forwards, sideways)
    return np.stack([forwards, sideways, third], 1)


def _bent(rig: Rig, joints: np.ndarray, name: str, along: np.ndarray) -> float:
    """Degrees between a part and the bone it hangs on, in the model's own pose: elbows of an A-pose are half bent."""
    j = rig.chains[name].main
    above = joints[j] - joints[max(int(rig.parents[j]), 0)]
    cosine = above @ along / max(float(np.linalg.norm(above)), 1e-9)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _range(name: str, bent: float) -> np.ndarray:
    """(3, 2) how far a chain's numbers may go. bent: degrees, in the model's own pose."""
    part = _part(name)
    turns = {"shin": (-155.0, _BACKWARDS), "forearm": (-_BACKWARDS - bent, 155.0), "spine": (-40.0, 90.0)}
    first = turns.get(part, (-170.0, 170.0))
    other = {"shin": 25.0, "forearm": 60.0, "neck": 80.0, "spine": 45.0}.get(part, 170.0)
    return np.array([first, (-other, other), (-other, other)])
