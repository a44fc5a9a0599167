"""The estimate for a head where the finder read its points: they join what the encoder says, or take its place.

An encoder that learnt from renders tells the shapes of people in photographs, by heads and outlines, but takes their
looks for expressions (a neutral face for an angry one). So points are joined to its estimate of a shape as it is, and
to that of an expression as to one half as sure, of faces that are at rest unless points say otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model.face_points import FacePoints
from ..model.morphable_model import MorphableModel
from ..pictures.landmarks import FaceLandmarks
from .camera import ViewAngles
from .face_fit import FaceFit, fit_face
from .fitter import Estimate
from .gaussian import Gaussian

PULL = 2.5
"""What a slider at its end costs, in deviations of what the points leave open: expressions are at rest unless seen."""
DOUBT = 4.0
"""Factor on the covariance of an encoder's estimate of an expression. On renders it is off by 0.69 mm in the mean, the
points alone by 0.72, both together with this factor by 0.67."""
COMMON = 0.5
"""What a further picture of the same head tells beside the first, since a person's own strays are in all of them."""


@dataclass(frozen=True, eq=False)
class HeadFit:
    """found: what all pictures say. faces: each picture's own fit, None where no face was read.

    sure: whether sliders are to be moved by what the points are sure of alone (`PULL`).
    """

    found: Estimate
    faces: tuple[FaceFit | None, ...]
    sure: bool


def fit_heads(model: MorphableModel, found: Estimate, faces: Sequence[FaceLandmarks | None]) -> HeadFit | None:
    """Bring the points of one head's pictures into its estimate.

    found: by fitter or scores. faces: one a picture. Returns None where the model has no points, or no picture a face.
    """
    if not any(face is not None for face in faces):
        return None
    points = FacePoints.of(model.name, model.vertex_count, model.component_count, model.extra)
    if points is None:
        return None
    at_rest = model.ranges is not None  # each coefficient leads from rest, as an expression's does
    doubt = DOUBT if at_rest else 1.0
    each: list[FaceFit | None] = []
    shape = Gaussian(found.coefficients.astype(np.float64), doubt * found.covariance.astype(np.float64))
    for face in faces:
        # each picture's prior is what those before it said
        fitted = None if face is None else fit_face(model, points, face, shape)
        each.append(fitted)
        if fitted is not None:
            shape = _widened(shape, fitted.shape) if any(each[:-1]) else fitted.shape
    if not any(each):
        return None
    views = tuple(
        given if fitted is None else fitted.view for given, fitted in zip(_views(found, len(faces)), each, strict=True)
    )
    estimate = Estimate(shape.mean.astype(np.float32), shape.covariance.astype(np.float32), views)
    return HeadFit(estimate, tuple(each), at_rest)


def _widened(before: Gaussian, after: Gaussian) -> Gaussian:
    """What is known after a further picture, which tells less than it seems to."""
    covariance = COMMON * after.covariance + (1 - COMMON) * before.covariance
    return Gaussian(after.mean, covariance)


def _views(found: Estimate, count: int) -> tuple[ViewAngles, ...]:
    return found.views if len(found.views) == count else (ViewAngles(yaw_deviation=25.0),) * count
