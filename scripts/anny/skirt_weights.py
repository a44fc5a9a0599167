"""Skin weights of skirts, learned from poses: cloth that goes where thighs push it, stretched as little as can be.

The weights of the skin beside it are no good guide for what hangs free of it. So figures are posed, the cloth of each
is pushed out of its legs and drawn together, and weights are looked for that come nearest to that in all poses alike.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from scripts.anny.shells import Shell, normals
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import lively_pose

KINDS = ("walking", "striding", "sitting", "squatting")
POSES, ROUNDS = 40, 4
"""Each round has its own poses and begins with the last one's weights, whose cloth is nearer to where it belongs."""
CLEARANCE = 0.015
"""Metres that cloth is pushed out of legs: more than it needs, for weights come only so near."""
STEPS = 40
"""Of pushing out and drawing together, by turns."""
NEAR, FARTHEST = 0.12, 0.05
"""Metres: legs this near push, and so far at most in one step."""
STAY = 0.001
"""How much weights stay as they were, in square metres of distance: where nothing tells, they do."""
DESCENT = 1500
"""Steps of looking for weights."""
_BONES = ("pelvis", "thigh_l", "thigh_r", "calf_l", "calf_r")


@dataclass(frozen=True, eq=False)
class Hanging:
    """What of a garment hangs. shell: its outer face. free: (V,) 0 to 1, how much of each vertex is free to go.

    template: (V, 3) metres, and basis (K, V, 3): where its vertices are.
    """

    shell: Shell
    free: np.ndarray
    template: np.ndarray
    basis: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """Numbers of the vertices that are free at all."""
        return np.flatnonzero(self.free > 0)

    @property
    def edges(self) -> np.ndarray:
        """(E, 2) its edges with a free end, each once."""
        edges = np.unique(np.sort(self.shell.edges, 1), axis=0)
        return np.asarray(edges[(self.free[edges] > 0).any(1)])


def learned(model: MorphableModel, hanging: Hanging, weights: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
    """Skin weights (V, J) whose free rows follow posed legs; the others are as they were.

    model: with a rig of Anny's bones, else a ValueError.
    """
    rig = Rig.of(model)
    if rig is None or not set(_BONES) <= set(rig.names):
        raise ValueError(f"{model.name} has no legs to learn from: run scripts/anny/rig.py on it first")
    used = np.flatnonzero(weights[hanging.rows].max(0) > 0.02)
    bones = np.union1d([rig.names.index(name) for name in _BONES], used)
    for number in range(rounds):
        places, wanted = zip(
            *(_posed(model, rig, hanging, weights, bones, number, i) for i in range(POSES)), strict=True
        )
        found = nearest_weights(np.stack(places), np.stack(wanted), weights[np.ix_(hanging.rows, bones)])
        weights = weights.copy()
        weights[hanging.rows] = 0
        weights[np.ix_(hanging.rows, bones)] = found
        for _ in range(3):
            weights += 0.5 * hanging.free[:, None] * (hanging.shell.neighbours @ weights - weights)
        weights /= weights.sum(1, keepdims=True)
    return weights


def _posed(
    model: MorphableModel, rig: Rig, hanging: Hanging, weights: np.ndarray, bones: np.ndarray, number: int, i: int
) -> tuple[np.ndarray, np.ndarray]:
    """Of the free vertices in one pose: where each bone would take them (R, B, 3), and where they belong (R, 3)."""
    rng = np.random.default_rng([number, i])
    people = model.people
    coefficients = np.zeros(model.component_count) if people is None else people.draw(rng)
    body = model.vertices(coefficients)
    moves = rig.transforms(rig.joints(body), rig.turns(lively_pose(rng, KINDS[i % len(KINDS)])))
    rest = hanging.template + np.tensordot(coefficients, hanging.basis, 1)
    legs = sum(rig.part(f"thigh.{side}") for side in "LR") > 0.3
    skin = _skinned(body, rig.weights, moves)
    out = normals(skin[None], model.triangles)[0]
    cloth = _skinned(rest, weights, moves)
    wanted = settled(hanging, rest, cloth, skin[legs], out[legs])[hanging.rows]
    return np.einsum("jab,vb->vja", moves[bones, :, :3], rest[hanging.rows]) + moves[bones, :, 3], wanted


def _skinned(vertices: np.ndarray, weights: np.ndarray, moves: np.ndarray) -> np.ndarray:
    blended = np.tensordot(weights, moves, 1)
    return np.asarray(np.einsum("vij,vj->vi", blended[..., :3], vertices) + blended[..., 3])


def settled(hanging: Hanging, rest: np.ndarray, cloth: np.ndarray, legs: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Cloth (V, 3) pushed out of legs, its edges not longer than at rest (V, 3) as far as that goes.

    legs, out: (P, 3) points of their skin and the way out of it.
    """
    edges, tree = hanging.edges, cKDTree(legs)
    a, b = edges.T
    longest = np.linalg.norm(rest[a] - rest[b], axis=1)
    shared = np.maximum(np.bincount(edges.ravel(), minlength=len(cloth)), 1)[:, None]
    free, rows = hanging.free[:, None], hanging.rows
    cloth = cloth.copy()
    for _ in range(STEPS):
        along = cloth[b] - cloth[a]
        length = np.linalg.norm(along, axis=1)
        pull = 0.5 * (np.maximum(length - longest, 0) / np.maximum(length, 1e-9))[:, None] * along
        moved = np.zeros_like(cloth)
        np.add.at(moved, a, pull)
        np.add.at(moved, b, -pull)
        cloth += 1.2 * free * moved / shared
        far, near = tree.query(cloth[rows], distance_upper_bound=NEAR)
        there = far < NEAR
        pushed, near = rows[there], near[there]
        outside = ((cloth[pushed] - legs[near]) * out[near]).sum(1)
        cloth[pushed] += free[pushed] * np.clip(CLEARANCE - outside, 0, FARTHEST)[:, None] * out[near]
    return cloth


def nearest_weights(places: np.ndarray, wanted: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Weights (R, B), none below zero and each row's sum 1, that take vertices nearest to where they are wanted.

    places: (N, R, B, 3) where each bone takes them in each pose. wanted: (N, R, 3). before: (R, B), see STAY.
    """
    off = places - wanted[:, :, None]
    # with a sum of 1 the distance is |Σ w (place − wanted)|, a form in the weights alone
    form = np.einsum("nrix,nrjx->rij", off, off) / len(off) + STAY * np.eye(before.shape[1])
    step = 1 / np.linalg.eigvalsh(form).max(1)[:, None]
    found = before.copy()
    for _ in range(DESCENT):
        found = _on_simplex(found - step * (np.einsum("rij,rj->ri", form, found) - STAY * before))
    return found


def _on_simplex(values: np.ndarray) -> np.ndarray:
    """The nearest rows (R, B) that are nowhere below zero and have the sum 1."""
    falling = -np.sort(-values, 1)
    excess = (np.cumsum(falling, 1) - 1) / np.arange(1, values.shape[1] + 1)
    last = (falling > excess).sum(1) - 1
    return np.maximum(values - excess[np.arange(len(values)), last][:, None], 0)
