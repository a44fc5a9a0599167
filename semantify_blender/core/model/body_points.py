"""Where a finder sees a person's joints, on the model: points that follow the shape and the pose.

A model may carry, in `MorphableModel.extra`:
    body_points/vertices (33, n): the vertices around each of the points `pictures.landmarks.BODY_POINTS`;
    body_points/weights (33, n): how much each counts; a row sums to 1, or to 0 where the model has no such point.
They may lie where a network sees a joint rather than where the bone is. `scripts/anny/body_points.py` makes them; for a
model with a rig and without these arrays the joints of its limbs are taken, and feet and hands by where they end.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import FileFormatError
from ..pictures.landmarks import BODY_POINTS
from .morphable_model import MorphableModel
from .posing import Rig

VERTICES, WEIGHTS = "body_points/vertices", "body_points/weights"
_JOINTS = {"shoulder": "upperarm", "elbow": "forearm", "hip": "thigh", "knee": "shin"}
_WRIST = 0.57
"""Share of the way from the elbow to the fingertips; Drillis & Contini 1966: 0.146 and 0.108 of the height."""
_ANKLE = 0.86
"""Share of the way from the knee to the sole; the same source."""


@dataclass(frozen=True, eq=False)
class BodyPoints:
    """vertices: (33, n) int. weights: (33, n) float64; rows of zeros where the model has no such point."""

    vertices: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> "BodyPoints | None":
        """The model's points, or what its rig tells of them; None without either.

        Raises FileFormatError for arrays that are no such points.
        """
        if VERTICES in model.extra or WEIGHTS in model.extra:
            return cls(*_checked(model))
        rig = Rig.of(model)
        return None if rig is None else _of_rig(rig, model.template)

    @property
    def known(self) -> np.ndarray:
        """(33,) bool: which points the model has."""
        return np.asarray(self.weights.sum(1) > 0.5)

    def at(self, vertices: np.ndarray) -> np.ndarray:
        """Where the points of a shape are, posed or not. vertices: (V, 3) metres. Returns (33, 3)."""
        return np.einsum("pn,pnc->pc", self.weights, np.asarray(vertices, np.float64)[self.vertices])


def _checked(model: MorphableModel) -> tuple[np.ndarray, np.ndarray]:
    def wrong(name: str, what: str) -> FileFormatError:
        return FileFormatError(model.name, f"extra/{name}", what)

    arrays = []
    for name, kinds in ((VERTICES, "iu"), (WEIGHTS, "f")):
        array = model.extra.get(name)
        if array is None:
            raise wrong(name, "is missing: leave out both arrays or neither")
        if array.ndim != 2 or len(array) != len(BODY_POINTS) or array.dtype.kind not in kinds:
            raise wrong(name, f"expected a row of numbers for each of {len(BODY_POINTS)} points")
        arrays.append(array)
    vertices, weights = arrays
    if vertices.shape != weights.shape:
        raise wrong(WEIGHTS, f"is {weights.shape}, the vertices are {vertices.shape}: give a weight for each")
    if vertices.min() < 0 or vertices.max() >= model.vertex_count:
        raise wrong(VERTICES, f"names vertices that the model does not have; it has {model.vertex_count}")
    weights = weights.astype(np.float64)
    total = weights.sum(1)
    if not np.isfinite(weights).all() or not ((np.abs(total - 1) < 0.05) | (np.abs(weights).max(1) == 0)).all():
        raise wrong(WEIGHTS, "each row must sum to 1, or be all zeros")
    # stored as float16
    return vertices.astype(np.int64), weights / np.where(total > 0.5, total, 1)[:, None]


def _of_rig(rig: Rig, template: np.ndarray) -> BodyPoints:
    """Points by the joints of the limbs, and by how far hands and feet reach beyond them."""
    joints, found = rig.joints(template), {}
    for side in "LR":
        for point, joint in _JOINTS.items():
            name = f"{joint}.{side}"
            if name in rig.chains:
                # what it shares with its parent, heaviest first
                main = rig.chains[name].main
                shared = rig.weights[:, main] * rig.weights[:, rig.parents[main]]
                found[f"{point}.{side}"] = (np.argsort(-shared)[:64], np.sort(shared)[::-1][:64])
        for point, joint, share in (("wrist", "forearm", _WRIST), ("ankle", "shin", _ANKLE)):
            name = f"{joint}.{side}"
            if name not in rig.chains:
                continue
            rows, at = np.flatnonzero(rig.part(name) > 0.9), joints[rig.chains[name].main]
            if not len(rows):
                continue
            off = template[rows] - at
            # a foot points forwards: its leg ends at the sole
            along = -off[:, 2] if joint == "shin" else np.linalg.norm(off, axis=1)
            near = np.argsort(np.abs(along / max(float(along.max()), 1e-6) - share))[:24]
            found[f"{point}.{side}"] = (rows[near], np.ones(len(near)))
            if joint == "shin":
                low = rows[along > 0.9 * along.max()]
                for part, order in (("toe", 1), ("heel", -1)):
                    far = low[np.argsort(order * template[low, 1])[:12]]
                    found[f"{part}.{side}"] = (far, np.ones(len(far)))
    width = max((len(rows) for rows, _ in found.values()), default=1)
    vertices, weights = np.zeros((len(BODY_POINTS), width), int), np.zeros((len(BODY_POINTS), width))
    for point, (rows, values) in found.items():
        i = BODY_POINTS.index(point)
        vertices[i, : len(rows)], weights[i, : len(rows)] = rows, values / max(float(values.sum()), 1e-12)
    return BodyPoints(vertices, weights)
