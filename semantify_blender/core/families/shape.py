"""What a reader of a free model finds in its files, and the morphable model that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..errors import SemantifyError
from ..files.bounds import COMPONENTS, LARGEST
from .axes import turn
from .eyes import eye_regions
from .polygons import Polygons

USUAL = 10
"""Coefficients that are kept of a statistical model, as the paper does."""


@dataclass(frozen=True)
class Shape:
    """A model in the space and the unit of its file.

    template: (V, 3) float64. basis: (K, V, 3) float64, one standard deviation of each coefficient, or what a shape does
    in full. polygons: its faces. uv: (L, 2) float32 of their corners, or None. names: of the coefficients, () for none.
    unit: metres. up, front: axes (`axes.DIRECTIONS`). subject: "body", "head" or "other". ranges: (K, 2), or None.
    regions: name -> (F,) bool. vertices: (V,) which of the file's own vertices these are, None for all.
    licence, name: what the file itself says, or None. metadata: more of it.
    """

    template: np.ndarray
    basis: np.ndarray
    polygons: Polygons
    uv: np.ndarray | None = None
    names: tuple[str, ...] = ()
    unit: float = 1.0
    up: str = "y"
    front: str | None = None
    subject: str = "other"
    ranges: np.ndarray | None = None
    regions: Mapping[str, np.ndarray] = field(default_factory=dict)
    vertices: np.ndarray | None = None
    licence: str | None = None
    name: str | None = None

    def without_loose(self) -> "Shape":
        """The same without vertices that no face has: helpers, joints, shaders' layers."""
        used, corners = np.unique(self.polygons.corner_vertices, return_inverse=True)
        if len(used) == len(self.template):
            return self
        return replace(
            self,
            template=self.template[used],
            basis=self.basis[:, used],
            polygons=replace(self.polygons, corner_vertices=corners.ravel()),
            vertices=used if self.vertices is None else self.vertices[used],
        )

    def placed(self, scale: float | None, up: str | None, front: str | None) -> tuple[np.ndarray, np.ndarray]:
        """Template and basis in metres, Z up, facing −Y. scale: metres of a unit; None, as for the axes: the file's.

        Raises SemantifyError for axes that are none.
        """
        rotation = turn(up or self.up, front if up or front else self.front)
        unit = scale or self.unit
        return unit * self.template @ rotation.T, unit * self.basis @ rotation.T

    def face_regions(self, template: np.ndarray) -> dict[str, np.ndarray]:
        """Its own regions, else those of a head's or a body's eyes where they are seen by their shape."""
        regions = dict(self.regions)
        if not regions and self.subject in ("body", "head"):
            regions = eye_regions(template, self.polygons.first_three)
        return {"skin": np.ones(len(self.polygons.offsets) - 1, bool), **regions} if regions else {}

    def extra(self) -> dict[str, np.ndarray]:
        """Arrays for `MorphableModel.extra`."""
        return {} if self.vertices is None else {"file_vertices": self.vertices.astype(np.int32)}

    def metadata(self) -> dict[str, Any]:
        """For `MorphableModel.metadata`. Coefficients with ends of their own are drawn a few at a time, as keys are."""
        named = {"component_names": list(self.names)} if self.names else {}
        return {**named, **({"sampler": "sparse"} if self.ranges is not None else {})}


def keep(available: int, wanted: int | None, path: object, field_name: str, usual: int | None = USUAL) -> int:
    """How many coefficients to keep of those in a file. usual: without a wish; None for all.

    Raises SemantifyError when the file has fewer than wanted, or none.
    """
    count = min(usual or available, available) if wanted is None else wanted
    if not 1 <= count <= available:
        raise SemantifyError(f"{path}: {field_name}: has {available} components but --components asks for {count}")
    if count > COMPONENTS:
        raise SemantifyError(f"{path}: {field_name}: has {count} components; say --components, at most {COMPONENTS}")
    return count


def check_moves(path: object, template: np.ndarray, basis: np.ndarray) -> None:
    """Raise SemantifyError for a model that moves nothing, or farther than any in metres.

    template: (V, 3). basis: (K, V, 3), metres.
    """
    if not max(np.abs(template).max(), np.abs(basis).max()) < LARGEST:
        raise SemantifyError(f"{path}: reaches beyond {LARGEST:g} m: say the metres of a unit, --scale 0.001 for mm")
    if not np.abs(basis).max() > 0:
        raise SemantifyError(f"{path}: none of its components moves a vertex: give a model that has some shapes")
