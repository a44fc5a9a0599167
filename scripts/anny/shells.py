"""Cutting a mesh along smooth lines, so that all its vertices stay fixed mixtures of the uncut ones."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse

SNAP = 0.3
"""A vertex this close to a cut, in shares of an edge that crosses it, is slid onto it: no slivers beside the cut."""


WAVES, LONGEST = 6, 2
"""Around a border: of its shape, and of how far along the cloth it reaches."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What makes a smooth closed curve of a border of L vertices: waves around it, so that hems have no notches.

    smooth, along: (L, L), the curve where the vertices are, and its direction there. plain: (L, L), with the longest
    waves only.
    """

    smooth: np.ndarray
    plain: np.ndarray
    along: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> "Curve":
        """points: (L, 3) the border on the typical body; how far apart they are sets where each is on the curve."""
        steps = np.linalg.norm(np.roll(points, -1, 0) - points, axis=1)
        at = 2 * np.pi * np.cumsum(np.concatenate([[0], steps[:-1]])) / steps.sum()
        # each vertex counts for the length around it: dense ones do not outweigh the others
        share = np.sqrt((steps + np.roll(steps, 1)) / 2)[:, None]

        def fit(most: int) -> tuple[np.ndarray, np.ndarray]:
            turns = at[:, None] * np.arange(1, most + 1)
            waves = np.concatenate([np.ones((len(at), 1)), np.cos(turns), np.sin(turns)], 1)
            flat = np.zeros((len(at), 1))
            slopes = np.concatenate([flat, *([-np.sin(turns), np.cos(turns)] * np.arange(1, most + 1))], 1)
            found = np.linalg.pinv(waves * share) * share.T
            return waves @ found, slopes @ found

        smooth, along = fit(WAVES)
        return cls(smooth, fit(LONGEST)[0], along)


@dataclass(frozen=True, eq=False)
class Shell:
    """Faces whose vertices are mixtures of others.

    weights: (V, B) sparse, rows sum to 1: each vertex from B others, the base mesh's.
    faces: F lists of vertices, in order around. uv: as many lists of (2,).
    typical: (B, 3) the base mesh of the body that lines are drawn on, metres.
    """

    weights: scipy.sparse.csr_matrix
    faces: list[list[int]]
    uv: list[list[np.ndarray]]
    typical: np.ndarray

    @classmethod
    def of(cls, faces: np.ndarray, uv: np.ndarray, typical: np.ndarray) -> "Shell":
        """Quads of a mesh. faces: (F, 4). uv: (F, 4, 2). typical: (B, 3)."""
        used, numbers = np.unique(faces, return_inverse=True)
        weights = scipy.sparse.csr_matrix((np.ones(len(used)), (np.arange(len(used)), used)), (len(used), len(typical)))
        return cls(weights, numbers.reshape(faces.shape).tolist(), [list(one) for one in uv], typical)

    @cached_property
    def where(self) -> np.ndarray:
        """(V, 3) its vertices on the typical body, metres."""
        return np.asarray(self.weights @ self.typical)

    @cached_property
    def edges(self) -> np.ndarray:
        """(E, 2) each edge of each face, in its direction around the face; one between two faces comes twice."""
        return np.array([(face[i - 1], face[i]) for face in self.faces for i in range(len(face))])

    def cut(self, field: np.ndarray) -> "Shell":
        """What is left where a field (V,) is above zero, ending in a smooth line where it is zero."""
        field = np.asarray(field, float).copy()
        weights = self._slid(field)
        made: dict[tuple[int, int], int] = {}
        rows: list[tuple[int, int, float]] = []
        faces, uv = [], []
        for face, corners in zip(self.faces, self.uv, strict=True):
            if (field[face] <= 0).all():
                continue
            kept, kept_uv = [], []
            for i, b in enumerate(face):
                a, share = face[i - 1], 0.0
                if field[a] * field[b] < 0:
                    key = (min(a, b), max(a, b))
                    share = field[key[0]] / (field[key[0]] - field[key[1]])
                    if key not in made:
                        made[key] = len(field) + len(rows)
                        rows.append((*key, share))
                    t = share if a == key[0] else 1 - share
                    kept.append(made[key])
                    kept_uv.append(corners[i - 1] * (1 - t) + corners[i] * t)
                if field[b] >= 0:
                    kept.append(b)
                    kept_uv.append(corners[i])
            if len(kept) >= 3:
                faces.append(kept)
                uv.append(kept_uv)
        mixed = [weights[a] * (1 - t) + weights[b] * t for a, b, t in rows]
        return Shell(scipy.sparse.vstack([weights, *mixed]).tocsr(), faces, uv, self.typical)._compact()

    def _slid(self, field: np.ndarray) -> scipy.sparse.csr_matrix:
        """The weights with vertices close to the cut moved onto it; their field becomes zero."""
        both = self.edges
        both = np.unique(np.concatenate([both, both[:, ::-1]]), axis=0)
        a, b = both[field[both[:, 0]] * field[both[:, 1]] < 0].T
        share = field[a] / (field[a] - field[b])
        order = np.lexsort((share, a))
        nearest, first = np.unique(a[order], return_index=True)
        other, share = b[order][first], share[order][first]
        close = share < SNAP
        weights = self.weights.tolil()
        for v, to, t in zip(nearest[close], other[close], share[close], strict=True):
            weights[v] = self.weights[v] * (1 - t) + self.weights[to] * t
        field[nearest[close]] = 0.0
        return weights.tocsr()

    def _compact(self) -> "Shell":
        used, numbers = np.unique(np.concatenate(self.faces), return_inverse=True)
        ends = np.cumsum([len(face) for face in self.faces])[:-1]
        return Shell(self.weights[used], [one.tolist() for one in np.split(numbers, ends)], self.uv, self.typical)

    @cached_property
    def borders(self) -> list[list[int]]:
        """Its open loops, each in the order around in which its faces go."""
        edges = self.edges
        there = {(int(a), int(b)) for a, b in edges}
        following = {a: b for a, b in there if (b, a) not in there}
        loops = []
        while following:
            start, at = next(iter(following.items()))
            del following[start]
            loop = [start]
            while at != start:
                loop.append(at)
                at = following.pop(at)
            loops.append(loop)
        return loops

    @cached_property
    def curves(self) -> list[Curve]:
        """Smooth curves of its borders, in their order."""
        return [Curve.of(self.where[loop]) for loop in self.borders]

    def corners(self) -> dict[int, np.ndarray]:
        """Vertex -> UV of one of its corners."""
        return dict(zip((v for face in self.faces for v in face), (c for one in self.uv for c in one), strict=True))

    def rounded(self) -> "Shell":
        """With a vertex more between every two of its borders, on the curve through them: hems that are no polygons."""
        number = self.weights.shape[0]
        rows, between = [], {}
        for loop in self.borders:
            for i, a in enumerate(loop):
                four = [loop[i - 1], a, loop[(i + 1) % len(loop)], loop[(i + 2) % len(loop)]]
                rows.append(scipy.sparse.csr_matrix(_halfway(self.where[four])[None]) @ self.weights[four])
                between[a, four[2]] = number
                number += 1
        faces, uv = [], []
        for face, corners in zip(self.faces, self.uv, strict=True):
            new: list[int] = []
            new_uv: list[np.ndarray] = []
            middles = []
            for i, b in enumerate(face):
                if (face[i - 1], b) in between:
                    middles.append(len(new))
                    new.append(between[face[i - 1], b])
                    new_uv.append((corners[i - 1] + corners[i]) / 2)
                new.append(b)
                new_uv.append(corners[i])
            # a fan of triangles would have one fold over where the curve bends in: none begins on the border
            for piece in _pieces(len(new), middles):
                faces.append([new[i] for i in piece])
                uv.append([new_uv[i] for i in piece])
        return Shell(scipy.sparse.vstack([self.weights, *rows]).tocsr(), faces, uv, self.typical)

    def lengthened(self, loop: list[int], rows: int) -> "Shell":
        """With rows of quads hanging from one of its borders, (rows, len(loop)) vertices after its own, row after row.

        Their weights are those of the border above them: only their faces are known here.
        """
        count, n = self.weights.shape[0], len(loop)
        at = self.corners()
        faces, uv, above = list(self.faces), list(self.uv), list(loop)
        for row in range(rows):
            below = list(range(count + row * n, count + (row + 1) * n))
            for i in range(n):
                j = (i + 1) % n
                faces.append([above[j], above[i], below[i], below[j]])
                uv.append([at[loop[j]], at[loop[i]], at[loop[i]], at[loop[j]]])
            above = below
        return Shell(scipy.sparse.vstack([self.weights, *[self.weights[loop]] * rows]).tocsr(), faces, uv, self.typical)

    @cached_property
    def neighbours(self) -> scipy.sparse.csr_matrix:
        """(V, V) rows that average a vertex's neighbours."""
        edges = self.edges
        both = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
        count = self.weights.shape[0]
        links = scipy.sparse.csr_matrix((np.ones(len(both)), both.T), (count, count))
        return scipy.sparse.diags(1 / np.maximum(np.asarray(links.sum(1)).ravel(), 1)) @ links

    @cached_property
    def samples(self) -> scipy.sparse.csr_matrix:
        """(S, V) rows that give its vertices, the middles of its edges and of its faces."""
        count = self.weights.shape[0]
        groups = [*self.faces, *np.unique(np.sort(self.edges, 1), axis=0).tolist()]
        rows = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        shares = np.concatenate([np.full(len(group), 1 / len(group)) for group in groups])
        between = scipy.sparse.csr_matrix((shares, (rows, np.concatenate(groups))), (len(groups), count))
        return scipy.sparse.vstack([scipy.sparse.identity(count), between]).tocsr()

    @cached_property
    def triangles(self) -> np.ndarray:
        """(T, 3) fan triangulation."""
        return np.array([(face[0], face[i], face[i + 1]) for face in self.faces for i in range(1, len(face) - 1)])


