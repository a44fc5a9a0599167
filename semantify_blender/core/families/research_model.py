"""The part that SMPL, SMPL-X, FLAME and SMAL files share: template, shape directions, faces and skeleton."""

from dataclasses import dataclass

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..model.morphable_model import MorphableModel
from .skinning import Skeleton
from .source import Source


@dataclass(frozen=True)
class Kind:
    """One family's file: its name, how many vertices it has, under what licence it comes."""

    title: str
    vertices: int
    licence: str


RESEARCH = "research only"
"""How the licence of every family here begins."""

KINDS = {
    "smpl": Kind("SMPL", 6890, f"{RESEARCH}, SMPL body model licence (smpl.is.tue.mpg.de); the user's own file"),
    "smplx": Kind("SMPL-X", 10475, f"{RESEARCH}, SMPL-X model licence (smpl-x.is.tue.mpg.de); the user's own file"),
    "flame-shape": Kind("FLAME", 5023, f"{RESEARCH}, FLAME model licence (flame.is.tue.mpg.de); the user's own file"),
    "flame-expression": Kind(
        "FLAME", 5023, f"{RESEARCH}, FLAME model licence (flame.is.tue.mpg.de); the user's own file"
    ),
    "smal": Kind("SMAL", 3889, f"{RESEARCH}, SMAL model licence (smal.is.tue.mpg.de); the user's own file"),
}
"""Family -> its kind of file."""


def licence_line(model: MorphableModel, mapper: str = "a mapper") -> str | None:
    """One line on what may be passed on of a converted model; None for a model that is free. mapper: how to call it."""
    licence = str(model.metadata.get("licence", ""))
    if not licence.startswith(RESEARCH):
        return None
    return f"{licence.split(';')[0]}: keep {model.name}'s model file to yourself; {mapper} holds none of its geometry"


class ResearchModel:
    """A file of a family, its common parts checked.

    source: the opened file. family: a key of KINDS. template: (V, 3) float64. directions: (V, 3, columns).
    file_faces: (F, 3) int64. kept: (F,) bool, those that a mesh can have. faces: the kept ones.
    """

    def __init__(self, source: Source, family: str) -> None:
        """Raises FileFormatError naming file and field when a part is missing or does not fit."""
        self.source, self.family, self.kind = source, family, KINDS[family]
        self.template = source.array("v_template", "f", (None, 3)).astype(np.float64)
        count = len(self.template)
        if count != self.kind.vertices:
            raise FileFormatError(
                source.path, "v_template", f"has {count} vertices, but {self.kind.title} has {self.kind.vertices}"
            )
        if np.abs(self.template).max() > 1000:
            raise FileFormatError(source.path, "v_template", "reaches beyond 1000 units; it is no model in metres")
        self.directions = source.array("shapedirs", "f", (count, 3, None))
        if not self.directions.shape[2] or np.abs(self.directions).max() > 1000:
            raise FileFormatError(source.path, "shapedirs", "is empty or has displacements beyond 1000 units")
        faces = source.array("f", "iuf", (None, 3))
        whole = faces.astype(np.int64)
        if not len(faces) or (whole != faces).any() or whole.min() < 0 or whole.max() >= count:
            raise FileFormatError(source.path, "f", f"expected triangles of vertex numbers in 0..{count - 1}")
        self.file_faces, self.kept = whole, proper(whole)
        self.faces = whole[self.kept]

    def columns(self, first: int, available: int, wanted: int) -> np.ndarray:
        """Directions first, first + 1, … of `shapedirs`. Returns (wanted, V, 3) float64.

        Raises SemantifyError when the file has fewer.
        """
        available = max(0, min(available, self.directions.shape[2] - first))
        if not 1 <= wanted <= available:
            raise SemantifyError(
                f"{self.source.path}: shapedirs: has {available} components for {self.family} but --components asks "
                f"for {wanted}"
            )
        return np.moveaxis(self.directions[:, :, first : first + wanted], 2, 0).astype(np.float64)

    def skeleton(self) -> Skeleton:
        """Joints, weights and pose blend shapes. Raises FileFormatError when they are missing or do not fit."""
        source, count = self.source, len(self.template)
        weights = source.array("weights", "f", (count, None)).astype(np.float64)
        joints = weights.shape[1]
        regressor = source.array("J_regressor", "f", (joints, count)).astype(np.float64)
        parents = source.array("kintree_table", "iuf", (2, joints))[0].astype(np.int64)
        parents[0] = 0
        if ((parents[1:] < 0) | (parents[1:] >= np.arange(1, joints))).any():
            raise FileFormatError(source.path, "kintree_table", "expected each joint's parent before the joint itself")
        pose = source.array("posedirs", "f", (count, 3, 9 * (joints - 1)))
        return Skeleton(regressor, weights, parents, pose.reshape(count * 3, -1).astype(np.float64))


def proper(faces: np.ndarray) -> np.ndarray:
    """(F,) bool: not triangles that use a vertex twice or are there twice, which Blender does not show."""
    corners = np.sort(faces, 1)
    _, first = np.unique(corners, axis=0, return_index=True)
    keep = np.zeros(len(faces), bool)
    keep[first] = True
    return keep & (corners[:, 0] < corners[:, 1]) & (corners[:, 1] < corners[:, 2])


def z_up(vectors: np.ndarray) -> np.ndarray:
    """From Y up facing +Z to Blender's Z up facing −Y. vectors: (..., 3). Returns (..., 3)."""
    return np.stack([vectors[..., 0], -vectors[..., 2], vectors[..., 1]], -1)
