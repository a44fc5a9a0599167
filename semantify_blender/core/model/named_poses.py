"""Poses that people ask for by name, of whatever bones a model has: where limbs point, whatever they did at rest."""

from collections.abc import Mapping

import numpy as np

from .chains import chains_of

Direction = tuple[float, float, float]
LIMBS = (("upperarm", "forearm"), ("forearm", "hand"), ("thigh", "shin"), ("shin", "foot"))
"""What is turned, and whose beginning is its end."""
POSES: Mapping[str, Mapping[str, Direction]] = {
    "T": {"upperarm": (1, 0, 0), "forearm": (1, 0, 0), "thigh": (0.04, 0, -1), "shin": (0, 0, -1)},
    "RELAXED": {
        "upperarm": (0.21, 0.03, -1), "forearm": (0.13, -0.24, -1), "thigh": (0.07, 0, -1), "shin": (0.03, 0.03, -1),
    },
}  # fmt: skip
"""Where each limb points on the figure's left (+X when it faces −Y); the right mirrors it."""


def named_pose(name: str, names: tuple[str, ...], parents: np.ndarray, heads: np.ndarray) -> np.ndarray:
    """(J, 3, 3) float64 turn of each bone on top of its parent's, in the figure's axes, that gives a pose of POSES.

    names, parents: J bones, parents first. heads: (J, 3) where they begin, at rest.
    """
    chains = chains_of(names)
    wanted: dict[int, np.ndarray] = {}
    for limb, end in LIMBS:
        for side, sign in ((".L", 1.0), (".R", -1.0)):
            direction = POSES[name].get(limb)
            if direction is None or limb + side not in chains or end + side not in chains:
                continue
            bone = chains[limb + side].main
            along = heads[chains[end + side].main] - heads[bone]
            wanted[bone] = _turned_to(along, np.array(direction) * [sign, 1.0, 1.0])
    turns = np.broadcast_to(np.eye(3), (len(names), 3, 3)).copy()
    whole = turns.copy()
    for bone, parent in enumerate(parents):
        above = whole[parent] if parent >= 0 else np.eye(3)
        if bone in wanted:
            # what it turns in all is asked for, whatever those above it do
            turns[bone] = above.T @ wanted[bone]
        whole[bone] = above @ turns[bone]
    return turns


def _turned_to(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(3, 3) the shortest turn of one direction to another."""
    a, b = before / np.linalg.norm(before), after / np.linalg.norm(after)
    axis, cosine = np.cross(a, b), float(a @ b)
    if cosine < -0.999999:
        raise ValueError("opposite directions have no shortest turn")
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1 + cosine))