def _pieces(corners: int, middles: list[int]) -> list[list[int]]:
    """How a face of so many corners, some in the middles of its edges, is divided for fans of triangles."""
    around = list(range(corners))
    if len(middles) == 2:
        first, second = middles
        return [around[first : second + 1], around[second:] + around[: first + 1]]
    first = (middles[0] + 2) % corners if middles else 0
    return [around[first:] + around[:first]]


def _halfway(points: np.ndarray) -> np.ndarray:
    """(4,) weights of four points (4, 3) for what lies halfway from the second to the third on a centripetal curve."""
    knots = np.concatenate([[0], np.cumsum(np.sqrt(np.linalg.norm(np.diff(points, axis=0), axis=1)))])
    at, mixed = (knots[1] + knots[2]) / 2, np.eye(4)
    for spans in (((0, 1), (1, 2), (2, 3)), ((0, 2), (1, 3)), ((1, 2),)):
        ends = [(knots[i], knots[j]) for i, j in spans]
        mixed = np.stack([((b - at) * mixed[i] + (at - a) * mixed[i + 1]) / (b - a) for i, (a, b) in enumerate(ends)])
    return mixed[0]


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals of vertices, weighted by area. vertices: (N, V, 3). triangles: (T, 3). Returns (N, V, 3)."""
    a, b, c = (vertices[:, triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    count, each = vertices.shape[1], len(triangles)
    spread = scipy.sparse.csr_matrix(
        (np.ones(3 * each), (triangles.T.ravel(), np.tile(np.arange(each), 3))), (count, each)
    )
    summed = np.stack([spread @ one for one in face])
    return unit(summed)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors (…, 3) of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
