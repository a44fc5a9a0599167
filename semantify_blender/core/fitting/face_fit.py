"""The shape of a head from the points that a finder reads off its picture: pose, shape and expression at once.

Gauss-Newton over the head's rotation, size and place in the picture, how strong the perspective is, the model's
coefficients, those of what the model leaves out (the expression beside a model of shapes and the other way round), and
the directions in which points stray together (`FacePoints.spread`). All but the pose have Gaussian priors.
Points that stray alone are held off by a robust kernel (Geman and McClure 1987, as in Blanz and Vetter's successors).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model.face_points import FacePoints
from ..model.morphable_model import MorphableModel
from ..pictures.landmarks import FaceLandmarks
from .camera import ViewAngles
from .gaussian import Gaussian

STEPS = 12
ENOUGH = 1e-3
"""A step ends the search when it moves no point by more than this many of its deviations."""
LEAST_FACE = 8.0
"""Pixels: a smaller face says nothing."""
TURNED = 0.35
"""Cosine between a point's normal and the view below which it is near the contour, where points slide on the skin."""
SLIDING = 4.0
"""Factor on the deviation of points that are turned away."""
ROBUST = 4.0
"""Deviations at which a point counts half."""
NEARNESS = (0.8, 0.5)
"""Prior of 1 / distance of the camera from the head, per metre: mean and deviation."""
NEAREST = 2.5


@dataclass(frozen=True, eq=False)
class FaceFit:
    """What points say about a head.

    shape: Gaussian over ξ. view: where the picture was taken from. roll: degrees, how far the head leans to the
    picture's right. error: root mean square of what is left of the points' distances, in heights of the face.
    rotation: (3, 3), rows are the picture's right, its up and the direction to the camera, in the model's axes.
    points: (468, 2) pixels, where the fitted surface shows the points. other: (N,) what the model leaves out.
    """

    shape: Gaussian
    view: ViewAngles
    roll: float
    error: float
    rotation: np.ndarray
    points: np.ndarray
    other: np.ndarray
