"""What people are beside a model of them: the mean face that the finder knows, and how much faces differ."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scripts.finders.packages import Source, content_of
from semantify_blender.core.pictures.landmarks import FACE_POINTS

GEOMETRY = Source("@mediapipe/face_mesh", "0.4.1657299874", "geometry_pipeline_metadata_landmarks.binarypb", {})
"""The mean face's points in space lie beside the network in its package, under the same licence."""
FARTHEST = 0.012
"""Metres: a point of the mean face farther from the model's was laid on another place, and says nothing."""
DIFFER, ALIKE = 0.003, 0.02
"""Metres: how far a place on one face lies from that on another of the same size, and over what distance places do so
together; distances between features vary by 2 to 4 mm among adults (Farkas 1994)."""
BROWS, BROW_HEIGHT, BROW_REACH = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336), 0.005, 0.010
"""Points of both brows, and metres by which brows sit higher or lower on a face at rest than on another."""
LIPS = sorted({
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 78, 191, 80, 81, 82),
    *(13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95, 76, 184, 74, 73, 72, 11, 302, 303, 304),
    *(408, 306, 307, 320, 404, 315, 16, 85, 180, 90, 77, 62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292, 325, 319),
    *(403, 316, 15, 86, 179, 89, 96),
})  # fmt: skip
"""Points of both lips."""


def mean_face(folder: Path) -> np.ndarray:
    """(468, 3) metres, in the axes of a model: x to the picture's right, −y to the camera, z up."""
    found = _floats(content_of(GEOMETRY, folder), 5 * FACE_POINTS)
    x, y, z = found.reshape(FACE_POINTS, 5)[:, :3].T / 100
    return np.stack([x, -z, y], 1)


def beside(mean: np.ndarray, template: np.ndarray, shapes: np.ndarray, facing: np.ndarray) -> np.ndarray:
    """(468, 3) metres: where the points of the mean face are, from those of the shape of the model that is nearest.

    mean: (468, 3) in any size and place. template: (468, 3), shapes: (K, 468, 3), the model's. facing: (468,) bool.
    The mean face has its lips parted, which its mouth at rest has not: they are moved all together.
    """
    sure = np.where(facing, 1.0, 0.2)[:, None]
    share = sure / sure.sum()
    rows = (shapes * sure).reshape(len(shapes), -1).T
    coefficients = np.zeros(len(shapes))
    laid = mean
    for _ in range(30):
        now = template + np.tensordot(coefficients, shapes, 1)
        a, b = mean - (share * mean).sum(0), now - (share * now).sum(0)
        u, values, vt = np.linalg.svd((share * b).T @ a)
        laid = values.sum() / (share * a**2).sum() * a @ (u @ vt).T + (share * now).sum(0)
        right = ((laid - template) * sure).ravel()
        # a point counts for little: many of them are off together
        coefficients = np.linalg.solve(rows.T @ rows + 10 * 0.003**2 * np.eye(len(shapes)), rows.T @ right)
    apart = laid - template - np.tensordot(coefficients, shapes, 1)
    apart[LIPS] = apart[LIPS].mean(0)
    apart[np.linalg.norm(apart, axis=1) > FARTHEST] = 0
    return apart


def differences(template: np.ndarray) -> np.ndarray:
    """(1404, 1404) metres²: covariance of the places of points among people that a model tells apart too little.

    template: (468, 3).
    """
    apart = ((template[:, None] - template) ** 2).sum(-1)
    covariance = np.kron(DIFFER**2 * np.exp(-apart / (2 * ALIKE**2)), np.eye(3))
    near = ((template[:, None] - template[list(BROWS)]) ** 2).sum(-1).min(1)
    brows = np.zeros_like(template)
    brows[:, 2] = BROW_HEIGHT * np.exp(-near / (2 * BROW_REACH**2))
    return covariance + np.outer(brows, brows)


def _floats(message: bytes, count: int) -> np.ndarray:
    """The first run of so many 32-bit numbers in a protocol buffer."""
    for wire, value in _fields(message):
        if wire != 2:
            continue
        if len(value) == 4 * count:
            return np.frombuffer(value, "<f4").astype(np.float64)
        try:
            single = [struct.unpack("<f", part)[0] for kind, part in _fields(value) if kind == 5]
            return np.array(single) if len(single) == count else _floats(value, count)
        except (IndexError, ValueError):
            continue
    raise ValueError(f"no {count} numbers: is this the geometry of a face?")


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Wire type and bytes of each field of a protocol buffer."""
    at = 0

    def whole() -> int:
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at, value, shift = at + 1, value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while at < len(message):
        wire = whole() & 7
        if wire == 0:
            whole()
            yield wire, b""
            continue
        if wire not in (1, 2, 5):
            raise ValueError(f"no protocol buffer: wire type {wire}")
        size = {1: 8, 5: 4}.get(wire) or whole()
        yield wire, message[at : at + size]
        at += size
