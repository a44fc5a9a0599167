"""Rotation vectors: an axis as long as the angle about it, degrees; what a fit moves joints by and files hold."""

import numpy as np


def from_vectors(vectors: np.ndarray) -> np.ndarray:
    """Rotation matrices (..., 3, 3) float64 of rotation vectors (..., 3), degrees."""
    turned = np.radians(np.asarray(vectors, np.float64))
    angle = np.linalg.norm(turned, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(turned, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*turned.shape, 3)
    # sin(a)/a and (1 − cos(a))/a², both without a division by nothing
    one, two = np.sinc(angle / np.pi), 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    return np.eye(3) + one * cross + two * (cross @ cross)


def to_vectors(matrices: np.ndarray) -> np.ndarray:
    """Rotation vectors (..., 3), degrees and at most 180 long, of rotation matrices (..., 3, 3)."""
    m = np.asarray(matrices, np.float64)
    trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
    # the quaternion as its own outer product ×4: the row with the largest corner is never near zero
    outer = np.empty((*m.shape[:-2], 4, 4))
    outer[..., 0, 0] = 1 + trace
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        outer[..., 0, i + 1] = outer[..., i + 1, 0] = m[..., k, j] - m[..., j, k]
        outer[..., i + 1, i + 1] = 1 + 2 * m[..., i, i] - trace
        outer[..., j + 1, k + 1] = outer[..., k + 1, j + 1] = m[..., k, j] + m[..., j, k]
    best = np.argmax(np.diagonal(outer, axis1=-2, axis2=-1), -1)
    quaternion = np.take_along_axis(outer, best[..., None, None], -2)[..., 0, :]
    quaternion /= np.linalg.norm(quaternion, axis=-1, keepdims=True)
    quaternion *= np.where(quaternion[..., :1] < 0, -1.0, 1.0)
    length = np.linalg.norm(quaternion[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(length, quaternion[..., :1])
    scale = np.where(length > 1e-9, angle / np.maximum(length, 1e-9), 2.0)
    return np.degrees(quaternion[..., 1:] * scale)


def between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The shortest rotation (3, 3) that turns the direction of one vector (3,) into that of another."""
    a, b = (np.asarray(v, np.float64) / max(float(np.linalg.norm(v)), 1e-12) for v in (one, other))
    axis, cosine = np.cross(a, b), float(a @ b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        if cosine >= 0:
            return np.eye(3)
        # half a turn about anything across
        axis = np.cross(a, np.eye(3)[int(np.abs(a).argmin())])
        return from_vectors(180 * axis / np.linalg.norm(axis))
    return from_vectors(np.degrees(np.arctan2(sine, cosine)) * axis / sine)
