"""A figure as it is drawn: bare or in clothes, which hang on the body's joints and follow its coefficients."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.morphable_model import MorphableModel
from ..model.posing import rows_moved, skinned
from .joint_angles import JointAngles


@dataclass(frozen=True, eq=False)
class Worn:
    """A body as it is drawn: bare, or in one of its model's outfits, held by the body's joints.

    outfit: its name, empty for the bare body. layered: whether more is worn over it. model: of what is drawn, with the
    body's coefficients. angles: of the body. weights: (Vd, J) how what is drawn hangs on the joints of their rig, None
    where nothing is posed. joints: of that rig in the body's template (J, 3), and how the coefficients move them
    (K, J, 3), metres.
    """

    outfit: str
    model: MorphableModel
    angles: JointAngles
    weights: np.ndarray | None
    joints: tuple[np.ndarray, np.ndarray]
    layered: bool = False

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
