"""What a fit moves: coefficients, and for each picture its camera and how the figure is held in it, as numbers."""

import math
from dataclasses import dataclass

import numpy as np

from .camera import Camera

YAW, PITCH, ROLL, DISTANCE, FRAME, RIGHT, UP, GROWN = range(8)
CAMERA = 8
"""A picture's numbers: yaw, pitch, roll (degrees), log of the distance, log of the frame (metres), shift right and up
(frames), pixels by which its mask is too large; from here on the joints' angles (degrees)."""
_TURN = 0.01
"""Degrees of a finite difference."""
LONGEST = np.array([8.0, 5.0, 8.0, 0.3, 0.15, 0.08, 0.08, 0.5])
"""How far a picture's camera numbers go in one step."""


@dataclass(frozen=True, eq=False)
class State:
    """coefficients (K,); pictures (P, 8 + angles): camera and joints of each picture."""

    coefficients: np.ndarray
    pictures: np.ndarray

    def towards(self, other: "State", share: float) -> "State":
        """A part of the way to another state."""
        return State(
            self.coefficients + share * (other.coefficients - self.coefficients),
            self.pictures + share * (other.pictures - self.pictures),
        )


def numbers_of(camera: Camera) -> np.ndarray:
    """(8,) a camera's numbers, and a mask that is as large as it should be."""
    return np.array(
        [camera.yaw, camera.pitch, camera.roll, math.log(camera.distance), math.log(camera.frame), *camera.centre, 0.0]
    )


def camera_of(numbers: np.ndarray, target: tuple[float, float, float]) -> Camera:
    """The camera of a picture's numbers."""
    yaw, pitch, roll, distance, frame, right, up = numbers[:GROWN].tolist()
    return Camera(yaw, pitch, math.exp(distance), math.exp(frame), (right, up), target, roll)


def camera_slopes(numbers: np.ndarray, target: tuple[float, float, float], points: np.ndarray, size: int) -> np.ndarray:
    """How points move in the picture with the camera's numbers. points: (N, 3) metres. Returns (N, 2, 8) pixels."""
    camera = camera_of(numbers, target)
    axes, away = camera.axes, camera.distance * camera.frame
    off = np.asarray(points, np.float64) - np.array(target)
    x, y, z = (off @ axes.T).T
    left = np.maximum(away - z, 1e-3 * away)
    scale = camera.distance * size / left
    slopes = np.zeros((len(off), 2, CAMERA))
    for i in (YAW, PITCH, ROLL):
        nudged = numbers.copy()
        nudged[i] += _TURN
        dx, dy, dz = (off @ ((camera_of(nudged, target).axes - axes) / _TURN).T).T
        slopes[:, 0, i], slopes[:, 1, i] = scale * (dx + x * dz / left), -scale * (dy + y * dz / left)
    # of the logarithms: a longer lens further away, and a wider view from further away
    for i, change in ((DISTANCE, 1 - away / left), (FRAME, -away / left)):
        slopes[:, 0, i], slopes[:, 1, i] = scale * x * change, -scale * y * change
    slopes[:, 0, RIGHT], slopes[:, 1, UP] = size, -size
    return slopes
