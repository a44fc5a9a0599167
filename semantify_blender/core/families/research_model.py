"""What SMPL, SMPL-X, STAR, SUPR, SKEL, FLAME and SMAL files share: template, shape directions, faces and skeleton."""

from dataclasses import dataclass

import numpy as np

from ..errors import FileFormatError, SemantifyError
from ..model.morphable_model import MorphableModel
from .skinning import Skeleton
from .source import Source


@dataclass(frozen=True)
class Kind:
    """One family's file: its name, how many vertices it has, under what licence it comes.

    vertices: None where something else tells the family. template_field, faces_field: what they are called in the file.
    """

    title: str
    vertices: int | None
    licence: str
    template_field: str = "v_template"
    faces_field: str = "f"


RESEARCH = "research only"
"""How the licence of every family here begins."""


def _own_file(title: str, site: str) -> str:
    return f"{RESEARCH}, {title} model licence ({site}.is.tue.mpg.de); the user's own file"


KINDS = {
    "smpl": Kind("SMPL", 6890, _own_file("SMPL body", "smpl")),
    "smplx": Kind("SMPL-X", 10475, _own_file("SMPL-X", "smpl-x")),
    "star": Kind("STAR", None, _own_file("STAR", "star")),
    "supr": Kind("SUPR", None, _own_file("SUPR", "supr")),
    "skel": Kind("SKEL", None, _own_file("SKEL", "skel"), "skin_template_v", "skin_template_f"),
    "flame-shape": Kind("FLAME", 5023, _own_file("FLAME", "flame")),
    "flame-expression": Kind("FLAME", 5023, _own_file("FLAME", "flame")),
    "smal": Kind("SMAL", 3889, _own_file("SMAL", "smal")),
}
"""Family -> its kind of file."""
SKINNED = ("smpl", "smplx", "star", "flame-shape", "flame-expression", "smal")
"""Families whose skeleton is read: SUPR's joints and SKEL's are regressed and turned in ways of their own."""


def licence_line(model: MorphableModel, mapper: str = "a mapper") -> str | None:
    """One line on what may be passed on of a converted model; None for a model that is free. mapper: how to call it."""
    licence = str(model.metadata.get("licence", ""))
    if not licence.startswith(RESEARCH):
        return None
    return f"{licence.split(';')[0]}: keep {model.name}'s model file to yourself; {mapper} holds none of its geometry"


class ResearchModel:
    """A file of a family, its common parts checked; lengths in metres.

    source: the opened file. family: a key of KINDS. template: (V, 3) float64. directions: (V, 3, columns).
    file_faces: (F, 3) int64. kept: (F,) bool, those that a mesh can have. faces: the kept ones.
    """

    def __init__(self, source: Source, family: str, unit: float = 1.0) -> None:
        """unit: metres of one unit of the file. Raises FileFormatError when a part is missing or does not fit."""
        self.source, self.family, self.kind, self.unit = source, family, KINDS[family], unit
        field = self.kind.template_field
        self.template = unit * source.array(field, "f", (None, 3)).astype(np.float64)
        count = len(self.template)
        if count != (self.kind.vertices or count) or not count:
            raise FileFormatError(
                source.path, field, f"has {count} vertices, but {self.kind.title} has {self.kind.vertices}"
            )
        if np.abs(self.template).max() > 1000:
            raise FileFormatError(
                source.path, field, "reaches beyond 1000 metres; say those of a unit, --scale 0.001 for mm"
            )
        directions = source.array("shapedirs", "f", (count, 3, None))
        self.directions = directions if unit == 1 else unit * directions
        if not self.directions.shape[2] or np.abs(self.directions).max() > 1000:
            raise FileFormatError(source.path, "shapedirs", "is empty or has displacements beyond 1000 units")
        field = self.kind.faces_field
        faces = source.array(field, "iuf", (None, 3))
        whole = faces.astype(np.int64)
        if not len(faces) or (whole != faces).any() or whole.min() < 0 or whole.max() >= count:
            raise FileFormatError(source.path, field, f"expected triangles of vertex numbers in 0..{count - 1}")
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
        if self.family not in SKINNED:
            raise FileFormatError(source.path, "weights", f"of {self.kind.title} files are not read")
        weights = source.array("weights", "f", (count, None)).astype(np.float64)
        joints = weights.shape[1]
        regressor = source.array("J_regressor", "f", (joints, count)).astype(np.float64)
        parents = source.array("kintree_table", "iuf", (2, joints))[0].astype(np.int64)
        parents[0] = 0
        if ((parents[1:] < 0) | (parents[1:] >= np.arange(1, joints))).any():
            raise FileFormatError(source.path, "kintree_table", "expected each joint's parent before the joint itself")
        star = self.family == "star"
        # STAR's last column goes with the second shape coefficient, see `families.smpl`
        pose = source.array("posedirs", "f", (count, 3, 4 * (joints - 1) + 1 if star else 9 * (joints - 1)))
        pose = self.unit * pose[:, :, : 4 * (joints - 1) if star else None].astype(np.float64)
        return Skeleton(regressor, weights, parents, pose.reshape(count * 3, -1), star)


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
