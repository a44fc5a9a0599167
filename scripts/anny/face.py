"""Sampling heads from the Anny package: facial actions (FACS) for expressions, local changes for face shapes."""

from dataclasses import dataclass
from functools import cached_property

import anny
import numpy as np
import scipy.sparse
import torch

from scripts.anny.landmarks import face_regions
from scripts.anny.parts import body_parts

YOUNG_ADULT = 2 / 3
"""Anny's age anchor of a young adult; 1.0 is old age."""
REGIONS = ("skin", "hair", "brows", "lips", "mouth", "eyes", "iris", "pupil")
"""Those of the body model that a head has."""


@dataclass(frozen=True)
class Heads:
    """Sampled heads: vertices (N, V, 3) float32, metres, and what they were drawn with, name -> (N,) float64."""

    vertices: np.ndarray
    drawn: dict[str, np.ndarray]


class HeadSource:
    """The head and neck of Anny with quads, all its facial actions, local changes and phenotypes."""

    def __init__(self) -> None:
        self.anny = anny.Anny(topology="anny-quads", local_changes="all", facial_actions="all", phenotypes="all")
        flat = self.anny.blendshapes.to(torch.float32)
        labels = list(self.anny.blendshape_labels)
        whole = self._full(self._neutral(1))[0]
        self.parts = body_parts(self.anny, whole - [0, 0, whole[:, 2].min()])
        above = self._above_cut()
        self.kept = above[self.parts.faces].any(1) & (self.parts.of_faces("head", "neck", "eye") > 0.02)
        self.vertex_numbers, corners = np.unique(self.parts.faces[self.kept], return_inverse=True)
        self.faces = corners.reshape(-1, 4).astype(np.int32)
        self._finish = self._smooth_borders(above[self.vertex_numbers])
        self.actions = {
            label.removeprefix("facial_action:"): self._head(flat[i].numpy()[None])[0]
            for i, label in enumerate(labels)
            if label.startswith("facial_action:")
        }
        texture = self.anny.texture_coordinates.numpy()[self.anny.face_texture_coordinate_indices.numpy()]
        self.uv = texture[self.kept].reshape(-1, 2).astype(np.float32)

    @cached_property
    def regions(self) -> dict[str, np.ndarray]:
        """Region name -> (F,) bool for the head's faces."""
        volume = self._motion("mouth-lowerlip-volume-incr") + self._motion("mouth-upperlip-volume-incr")
        full = face_regions(self.parts, volume)
        found = {name: full[name][self.kept] for name in REGIONS}
        # out to the corners, which a face seen this close shows
        head = self.parts.segments["head"][self.kept]
        found["lips"] = head & (volume[self.vertex_numbers][self.faces].mean(1) > 0.16 * volume.max())
        found["mouth"] |= self._inside_mouth(found["lips"])
        tongue = (np.linalg.norm(self.actions["tongueOut"], axis=1) > 1e-4)[self.faces].any(1)
        found["mouth"] &= ~tongue
        found["lips"] &= ~tongue & ~found["mouth"]
        return found | {"tongue": tongue}

    @cached_property
    def neutral(self) -> np.ndarray:
        """(V, 3) float32 metres: the head between man and woman, of mixed ancestry, at rest."""
        return self._head(self._full(self._neutral(1)))[0]

    def shapes(self, phenotypes: dict[str, np.ndarray], local: dict[str, np.ndarray]) -> np.ndarray:
        """(N, V, 3) float32 heads at rest for phenotype values and local changes, each (N,)."""
        count = len(next(iter(phenotypes.values())))
        found = np.empty((count, len(self.vertex_numbers), 3), np.float32)
        for start in range(0, count, 200):
            part = slice(start, start + 200)
            given = {**self._neutral(count), **phenotypes}
            vertices = self._full({k: v[part] for k, v in given.items()}, {k: v[part] for k, v in local.items()})
            found[part] = self._head(vertices)
        return found

    def motion(self, label: str) -> np.ndarray:
        """(V,) metres: how far each vertex of the head moves under a local change from 0 to 1."""
        shapes = self.shapes(self._neutral(2), {label: np.array([0.0, 1.0])})
        return np.linalg.norm(shapes[1] - shapes[0], axis=1)

    def _head(self, vertices: np.ndarray) -> np.ndarray:
        """(N, V_full, 3) to (N, V, 3), borders smoothed: linear, so displacements may be given too."""
        head = vertices[:, self.vertex_numbers].astype(np.float64)
        return np.stack([self._finish @ one for one in head]).astype(np.float32)

    def _above_cut(self) -> np.ndarray:
        """(V_full,) bool: above a plane through the neck, higher at the nape."""
        v = self.parts.vertices
        head = v[self.parts.influence("head") > 0.9]
        chin_z, front, back = head[:, 2].min(), head[:, 1].min(), head[:, 1].max()
        tall = head[:, 2].max() - chin_z
        self._cut = (chin_z - 0.27 * tall - 0.14 * tall * front / (back - front), 0.14 * tall / (back - front))
        return self._over_cut(v) > 0

    def _over_cut(self, v: np.ndarray) -> np.ndarray:
        """Height of points (..., 3) above the plane of the cut, metres."""
        return v[..., 2] - self._cut[0] - self._cut[1] * v[..., 1]

    def _smooth_borders(self, above: np.ndarray) -> scipy.sparse.csr_matrix:
        """(V, V) matrix that straightens the neck's cut, the hairline and the brows.

        Regions and the cut follow whole faces, which zigzag; each border vertex is moved to the middle of its
        neighbours along the border. As a matrix the same change applies to every shape and displacement alike.
        """
        count = len(self.vertex_numbers)
        full = face_regions(self.parts, np.ones(len(self.parts.vertices)))
        total = scipy.sparse.identity(count, format="csr")
        edges = np.concatenate([self.faces[:, [i, (i + 1) % 4]] for i in range(4)])
        owner = np.tile(np.arange(len(self.faces)), 4)
        key = np.sort(edges, 1)
        _, which, times = np.unique(key, axis=0, return_inverse=True, return_counts=True)
        open_edge = times[which.ravel()] == 1
        v = self.parts.vertices[self.vertex_numbers]
        total = self._slide_to_cut(v, edges)
        height = self._over_cut(v)
        for name, steps in (("cut", 4), ("hair", 12), ("brows", 2)):
            if name == "cut":
                border = open_edge & (height[edges] < 0.02).all(1)
            else:
                mask = full[name][self.kept]
                inside = np.bincount(which.ravel(), mask[owner], len(times))
                border = (inside[which.ravel()] == 1) & ~open_edge
            pairs = np.unique(key[border], axis=0)
            links = scipy.sparse.coo_matrix(
                (np.ones(2 * len(pairs)), (pairs.T.ravel(), pairs[:, ::-1].T.ravel())), (count, count)
            ).tocsr()
            degree = np.asarray(links.sum(1)).ravel()
            moved = degree == 2  # ends and crossings of a border stay
            middle = scipy.sparse.diags(np.where(moved, 0.25, 0.0)) @ links
            step = scipy.sparse.diags(np.where(moved, 0.5, 1.0)) + middle
            for _ in range(steps):
                total = step @ total
        return total.tocsr()

    def _slide_to_cut(self, v: np.ndarray, edges: np.ndarray) -> scipy.sparse.csr_matrix:
        """(V, V) matrix that moves the vertices below the cut up onto it, along an edge that crosses it."""
        height = self._over_cut(v)
        both = np.concatenate([edges, edges[:, ::-1]])
        rising = both[(height[both[:, 0]] <= 0) & (height[both[:, 1]] > 0)]
        climb = height[rising[:, 1]] - height[rising[:, 0]]
        rising = rising[np.argsort(-climb / np.linalg.norm(v[rising[:, 1]] - v[rising[:, 0]], axis=1))]
        low, first = np.unique(rising[:, 0], return_index=True)
        high = rising[first, 1]
        share = height[low] / (height[low] - height[high])
        slide = scipy.sparse.identity(len(v), format="lil")
        slide[low, low], slide[low, high] = 1 - share, share
        # a corner below the cut without such an edge goes to the middle of its neighbours that have one
        for vertex in np.setdiff1d(np.flatnonzero(height <= 0), low):
            near = np.intersect1d(self.faces[(self.faces == vertex).any(1)].ravel(), low)
            slide[vertex] = slide[near].mean(0)
        return slide.tocsr()

    def _inside_mouth(self, lips: np.ndarray) -> np.ndarray:
        """(F,) bool: faces near the mouth that other faces hide from the front while it is closed."""
        v = self.neutral
        centres = v[self.faces].mean(1)
        low, high = centres[lips].min(0), centres[lips].max(0)
        near = (centres[:, [0, 2]] > low[[0, 2]] - 0.006).all(1) & (centres[:, [0, 2]] < high[[0, 2]] + 0.006).all(1)
        near &= centres[:, 1] < low[1] + 0.08
        rows = np.flatnonzero(near)
        quads = v[self.faces[rows]]
        hidden = np.zeros(len(self.faces), bool)
        for row in rows:
            # a face lies in front of a point when the point falls inside its outline seen along Y
            offset = quads[:, :, [0, 2]] - centres[row, [0, 2]]
            following = np.roll(offset, -1, 1)
            turn = offset[..., 0] * following[..., 1] - offset[..., 1] * following[..., 0]
            covers = (turn > 0).all(1) | (turn < 0).all(1)
            hidden[row] = (covers & (quads[:, :, 1].mean(1) < centres[row, 1] - 0.0025)).any()
        return hidden

    def _neutral(self, count: int) -> dict[str, np.ndarray]:
        values = {name: np.full(count, 0.5) for name in self.anny.phenotype_labels}
        return values | {"age": np.full(count, YOUNG_ADULT)}

    def _full(self, phenotypes: dict[str, np.ndarray], local: dict[str, np.ndarray] | None = None) -> np.ndarray:
        weights = self.anny.get_phenotype_blendshape_coefficients(
            **{key: torch.from_numpy(value) for key, value in phenotypes.items()},
            local_changes={key: torch.from_numpy(value) for key, value in (local or {}).items()},
        ).to(torch.float32)
        shaped = self.anny.template_vertices.to(torch.float32).flatten() + weights @ self._blendshapes
        return shaped.reshape(len(weights), -1, 3).numpy()

    @cached_property
    def _blendshapes(self) -> torch.Tensor:
        return self.anny.blendshapes.to(torch.float32).flatten(1)

    def _motion(self, label: str) -> np.ndarray:
        both = self._full(self._neutral(2), {label: np.array([0.0, 1.0])})
        return np.linalg.norm(both[1] - both[0], axis=1)
