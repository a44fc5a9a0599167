"""Where the points of a body that finders see are in pictures of look "wild": told by what each was rendered from."""

from collections.abc import Sequence

import numpy as np

from ...core.dataset import Dataset
from ...core.dataset_spec import DatasetSpec
from ...core.errors import SemantifyError
from ...core.fitting.camera import Camera
from ...core.library import load_model
from ...core.looks.choice import look_of
from ...core.model.body_points import BodyPoints
from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig, rows_moved, skinned
from ...core.model.random_poses import picture_pose
from ...core.model.sampling import POSE, view_generator

_SOLE = 0.05
"""Metres above the lowest point of the template: on one of these a figure stands, or on what the points are made of."""


class WildPoints:
    """The points of a model's shapes, posed and placed as the renderer does: without most of the vertices."""

    def __init__(self, model: MorphableModel, points: BodyPoints, rig: Rig) -> None:
        used = np.unique(points.vertices[points.weights != 0])
        soles = np.flatnonzero(model.template[:, 2] < model.template[:, 2].min() + _SOLE)
        rows = np.union1d(used, soles)
        self._rig, self._points, self._floor = rig, points, model.framing.floor
        self._template, self._basis = model.template[rows], model.basis[:, rows]
        self._weights = rig.weights[rows]
        self._moved = rows_moved(self._weights)
        shapes = np.concatenate([model.template[None], model.basis])
        self._joints = np.stack([rig.joints(shape) for shape in shapes]).astype(np.float64)
        self._at = np.searchsorted(rows, np.where(points.weights != 0, points.vertices, used[0]))

    def __call__(self, coefficients: np.ndarray, pose: dict[str, np.ndarray]) -> np.ndarray:
        """(33, 3) metres. coefficients: (K,). pose: chain -> (3, 3)."""
        shape = self._template + np.tensordot(coefficients.astype(np.float32), self._basis, 1)
        joints = np.tensordot(np.r_[1.0, coefficients], self._joints, 1)
        transforms = self._rig.transforms(joints, self._rig.turns(pose))
        posed = skinned(shape, self._weights, transforms, self._moved)
        if self._floor:
            posed[:, 2] -= posed[:, 2].min()
        return np.einsum("pn,pnc->pc", self._points.weights, posed[self._at].astype(np.float64))


def wild_points(dataset: Dataset, frames: np.ndarray, models: Sequence[MorphableModel]) -> np.ndarray | None:
    """(N · views, 33, 2) float32, −1..1 across each cut; None where the dataset's model has no such points.

    frames: (N · views, 3) the squares that were cut out, see `framed_dataset`. models: among which the dataset's own is
    looked for, before those that have a name.
    """
    spec = dataset.spec
    model = next((one for one in models if one.checksum == spec.model_checksum), None) or _named(spec)
    points, rig = (None, None) if model is None else (BodyPoints.of(model), Rig.of(model))
    if model is None or points is None or rig is None:
        return None
    place, framing = WildPoints(model, points, rig), model.framing
    found = np.empty((len(frames), len(points.weights), 2), np.float32)
    for sample, coefficients in enumerate(dataset.coefficients()):
        for number, view in enumerate(spec.views):
            pose = picture_pose(view_generator(spec.seed, sample, POSE, number))
            look = look_of(spec.look, spec.seed, sample, number, spec.textured)
            camera = Camera(
                yaw=view.azimuth + look.yaw,
                pitch=look.pitch,
                distance=look.distance / look.zoom,
                frame=framing.height * look.zoom,
                centre=look.shift,
                target=framing.centre,
            )
            row = sample * len(spec.views) + number
            left, top, side = frames[row]
            seen = camera.project(place(coefficients, pose), spec.size)
            found[row] = (seen - [left, top]) * (2 / side) - 1
    return found


def _named(spec: DatasetSpec) -> MorphableModel | None:
    try:
        model = load_model(spec.model)
    except SemantifyError:
        return None
    return model if model.checksum == spec.model_checksum else None
