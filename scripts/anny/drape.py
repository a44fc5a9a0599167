"""How cloth sits on a body: off the skin everywhere, taut over hollows, a little loose where garments are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from scripts.anny.base_mesh import joint
from scripts.anny.borders import evened, inner, mixed
from scripts.anny.garments import Pattern
from scripts.anny.shells import Shell, normals, unit

CLEARANCE = 0.004
"""Metres between skin and cloth, at least."""
NEAR, FAR = 0.05, 1.0
"""Metres from the nearest vertex of a surface beyond which it says nothing of where inside is."""
TAUT_STEPS = 40
"""Of relaxing: how far hollows, as between the breasts, are bridged."""


@dataclass(eq=False)
class Skin:
    """Surfaces that cloth must stay out of: vertices (N, V, 3) metres, triangles (T, 3)."""

    vertices: np.ndarray
    triangles: np.ndarray

    @cached_property
    def normals(self) -> np.ndarray:
        """(N, V, 3)."""
        return normals(self.vertices, self.triangles)

    @cached_property
    def trees(self) -> list[cKDTree]:
        """One for each body."""
        return [cKDTree(one) for one in self.vertices]

    def depth(self, points: np.ndarray, facing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far outside points are (N, P) metres, and the way out (N, P, 3).

        What faces away from `facing` (N, P, 3) belongs to another limb and is taken for far away, as is what is
        not near the surface.
        """
        out, distance = np.empty_like(points), np.empty(points.shape[:2])
        for i, tree in enumerate(self.trees):
            far, near = tree.query(points[i], distance_upper_bound=NEAR)
            near[near == tree.n] = 0
            out[i] = self.normals[i, near]
            distance[i] = np.where(far < NEAR, ((points[i] - self.vertices[i, near]) * out[i]).sum(-1), FAR)
        return np.where((out * facing).sum(-1) > 0.2, distance, FAR), out

    def share_inside(self, shell: Shell, cloth: np.ndarray) -> float:
        """Share of a shell's vertices and middles of edges and faces that lie inside. cloth: (N, V, 3)."""
        samples = shell.samples
        facing = unit(mixed(samples, normals(cloth, shell.triangles)))
        return float((self.depth(mixed(samples, cloth), facing)[0] < 0).mean())


def lifted(shell: Shell, cloth: np.ndarray, skins: list[tuple[Skin, float]]) -> np.ndarray:
    """Cloth (N, V, 3) moved out until it clears the skins, at its vertices and between them, without dents."""
    average, samples = shell.neighbours, shell.samples
    touching = (samples > 0).T.tocsr()
    for skin, clearance in skins:
        out = _facing(shell, cloth)
        faced = unit(mixed(samples, out))
        distance, way = skin.depth(mixed(samples, cloth), faced)
        needed = np.maximum(clearance - distance, 0) / np.clip((way * faced).sum(-1), 0.5, 1)
        lift = np.stack([touching.multiply(one).max(1).toarray().ravel() for one in needed])
        for _ in range(3):
            lift = np.maximum(lift, (average @ lift.T).T)
        cloth = cloth + lift[..., None] * out
    return cloth


def _facing(shell: Shell, cloth: np.ndarray) -> np.ndarray:
    """Normals (N, V, 3) of cloth, blurred: what is moved along them does not fan out at edges."""
    out = normals(cloth, shell.triangles)
    for _ in range(3):
        out = out + mixed(shell.neighbours, out)
    return unit(out)


def drape(pattern: Pattern, base: np.ndarray, skins: list[tuple[Skin, float]]) -> np.ndarray:
    """Outer faces of a garment on bodies. base: (N, 19158, 3) metres. skins: each with its clearance.

    Returns (N, V, 3) metres.
    """
    cloth = mixed(pattern.shell.weights, base)
    cloth = lifted(pattern.shell, cloth, skins)
    cloth = _taut(pattern, cloth)
    cloth = cloth + pattern.ease[:, None] * _facing(pattern.shell, cloth)
    if pattern.straight:
        cloth = _straight(pattern, cloth)
    cloth = lifted(pattern.shell, cloth, skins)
    cloth = evened(pattern.shell, _smoothed(pattern, cloth, 2))
    if pattern.skirt is not None:
        hip, knee = (joint(base, name)[:, 2] for name in ("l-upper-leg", "l-knee"))
        rings = pattern.skirt.rings(cloth[:, pattern.skirt.loop], base, hip, knee)
        cloth[:, -rings.shape[1] :] = rings
    return cloth


def _straight(pattern: Pattern, cloth: np.ndarray) -> np.ndarray:
    """Legs as wide below the knee as at it. The mean of a level is what lies within some centimetres on one leg."""
    where = pattern.shell.where
    cloth = cloth.copy()
    for side in (-1, 1):
        leg = np.flatnonzero((where[:, 0] * side > 0) & (where[:, 2] < pattern.straight + 0.12))
        z = where[leg, 2]
        near = np.exp(-0.5 * ((z[:, None] - z) / 0.03) ** 2)
        near /= near.sum(1, keepdims=True)
        knee = np.exp(-0.5 * ((z - pattern.straight) / 0.03) ** 2)
        at = cloth[:, leg, :2]
        middle = np.einsum("ab,nbc->nac", near, at)
        radius = np.linalg.norm(at - middle, axis=-1)
        mean = radius @ near.T
        wanted = np.maximum(mean, 0.97 * (mean @ knee / knee.sum())[:, None])
        below = np.clip((pattern.straight + 0.06 - z) / 0.12, 0, 1)
        grown = 1 + below * (wanted / mean - 1)
        # rounder as well: cloth does not show the shin
        even = radius + 0.6 * below * (mean - radius)
        cloth[:, leg, :2] = middle + (at - middle) * (grown * np.maximum(even, radius * 0.9) / radius)[..., None]
    return cloth


def _taut(pattern: Pattern, cloth: np.ndarray) -> np.ndarray:
    """Relaxed like a rubber sheet that cannot go below where it was. Borders stay."""
    out = normals(cloth, pattern.shell.triangles)
    average, free = pattern.shell.neighbours, inner(pattern.shell) * pattern.taut
    taut = cloth.copy()
    for _ in range(TAUT_STEPS):
        step = np.stack([average @ one for one in taut]) - taut
        taut = taut + 0.6 * step * free[:, None]
        below = ((taut - cloth) * out).sum(-1, keepdims=True)
        taut = taut - np.minimum(below, 0) * out
    return taut


def _smoothed(pattern: Pattern, cloth: np.ndarray, steps: int) -> np.ndarray:
    average, free = pattern.shell.neighbours, inner(pattern.shell)
    for _ in range(steps):
        cloth = cloth + 0.5 * (np.stack([average @ one for one in cloth]) - cloth) * free[:, None]
    return cloth
