"""Where garments end, on the typical body: distances to hems, for points of the tights and of the skin alike."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scripts.anny.base_mesh import joint

_LIMBS = ("shoulder", "elbow", "hand", "upper-leg", "knee", "ankle")
WIDE = 0.82
"""Depth of a round neck in parts of its width."""
FAR = 1.0
"""Metres: as good as never."""
Field = Callable[["Points"], np.ndarray]
"""Distance in metres to a hem of each point, above zero on the garment's side."""


@dataclass(frozen=True)
class Points:
    """Points on or near a body: where (V, 3) metres, and how much of each is arm, 0 to 1."""

    where: np.ndarray
    arm: np.ndarray

    @property
    def on_arm(self) -> np.ndarray:
        """(V,) bool."""
        return self.arm > 0.5


class Cuts:
    """Hems at places that are told from the joints of the typical body. base: (19158, 3) its base vertices, metres."""

    def __init__(self, base: np.ndarray) -> None:
        self._joints = {
            name: joint(base, name)
            for name in (
                "l-shoulder",
                "l-elbow",
                "l-hand",
                "l-upper-leg",
                "l-knee",
                "l-ankle",
                "spine-4",
                "spine-1",
                "neck",
            )
        }
        self.knee, self.ankle = float(self._joints["l-knee"][2]), float(self._joints["l-ankle"][2])
        self.chest = float(self._joints["spine-1"][2])
        self.hip, self.waist = float(self._joints["l-upper-leg"][2]), float(self._joints["spine-4"][2])

    def above(self, height: float) -> Field:
        """What is over a height, and the arms whole."""
        return lambda points: np.where(points.on_arm, FAR, points.where[:, 2] - height)

    def below(self, height: float) -> Field:
        """What is under a height, without the arms."""
        return lambda points: np.where(points.on_arm, -FAR, height - points.where[:, 2])

    def sleeve(self, share: float) -> Field:
        """As far as a share of the way down the upper arm, or of the lower arm for what is over 1."""
        ends = ("l-shoulder", "l-elbow") if share <= 1 else ("l-elbow", "l-hand")
        start, end = (self._joints[name] for name in ends)
        length = float(np.linalg.norm(end - start))
        axis, far = (end - start) / length, (share if share <= 1 else share - 1) * length

        def field(points: Points) -> np.ndarray:
            mirrored = np.abs(points.where[:, 0])[:, None] * [1, 0, 0] + points.where * [0, 1, 1]
            return np.where(points.on_arm, far - (mirrored - start) @ axis, FAR)

        return field

    def neckline(self, forward: float, down: float, radius: float) -> Field:
        """A round neck: what is further than `radius` from a point before and below the neck's joint, all metres.

        It is wider than deep. What is over that point counts by how far beside it: the neck is cut off, and nothing
        above is covered.
        """
        middle = self._joints["neck"] - np.array([0.0, forward, down])

        def field(points: Points) -> np.ndarray:
            away = (points.where - middle) * [WIDE, 1, 1]
            aside = np.linalg.norm(np.concatenate([away[:, :2], np.minimum(away[:, 2:], 0)], 1), axis=1)
            return np.where(away[:, 2] > 0.06, -FAR, aside - radius)

        return field
