"""Linear blend skinning in one fixed pose, which leaves a linear model linear.

v(β) = Σ_j w_j [ G_j (v̄ + S β + P) + t_j ] with the pose blend shapes P constant, and t_j = q_j − G_j J_j where the
joints J = R (v̄ + S β) are regressed from the shaped vertices (Loper et al. 2015, "SMPL", equations 2 to 10). For a
fixed pose every term is linear in β, so template and basis can be posed once and for all, exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Skeleton:
    """What skinning needs, float64.

    joint_regressor: (J, V). weights: (V, J). parents: (J,) int, the root's is itself. pose_basis: (V · 3, 9 · (J − 1)),
    of the rotations' matrices less the identity; with `quaternions` (V · 3, 4 · (J − 1)), of x, y, z, w − 1 (STAR).
    """

    joint_regressor: np.ndarray
    weights: np.ndarray
    parents: np.ndarray
    pose_basis: np.ndarray
    quaternions: bool = False


def rotation(axis_angle: np.ndarray) -> np.ndarray:
    """Rodrigues' formula. axis_angle: (3,) radians. Returns (3, 3) float64."""
    angle = float(np.linalg.norm(axis_angle))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = np.asarray(axis_angle, np.float64) / angle
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def quaternion(axis_angle: np.ndarray) -> np.ndarray:
    """A rotation as x, y, z, w − 1. axis_angle: (3,) radians. Returns (4,) float64, zeros at rest."""
    angle = float(np.linalg.norm(axis_angle))
    axis = np.asarray(axis_angle, np.float64) / (angle or 1.0)
    return np.array([*(np.sin(angle / 2) * axis), np.cos(angle / 2) - 1])


class Posed:
    """The linear map of one pose, in the space of the file.

    pose: joint number -> axis-angle (3,) radians; all others rest.
    """

    def __init__(self, skeleton: Skeleton, pose: Mapping[int, np.ndarray]) -> None:
        self.skeleton = skeleton
        count = len(skeleton.parents)
        turns = [pose.get(j, np.zeros(3)) for j in range(count)]
        local = np.stack([rotation(turn) for turn in turns])
        features = np.stack([quaternion(turn) for turn in turns]) if skeleton.quaternions else local - np.eye(3)
        self.offset = (skeleton.pose_basis @ features[1:].ravel()).reshape(-1, 3)
        self.turned = local.copy()
        for j in range(1, count):
            self.turned[j] = self.turned[skeleton.parents[j]] @ local[j]
        self.blended = (skeleton.weights @ self.turned.reshape(count, 9)).reshape(-1, 3, 3)

    def direction(self, field: np.ndarray) -> np.ndarray:
        """A displacement (V, 3) of the unposed shape, as it is in the pose. Returns (V, 3) float64."""
        field = np.asarray(field, np.float64)
        joints = self.skeleton.joint_regressor @ field
        shift = self.joints(field) - np.einsum("jab,jb->ja", self.turned, joints)
        return np.einsum("vab,vb->va", self.blended, field) + self.skeleton.weights @ shift

    def joints(self, field: np.ndarray) -> np.ndarray:
        """Where joints are in the pose, of a shape or a displacement (V, 3) that is unposed. Returns (J, 3) float64."""
        joints = self.skeleton.joint_regressor @ np.asarray(field, np.float64)
        placed = joints.copy()
        for j in range(1, len(joints)):
            parent = self.skeleton.parents[j]
            placed[j] = placed[parent] + self.turned[parent] @ (joints[j] - joints[parent])
        return placed

    def shape(self, vertices: np.ndarray) -> np.ndarray:
        """A shape (V, 3) in the pose, pose blend shapes included. Returns (V, 3) float64."""
        return self.direction(vertices) + self.offset_in_pose(self.offset)

    def offset_in_pose(self, offset: np.ndarray) -> np.ndarray:
        """A displacement (V, 3) that the joints do not follow, as pose blend shapes are. Returns (V, 3) float64."""
        return np.einsum("vab,vb->va", self.blended, offset)
