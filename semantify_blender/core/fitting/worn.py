"""What a figure wears in a picture: an outline is that of the clothes, so these are tried on before it is believed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.clothes import Clothes
from ..model.morphable_model import MorphableModel
from ..model.posing import Rig, dense_weights, rows_moved, skinned
from .joint_angles import JointAngles


@dataclass(frozen=True, eq=False)
class Worn:
    """A body as it is drawn: bare, or in one of its model's outfits, held by the body's joints.

    outfit: its name, empty for the bare body. model: of what is drawn, with the body's coefficients.
    angles: of the body. weights: (Vd, J) how what is drawn hangs on the joints of their rig, None where nothing is
    posed. joints: of that rig in the body's template (J, 3), and how the coefficients move them (K, J, 3), metres.
    """

    outfit: str
    model: MorphableModel
    angles: JointAngles
    weights: np.ndarray | None
    joints: tuple[np.ndarray, np.ndarray]

    def posed(self, coefficients: np.ndarray, held: np.ndarray) -> np.ndarray:
        """(Vd, 3) float32 metres of what is drawn. coefficients: (K,). held: (3n,) degrees."""
        vertices = self.model.vertices(coefficients)
        rig, (rest, basis) = self.angles.rig, self.joints
        if rig is None or self.weights is None:
            return vertices
        transforms = rig.transforms(rest + np.tensordot(coefficients, basis, 1), self.angles.matrices(held))
        return skinned(vertices, self.weights, transforms, self._moved)

    @cached_property
    def _moved(self) -> list[np.ndarray]:
        return [] if self.weights is None else rows_moved(self.weights)


def wardrobe(body: MorphableModel, angles: JointAngles) -> list[Worn]:
    """All that a model's figure may wear, the bare body first. angles: of the body."""
    rig = angles.rig
    if rig is None:
        joints = np.zeros((0, 3)), np.zeros((body.component_count, 0, 3))
        found = [Worn("", body, angles, None, joints)]
    else:
        moved = np.stack([rig.joints(shape) for shape in body.basis]).astype(np.float64)
        joints = rig.joints(body.template).astype(np.float64), moved
        found = [Worn("", body, angles, rig.weights, joints)]
    whole = None if rig is None else Rig.of(body)
    for name, parts in (Clothes.of(body.metadata).outfits or {}).items():
        if parts:
            dressed = body.dressed(name).model
            weights = None
            if whole is not None:
                weights = whole.on_kept(dense_weights(dressed.extra, len(whole.names)), frozenset(angles.names))
            found.append(Worn(name, dressed, angles, weights, joints))
    return found
