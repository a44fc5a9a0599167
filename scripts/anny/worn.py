"""Bodies in clothes, posed, as surfaces that rays and points are tried on. Needs bpy, for its mathutils."""

from dataclasses import dataclass, field

import bpy  # noqa: F401  mathutils comes with it
import numpy as np
from mathutils.bvhtree import BVHTree

from semantify_blender.core.model.clothes import Clothes
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.parts import Part
from semantify_blender.core.model.posing import Rig, dense_weights

UNDER = 0.20
"""Metres from cloth within which skin is below it, as nobody moves."""


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles (T, 3) of vertices, ready to be hit by rays."""

    vertices: np.ndarray
    triangles: np.ndarray
    tree: BVHTree = field(init=False, repr=False)

    def __post_init__(self) -> None:
        tree = BVHTree.FromPolygons(self.vertices.tolist(), self.triangles.tolist())
        object.__setattr__(self, "tree", tree)

    def hit(self, start: np.ndarray, way: np.ndarray) -> tuple[float, int, bool]:
        """How far to the first triangle, its number (−1: none) and whether it faces the ray."""
        _, normal, number, far = self.tree.ray_cast(start, way)
        if number is None:
            return np.inf, -1, False
        return far, number, float(np.dot(normal, way)) < 0

    def depth(self, points: np.ndarray) -> np.ndarray:
        """(P,) metres that points (P, 3) lie inside, 0 where they do not."""
        found = np.zeros(len(points))
        for i, point in enumerate(points):
            place, normal, _, far = self.tree.find_nearest(point)
            if np.dot(point - np.array(place), normal) < 0:
                found[i] = far
        return found


@dataclass(frozen=True, eq=False)
class Worn:
    """A model in an outfit, to be posed. garments: the parts of the outfit by name."""

    model: MorphableModel
    outfit: str
    rig: Rig
    garments: dict[str, Part]

    @classmethod
    def of(cls, model: MorphableModel, outfit: str) -> "Worn":
        """Raises ValueError for a model without a rig, and SemantifyError for an outfit that is not there."""
        rig = Rig.of(model)
        if rig is None:
            raise ValueError(f"{model.name} has no rig: run scripts/anny/rig.py on it first")
        clothes = Clothes.of(model.metadata)
        # what is in no outfit, teeth and lashes, is always there and no garment
        named = {name for parts in (clothes.outfits or {}).values() for name in parts}
        worn = [name for name in clothes.worn(model.name, model.parts, outfit) if name in named]
        return cls(model, outfit, rig, {name: model.parts[name] for name in worn})

    def posed(self, coefficients: np.ndarray, pose: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The body's vertices (V, 3), and each garment's, metres. coefficients: (K,)."""
        body = self.model.vertices(coefficients)
        moves = self.rig.transforms(self.rig.joints(body), self.rig.turns(pose))
        return skinned(body, self.rig.weights, moves), {
            name: skinned(
                part.template + np.tensordot(coefficients, part.basis, 1), rig_weights(part, len(moves)), moves
            )
            for name, part in self.garments.items()
        }

    def hidden(self) -> np.ndarray:
        """(T,) bool: triangles of the body that are left out under the outfit."""
        covered = np.zeros(self.model.face_count, bool)
        for part in self.garments.values():
            covered |= False if part.covers is None else part.covers
        counts = np.diff(self.model.face_offsets) - 2
        # in the order of `MorphableModel.triangles`: every face's first one, then every second one, …
        return np.concatenate([covered[counts > i] for i in range(counts.max())])

    def below(self, coefficients: np.ndarray) -> np.ndarray:
        """(T,) bool: triangles of the body that cloth lies over while nobody moves."""
        body, cloth = self.posed(coefficients, {})
        over = together(list(cloth.values()), list(self.garments.values()))
        corners = body[self.model.triangles]
        out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
        found = np.zeros(len(out), bool)
        for number, (at, way) in enumerate(zip(corners.mean(1), out, strict=True)):
            far, _, facing = over.hit(at, way)
            found[number] = far < UNDER and not facing
        return found


def rig_weights(part: Part, joints: int) -> np.ndarray:
    """(V, J) dense skin weights of a part."""
    assert part.rig_index is not None
    assert part.rig_weights is not None
    return dense_weights({"rig/weight_index": part.rig_index, "rig/weights": part.rig_weights}, joints)


def skinned(vertices: np.ndarray, weights: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Linear blend skinning. vertices: (V, 3). weights: (V, J). moves: (J, 3, 4). Returns (V, 3)."""
    blended = np.tensordot(weights, moves, 1)
    return np.einsum("vij,vj->vi", blended[..., :3], vertices) + blended[..., 3]


def together(vertices: list[np.ndarray], parts: list[Part]) -> Surface:
    """Parts as one surface."""
    begins = np.cumsum([0, *map(len, vertices)])
    return Surface(
        np.concatenate(vertices), np.concatenate([fans(part) + at for at, part in zip(begins, parts, strict=False)])
    )


def fans(part: Part) -> np.ndarray:
    """(T, 3) triangles of a part's faces."""
    return np.array([
        (part.corner_vertices[a], part.corner_vertices[i], part.corner_vertices[i + 1])
        for a, b in zip(part.face_offsets[:-1], part.face_offsets[1:], strict=True)
        for i in range(a + 1, b - 1)
    ])  # fmt: skip
