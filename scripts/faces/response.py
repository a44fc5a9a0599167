"""How the finder's points answer to a head: what it makes of each coefficient and of the view, and what is left."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scripts.faces.rendered import SIZE, Rendered
from semantify_blender.core.model.face_points import view_terms

RIDGE = 3.0
"""Pictures' worth of the belief that a point moves as the surface does."""
HIDDEN = 0.05
"""Weight of a point that is turned away from the camera."""
FRONTAL = 40.0
"""Degrees of yaw: beyond them points stray by more than is said."""


@dataclass(frozen=True, eq=False)
class Response:
    """In metres and the model's axes. slopes: (K of all models, 468, 3) to be added to the surface's own movement.

    rest: (468, 3) of the mean head seen from the front. turned: (4, 468, 3), for `view_terms`.
    left: (R, 468, 3) what none of it explains, weighted by how well each point is seen.
    """

    slopes: np.ndarray
    rest: np.ndarray
    turned: np.ndarray
    left: np.ndarray


def response(seen: Sequence[Rendered], vertices: np.ndarray, weights: np.ndarray) -> Response:
    """Regress how far points are off on the coefficients and the view. vertices, weights: (468, 3), their places."""
    each = [_apart(one, vertices, weights) for one in seen]
    apart, sure = np.stack([one[0] for one in each]), np.stack([one[1] for one in each])
    told = np.stack([np.concatenate(one.coefficients) for one in seen])
    views = np.stack([view_terms(one.camera.axes) for one in seen])
    known = np.concatenate([told, views, np.ones((len(seen), 1))], 1)
    held = RIDGE * np.diag([1.0] * told.shape[1] + [0.01] * views.shape[1] + [0.0])
    answers = np.empty((known.shape[1], apart.shape[1], 3))
    for point in range(apart.shape[1]):
        rows = known * sure[:, point, None]
        answers[:, point] = np.linalg.solve(rows.T @ rows + held, rows.T @ (apart[:, point] * sure[:, point, None]))
    left = (apart - np.einsum("rk,kpd->rpd", known, answers)) * sure[..., None]
    frontal = np.abs([one.camera.yaw for one in seen]) < FRONTAL
    spent = np.sqrt(len(seen) / (len(seen) - known.shape[1]))
    count = told.shape[1]
    return Response(answers[:count], answers[-1], answers[count:-1], spent * left[frontal])


def _apart(one: Rendered, vertices: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the points are off (468, 3) metres in the model's axes, flat in the picture, and how well each is seen.

    What another pose would explain is taken off.
    """
    corners = one.vertices[vertices].astype(np.float64)
    at = np.einsum("pcd,pc->pd", corners, weights)
    axes = one.camera.axes
    metre = one.camera.depth(at).astype(np.float64) / (one.camera.distance * SIZE)
    apart = (one.points - one.camera.project(at, SIZE)) * metre[:, None] * [1, -1]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    sure = np.clip((normals @ axes[2] + 0.35) / 0.7, HIDDEN, 1)
    x, y, z = ((at - at.mean(0)) @ axes.T).T
    zero, one_ = np.zeros_like(x), np.ones_like(x)
    # turned about the three axes, nearer, moved
    poses = np.stack([[zero, -z], [z, zero], [-y, x], [x, y], [one_, zero], [zero, one_]]).transpose(0, 2, 1)
    rows = poses.reshape(6, -1).T * np.repeat(sure, 2)[:, None]
    pose = np.linalg.lstsq(rows, apart.ravel() * np.repeat(sure, 2), rcond=None)[0]
    apart = apart - np.tensordot(pose, poses, 1)
    return apart @ axes[:2], sure
