"""How a figure holds its limbs in one picture, as numbers that a fit can move."""

from dataclasses import dataclass

import numpy as np

from ..model.posing import LIMBS, Rig, limb_rotations

_USUAL = {
    "upperarm": ((-8.0, 22.0), (4.0, 14.0)),
    "forearm": ((-8.0, 18.0), (14.0, 17.0)),
    "thigh": ((1.0, 4.0), (0.0, 5.0)),
    "shin": ((0.0, 1.0), (-3.0, 4.0)),
}
"""Limb -> (mean, standard deviation) of its angles sideways and forwards, degrees: people who stand for a picture."""


@dataclass(frozen=True, eq=False)
class Limbs:
    """The limbs of a rig that may move, two angles each. names: n limbs. mean, deviation: (2n,) degrees."""

    rig: Rig | None
    names: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, rig: Rig | None) -> "Limbs":
        """The limbs a rig has; none without a rig."""
        names = tuple(name for name in LIMBS if rig is not None and name in rig.names)
        usual = np.array([_USUAL[name.split(".")[0]] for name in names]).reshape(-1, 2)
        return cls(rig if names else None, names, usual[:, 0].copy(), usual[:, 1].copy())

    @property
    def count(self) -> int:
        """Number of angles."""
        return len(self.mean)

    def rotations(self, angles: np.ndarray) -> dict[str, np.ndarray]:
        """Limb -> (3, 3). angles: (2n,) degrees, sideways and forwards of each limb."""
        pairs = np.asarray(angles, np.float64).reshape(-1, 2).tolist()
        return limb_rotations({name: (a, b) for name, (a, b) in zip(self.names, pairs, strict=True)})

    def pose(self, vertices: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """A whole shape (V, 3) with its limbs turned."""
        return vertices if self.rig is None else self.rig.pose(vertices, self.rotations(angles))

    def part(self, rows: np.ndarray) -> "Part":
        """What is needed to pose a few vertices often. rows: (n,) numbers of vertices."""
        return Part(self, rows)


class Part:
    """Some vertices of a figure, posed without the others."""

    def __init__(self, limbs: Limbs, rows: np.ndarray) -> None:
        self._limbs = limbs
        self._weights = limbs.rig.weights[rows] if limbs.rig is not None else None

    def pose(self, vertices: np.ndarray, joints: np.ndarray | None, angles: np.ndarray) -> np.ndarray:
        """Turn the limbs. vertices: (n, 3) of the rows. joints: (J, 3), of `Rig.joints`. Returns (n, 3)."""
        rig = self._limbs.rig
        if rig is None or joints is None or self._weights is None:
            return vertices
        turned = _Some(rig.names, rig.parents, self._weights, joints)
        return turned.pose(vertices, self._limbs.rotations(angles))


@dataclass(frozen=True, eq=False)
class _Some(Rig):
    """A rig of a few vertices, which cannot tell where the joints are."""

    at: np.ndarray

    def joints(self, vertices: np.ndarray) -> np.ndarray:
        return self.at
