"""What a fit moves: coefficients, and for each picture its camera and how the figure is held in it, as numbers."""

import math
from dataclasses import dataclass

import numpy as np

from .camera import Camera, ViewAngles

YAW, PITCH, ROLL, DISTANCE, FRAME, RIGHT, UP, GROWN = range(8)
CAMERA = 8
"""A picture's numbers: yaw, pitch, roll (degrees), log of the distance, log of the frame (metres), shift right and up
(frames), pixels by which its mask is too large; from here on the joints' angles (degrees)."""
STEPS = np.array([0.5, 0.5, 0.5, 0.02, 0.005, 0.003, 0.003, 0.0])
"""Of finite differences."""
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


def view_of(camera: Camera, yaw_deviation: float, pitch_deviation: float, roll_deviation: float) -> ViewAngles:
    """Where a camera looks from, and how sure that is."""
    return ViewAngles(camera.yaw, camera.pitch, yaw_deviation, pitch_deviation, camera.roll, roll_deviation)


def camera_slopes(numbers: np.ndarray, target: tuple[float, float, float], points: np.ndarray, size: int) -> np.ndarray:
    """How points move in the picture with the camera's numbers. points: (N, 3) metres. Returns (N, 2, 8) pixels."""
    here = camera_of(numbers, target).project(points, size)
    slopes = np.zeros((*here.shape, CAMERA))
    for i in range(GROWN):
        nudged = numbers.copy()
        nudged[i] += STEPS[i]
        slopes[..., i] = (camera_of(nudged, target).project(points, size) - here) / STEPS[i]
    return slopes
