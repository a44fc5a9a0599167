"""Faces of any number of corners as files give them, checked, without those that Blender does not show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import FileFormatError
from ..files.bounds import CORNERS


@dataclass(frozen=True)
class Polygons:
    """Faces of a mesh.

    corner_vertices: (L,) int64, face after face. offsets: (F + 1,) int64. kept: (F0,) bool, which of the file's own
    faces these are. corners: (L,) int64, which of the file's own corners, for what it says of each.
    """

    corner_vertices: np.ndarray
    offsets: np.ndarray
    kept: np.ndarray
    corners: np.ndarray

    @classmethod
    def of(
        cls, path: object, field: str, faces: Sequence[int] | np.ndarray, sizes: np.ndarray, count: int
    ) -> "Polygons":
        """Faces one after the other.

        faces: (L0,) vertex numbers. sizes: (F0,) corners of each face. count: of vertices.
        Raises FileFormatError unless they are faces of at least three vertices each, and some are left.
        """
        numbers = np.asarray(faces)
        whole = numbers.astype(np.int64)
        outside = len(whole) and ((whole != numbers).any() or whole.min() < 0 or whole.max() >= count)
        if not len(whole) or len(whole) > CORNERS or outside or sizes.min() < 3 or sizes.sum() != len(whole):
            raise FileFormatError(path, field, f"expected faces of three or more vertex numbers in 0..{count - 1}")
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        kept = _proper(whole, offsets, sizes)
        if not kept.any():
            raise FileFormatError(path, field, "has no face with three vertices of its own")
        corners = np.flatnonzero(np.repeat(kept, sizes))
        return cls(whole[corners], np.concatenate([[0], np.cumsum(sizes[kept])]), kept, corners)

    @classmethod
    def of_rows(cls, path: object, field: str, rows: np.ndarray, count: int) -> "Polygons":
        """The same for an array (F0, 3) or (F0, 4); a triangle among quads repeats a corner or ends with −1."""
        if rows.ndim != 2 or rows.shape[1] not in (3, 4):
            raise FileFormatError(path, field, f"has shape {rows.shape}, expected (*, 3) or (*, 4)")
        sizes = np.full(len(rows), rows.shape[1])
        if rows.shape[1] == 3:
            return cls.of(path, field, rows.ravel(), sizes, count)
        last = rows[:, 3]
        triangle = (last == -1) | (last == rows[:, 2]) | (last == rows[:, 0])
        sizes[triangle] = 3
        there = np.ones(rows.shape, bool)
        there[triangle, 3] = False
        found = cls.of(path, field, rows[there], sizes, count)
        # in the numbers of the corners of the array, (F0, 4)
        return cls(found.corner_vertices, found.offsets, found.kept, np.flatnonzero(there)[found.corners])

    @property
    def first_three(self) -> np.ndarray:
        """(F, 3): a triangle of each face."""
        return self.corner_vertices[self.offsets[:-1, None] + np.arange(3)]

    def only(self, chosen: np.ndarray) -> "Polygons":
        """Some of the faces. chosen: (F,) bool."""
        sizes = np.diff(self.offsets)
        corners = np.repeat(chosen, sizes)
        kept = self.kept.copy()
        kept[np.flatnonzero(self.kept)[~chosen]] = False
        offsets = np.concatenate([[0], np.cumsum(sizes[chosen])])
        return Polygons(self.corner_vertices[corners], offsets, kept, self.corners[corners])


def _proper(faces: np.ndarray, offsets: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """(F,) bool: not those that use a vertex twice or are there twice."""
    keep = np.zeros(len(sizes), bool)
    for size in np.unique(sizes):
        chosen = np.flatnonzero(sizes == size)
        rows = np.sort(faces[offsets[chosen][:, None] + np.arange(size)], 1)
        _, first = np.unique(rows, axis=0, return_index=True)
        once = np.zeros(len(rows), bool)
        once[first] = True
        keep[chosen] = once & (np.diff(rows, axis=1) > 0).all(1)
    return keep
