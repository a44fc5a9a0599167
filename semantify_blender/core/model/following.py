"""Clothes that follow a body of which only the vertices are known: bent into a pose, or not made from coefficients."""

from dataclasses import dataclass

import numpy as np

from .dressed import Dressed
from .morphable_model import MorphableModel

_NEAREST = 4
_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class Following:
    """Where the vertices of a dressed model are, told from the body's.

    own: (Vd,) int32, the body's vertex that each one is, −1 for those of parts. near: (P, n) int32, the body's
    vertices nearest to each vertex of a part at rest; shares: (P, n) float32 their weights. offsets: (P, n, 3)
    float32 metres, from each to the part's vertex, in the frame of its surface. ends: (V,) int32, the neighbour that
    a vertex's frame points to. corners: (T, 3) int32, the body's triangles.
    """

    own: np.ndarray
    near: np.ndarray
    shares: np.ndarray
    offsets: np.ndarray
    ends: np.ndarray
    corners: np.ndarray

    @classmethod
    def of(cls, body: MorphableModel, dressed: Dressed[MorphableModel]) -> "Following":
        """Tie what is worn to the body's template."""
        own = np.where(dressed.rows < body.vertex_count, dressed.rows, -1).astype(np.int32)
        places = dressed.model.template[own < 0]
        near = np.empty((len(places), min(_NEAREST, body.vertex_count)), np.int32)
        squares = (body.template**2).sum(1)
        for start in range(0, len(places), _AT_ONCE):
            piece = places[start : start + _AT_ONCE]
            away = squares - 2 * piece @ body.template.T
            near[start : start + _AT_ONCE] = np.argpartition(away, near.shape[1] - 1, axis=1)[:, : near.shape[1]]
        gap = places[:, None] - body.template[near]
        shares = 1 / np.maximum((gap**2).sum(2), 1e-8)
        ends = np.zeros(body.vertex_count, np.int32)
        for first, second in ((0, 1), (1, 2), (2, 0)):
            ends[body.triangles[:, first]] = body.triangles[:, second]
        unplaced = cls(own, near, (shares / shares.sum(1, keepdims=True)).astype(np.float32), gap, ends, body.triangles)
        frames = unplaced._frames(body.template)[near]
        return cls(own, near, unplaced.shares, np.einsum("pnij,pnj->pni", frames, gap), ends, body.triangles)

    def vertices(self, body: np.ndarray) -> np.ndarray:
        """(Vd, 3) float32 metres, for a body's vertices (V, 3)."""
        body = np.asarray(body, np.float32)
        out = np.empty((len(self.own), 3), np.float32)
        out[self.own >= 0] = body[self.own[self.own >= 0]]
        if len(self.near):
            turned = np.einsum("pnij,pni->pnj", self._frames(body)[self.near], self.offsets)
            out[self.own < 0] = ((body[self.near] + turned) * self.shares[..., None]).sum(1)
        return out

    def _frames(self, body: np.ndarray) -> np.ndarray:
        """(V, 3, 3): rows are a vertex's normal and two directions along the surface."""
        a, b, c = body[self.corners].swapaxes(0, 1)
        faces = np.cross(b - a, c - a)
        normals = np.stack(
            [np.bincount(self.corners.ravel(), np.repeat(faces[:, i], 3), len(body)) for i in range(3)], 1
        )
        normals = _unit(normals)
        along = body[self.ends] - body
        along = _unit(along - (along * normals).sum(1, keepdims=True) * normals)
        return np.stack([normals, along, np.cross(normals, along)], 1).astype(np.float32)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
