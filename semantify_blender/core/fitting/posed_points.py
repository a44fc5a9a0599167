"""The points of a body that finders see, of any shape in any pose, and how they move: without the other vertices."""

import numpy as np

from ..model.body_points import BodyPoints
from ..model.morphable_model import MorphableModel
from .joint_angles import JointAngles

_TURN = 0.5
"""Degrees of a finite difference."""


class PosedPoints:
    """Skinning is linear in the vertices, so each point is a sum over joints of one place each, for each component."""

    def __init__(self, model: MorphableModel, points: BodyPoints, angles: JointAngles) -> None:
        assert angles.rig is not None
        rig = self._rig = angles.rig
        self.points, self.angles = points, angles
        weights = points.weights[..., None] * rig.weights[points.vertices]  # (33, n, J)
        shapes = np.concatenate([model.template[None], model.basis]).astype(np.float64)
        # (K + 1, 33, J, 3) and (33, J)
        self._places = np.stack([np.einsum("pnj,pnc->pjc", weights, shape[points.vertices]) for shape in shapes])
        self._shares = weights.sum(1)
        self._joints = np.stack([rig.joints(shape) for shape in shapes]).astype(np.float64)

    def at(self, coefficients: np.ndarray, angles: np.ndarray) -> np.ndarray:
        """(..., 33, 3) metres. coefficients: (K,). angles: (..., 3n) degrees."""
        places, joints = self._of(coefficients)
        return self._moved(places, self._rig.transforms(joints, self.angles.matrices(angles)))

    def joints(self, coefficients: np.ndarray) -> np.ndarray:
        """(J, 3) of the shape at rest, metres."""
        return self._of(coefficients)[1]

    def slopes(self, coefficients: np.ndarray, angles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (33, 3), and how they move with coefficients and angles: (33, 3, K + 3n), metres."""
        places, joints = self._of(coefficients)
        count = self.angles.count
        turned = np.repeat(np.asarray(angles, np.float64)[None], count + 1, 0)
        turned[np.arange(count) + 1, np.arange(count)] += _TURN
        matrices = self.angles.matrices(turned)
        found = self._moved(places, self._rig.transforms(joints, matrices))
        by_angle = (found[1:] - found[0]) / _TURN
        # linear in ξ, so a whole step is exact; a component moves the joints as well
        transforms = self._rig.transforms(self._joints[1:], matrices[0])
        by_shape = self._moved(self._places[1:], transforms)
        return found[0], np.concatenate([by_shape, by_angle]).transpose(1, 2, 0)

    def told_by(self, chain: str) -> np.ndarray:
        """(33,) which share of each point hangs on a chain's main joint, or on what is below that."""
        rig = self._rig
        return np.asarray(self._shares[:, rig.below[rig.chains[chain].main]].sum(1))

    def _of(self, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        whole = np.concatenate([[1.0], np.asarray(coefficients, np.float64)])
        return np.tensordot(whole, self._places, 1), np.tensordot(whole, self._joints, 1)

    def _moved(self, places: np.ndarray, transforms: np.ndarray) -> np.ndarray:
        """places: (..., 33, J, 3). transforms: (..., J, 3, 4)."""
        count = 3 * transforms.shape[-3]
        turning = transforms[..., :3].swapaxes(-1, -2).reshape(*transforms.shape[:-3], count, 3)
        return np.asarray(places.reshape(*places.shape[:-2], count) @ turning + self._shares @ transforms[..., 3])
