"""A control cage of quads made ring by ring, and the fixed linear map from cage to smooth skin.

Every animal is the same sequence of rings, so that vertex i is the same place of the body on all of them.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse


@dataclass
class Cage:
    """Vertices and faces as they are added. Space: metres, X to the animal's left, −Y forward, Z up."""

    points: list[np.ndarray] = field(default_factory=list)
    faces: list[tuple[int, ...]] = field(default_factory=list)
    face_regions: list[str] = field(default_factory=list)
    softened: dict[int, float] = field(default_factory=dict)
    landmarks: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def add(self, points: np.ndarray) -> np.ndarray:
        """Add vertices (..., 3); returns their numbers in the leading shape."""
        numbers = np.arange(self.count, self.count + points[..., 0].size).reshape(points.shape[:-1])
        self.points.append(points.reshape(-1, 3))
        self.count += numbers.size
        return numbers

    def face(self, corners: tuple[int, ...], region: str) -> None:
        """Add one face, its corners counter-clockwise from outside."""
        self.faces.append(tuple(int(corner) for corner in corners))
        self.face_regions.append(region)

    def bridge(self, first: np.ndarray, second: np.ndarray, regions: list[str]) -> None:
        """Quads between two closed loops (n,) of vertex numbers; regions: one name for each of the n quads."""
        for i, region in enumerate(regions):
            j = (i + 1) % len(first)
            self.face((first[i], first[j], second[j], second[i]), region)

    def cap(self, loop: np.ndarray, centre: np.ndarray, region: str) -> None:
        """Close a loop of even length by quads around one new vertex at `centre` (3,)."""
        middle = int(self.add(centre[None])[0])
        for i in range(0, len(loop), 2):
            self.face((loop[i - 1], loop[i], loop[i + 1], middle), region)

    def soften(self, vertices: np.ndarray, weight: float) -> None:
        """Let vertices move towards the mean of their neighbours by `weight` in each round of `skin_map`."""
        self.softened |= dict.fromkeys(np.asarray(vertices).ravel().tolist(), weight)

    def vertices(self) -> np.ndarray:
        """(V, 3) float64 of all vertices added."""
        return np.concatenate(self.points)


@dataclass(frozen=True)
class Skin:
    """The smooth surface over a cage: `matrix @ cage vertices`, the same matrix for all animals.

    matrix: (V, C) sparse. faces: (F, 4) int. face_regions: (F,) names.
    used: (V,) number that each skin vertex had before unused cage vertices were left out; those below C are the cage's.
    """

    matrix: sparse.csr_matrix
    faces: np.ndarray
    face_regions: np.ndarray
    used: np.ndarray

    @classmethod
    def of(cls, cage: Cage, rounds: int = 4) -> "Skin":
        """Softened welds, then one step of Catmull and Clark's subdivision (1978)."""
        subdivision, faces, owners, used = _catmull_clark(cage.faces, cage.count)
        soft = _softening(cage)
        matrix = subdivision
        for _ in range(rounds):
            matrix = matrix @ soft
        return cls(sparse.csr_matrix(matrix), faces, np.array(cage.face_regions)[owners], used)

    def number(self, cage_vertex: int) -> int:
        """The skin's vertex over a cage vertex."""
        return int(np.searchsorted(self.used, cage_vertex))

    def vertices(self, cage: Cage) -> np.ndarray:
        """(V, 3) float64 of the skin over a cage of the same topology."""
        return self.matrix @ cage.vertices()


def _edges(faces: list[tuple[int, ...]]) -> dict[tuple[int, int], list[int]]:
    """Edge (lower vertex, higher vertex) -> faces at it. Raises ValueError unless every edge has two faces."""
    edges: dict[tuple[int, int], list[int]] = {}
    for number, face in enumerate(faces):
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            edges.setdefault((min(a, b), max(a, b)), []).append(number)
    if any(len(owners) != 2 for owners in edges.values()):
        raise ValueError("the cage is not closed: an edge has not exactly two faces")
    return edges


def _softening(cage: Cage) -> sparse.csr_matrix:
    neighbours: dict[int, set[int]] = {}
    for a, b in _edges(cage.faces):
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    matrix = sparse.lil_matrix((cage.count, cage.count))
    matrix.setdiag(1.0)
    for vertex, weight in cage.softened.items():
        matrix[vertex, vertex] = 1 - weight
        for other in neighbours[vertex]:
            matrix[vertex, other] = weight / len(neighbours[vertex])
    return matrix.tocsr()


def _catmull_clark(
    faces: list[tuple[int, ...]], count: int
) -> tuple[sparse.csr_matrix, np.ndarray, np.ndarray, np.ndarray]:
    """(V, C) matrix, (F, 4) quads, cage face of each quad, old numbers (V,) in the order vertices, edges, faces."""
    edges = _edges(faces)
    numbers = {edge: count + i for i, edge in enumerate(edges)}
    first_face = count + len(edges)
    total = first_face + len(faces)
    rows = sparse.lil_matrix((total, count))
    around: list[list[int]] = [[] for _ in range(count)]
    beside: list[list[int]] = [[] for _ in range(count)]
    for number, face in enumerate(faces):
        for vertex in face:
            rows[first_face + number, vertex] = 1 / len(face)
            around[vertex].append(number)
    middles = rows.tocsr()
    for a, b in edges:
        beside[a].append(b)
        beside[b].append(a)
    edge_rows, vertex_rows = sparse.lil_matrix((len(edges), total)), sparse.lil_matrix((count, total))
    for i, ((a, b), owners) in enumerate(edges.items()):
        edge_rows[i, [a, b, first_face + owners[0], first_face + owners[1]]] = 0.25
    for vertex in range(count):
        n = len(around[vertex]) or 1  # grid vertices inside a hole have no faces and are left out below
        vertex_rows[vertex, vertex] = (n - 3) / n + 1 / n
        for other in beside[vertex]:
            vertex_rows[vertex, other] = 1 / n**2
        for number in around[vertex]:
            vertex_rows[vertex, first_face + number] = 1 / n**2
    identity = sparse.lil_matrix((total, count))
    identity[:count] = sparse.identity(count)
    known = sparse.csr_matrix(identity) + middles
    matrix = sparse.vstack([vertex_rows.tocsr() @ known, edge_rows.tocsr() @ known, middles[first_face:]]).tocsr()
    quads, owners_of = [], []
    for number, face in enumerate(faces):
        for k, vertex in enumerate(face):
            after, before = face[(k + 1) % len(face)], face[k - 1]
            quads.append((
                vertex, numbers[min(vertex, after), max(vertex, after)], first_face + number,
                numbers[min(vertex, before), max(vertex, before)],
            ))  # fmt: skip
            owners_of.append(number)
    used, renumbered = np.unique(np.array(quads), return_inverse=True)
    return matrix[used], renumbered.reshape(-1, 4), np.array(owners_of), used
