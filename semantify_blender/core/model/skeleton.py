"""A model's bones as an armature has them: where each begins and ends in any shape, and what of the model it carries.

Arrays: see `model.posing`, whose joints are the bones' beginnings; where a file has a whole skeleton beside the joints
that pictures pose, that is in arrays "bones/…" of the same kinds. A rig that does not say where its bones end has them
end where their children begin, together if there are several, and its last ones go on as the bone above does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .grounded import floor_offsets
from .morphable_model import MorphableModel
from .rig_set import RigSet
from .row_weights import row_weights
from .skin_joints import SharedSkin

SHORTEST = 0.004
"""Metres: Blender takes bones of no length away."""
MIDDLE = 0.01
"""Metres from the middle plane within which a joint is of neither side."""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """Bones of a model as its characters stand, soles on z = 0.

    names: J bones. parents: (J,) int, −1 for the first. ends: (2, J, 3) float64 metres, beginnings and ends in the
    template. basis: (K, 2, J, 3), how each coefficient moves them. weight_index, weights: (R, W) which bones carry each
    row, as `Grounded` counts them, and how much. groups: what the numbers in weight_index are names of, the bones where
    it is left out. metarig: bone -> what Rigify is to know of it (`rig_set.ExtraRig`).
    """

    names: tuple[str, ...]
    parents: np.ndarray
    ends: np.ndarray
    basis: np.ndarray
    weight_index: np.ndarray
    weights: np.ndarray
    groups: tuple[str, ...] = ()
    metarig: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.groups:
            object.__setattr__(self, "groups", self.names)

    @cached_property
    def carrying(self) -> frozenset[str]:
        """Groups that anything hangs on."""
        return frozenset(self.groups[number] for number in np.unique(self.weight_index[self.weights > 0]).tolist())

    @classmethod
    def further(cls, model: MorphableModel, rigs: RigSet, kind: str) -> "Skeleton | None":
        """One of the rigs beside a model's own; None for a model that they do not fit, or a kind that is not there."""
        rig = rigs.rigs.get(kind)
        if rig is None or not rigs.fits(model):
            return None
        extra = model.extra
        places = np.concatenate([model.template, extra["rig/joints"], extra["rig/tails"]])
        moves = np.concatenate([model.basis, extra["rig/joint_basis"], extra["rig/tail_basis"]], 1)
        points = rigs.points.at(np.concatenate([places[None], moves]).astype(np.float64))
        points[0] += rigs.points.offsets
        both = points[:, np.stack([rig.heads, rig.tails])]
        _ground(model, both)
        return cls(rig.names, rig.parents, both[0], both[1:], *_sparse(rig.weights), rig.groups, rig.metarig)

    @classmethod
    def of(cls, model: MorphableModel) -> "Skeleton | None":
        """None for a model without a rig."""
        extra = model.extra
        rig = "bones" if "bones/names" in extra else "rig"
        rows = row_weights(model, rig)
        if rows is None or f"{rig}/names" not in extra or f"{rig}/parents" not in extra:
            return None
        names, parents = tuple(extra[f"{rig}/names"].tolist()), extra[f"{rig}/parents"].astype(int)
        if {f"{rig}/joints", f"{rig}/joint_basis"} <= extra.keys():
            heads = _linear(model, f"{rig}/joint")
        else:
            weights = np.zeros((model.vertex_count, len(names)), np.float32)
            for index, values in zip(rows[0].T, rows[1].T, strict=True):
                np.add.at(weights, (np.arange(len(weights)), index[: len(weights)].astype(int)), values[: len(weights)])
            shares = SharedSkin.of(weights, parents).shares
            heads = np.concatenate([(shares @ model.template)[None], shares @ model.basis]).astype(np.float64)
        known = {f"{rig}/tails", f"{rig}/tail_basis"} <= extra.keys()
        tails = _linear(model, f"{rig}/tail") if known else _tails(heads, parents)
        both = np.stack([heads, tails], 1)
        _ground(model, both)
        return cls(names, parents, both[0], both[1:], *rows)

    def at(self, coefficients: np.ndarray) -> np.ndarray:
        """(2, J, 3) beginnings and ends in the shape of coefficients (k,), k ≤ K; no bone is shorter than SHORTEST."""
        found = self.ends + np.tensordot(coefficients.astype(np.float64), self.basis[: len(coefficients)], 1)
        along = found[1] - found[0]
        length = np.linalg.norm(along, axis=1, keepdims=True)
        up = np.where(length > 1e-9, along / np.maximum(length, 1e-9), [0.0, 0.0, 1.0])
        found[1] = np.where(length < SHORTEST, found[0] + SHORTEST * up, found[1])
        return found


def _ground(model: MorphableModel, both: np.ndarray) -> None:
    """Put soles on z = 0, in place. both: (K + 1, 2, J, 3) in the template's space."""
    template_offset, component_offsets = floor_offsets(model)
    both[0, ..., 2] -= template_offset
    both[1:, ..., 2] -= component_offsets[:, None, None]


def _sparse(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, W) columns that are not zero and their shares, of (R, G) whole numbers; W is the most in any row."""
    rows, columns = np.nonzero(weights)
    counts = np.bincount(rows, minlength=len(weights))
    places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    index = np.zeros((len(weights), int(counts.max(initial=1))), np.uint16)
    values = np.zeros(index.shape, np.float32)
    index[rows, places], values[rows, places] = columns, weights[rows, columns]
    return index, values / np.maximum(values.sum(1, keepdims=True), 1)


def _linear(model: MorphableModel, part: str) -> np.ndarray:
    """(K + 1, J, 3) float64 of the file: in the template, and how each coefficient moves them."""
    return np.concatenate([model.extra[f"{part}s"][None], model.extra[f"{part}_basis"]]).astype(np.float64)


def _tails(heads: np.ndarray, parents: np.ndarray) -> np.ndarray:
    """(K + 1, J, 3) ends of bones, linear in the coefficients as their beginnings, (K + 1, J, 3), are."""
    count = len(parents)
    tails = np.empty_like(heads)
    children = [np.flatnonzero(parents == j) for j in range(count)]
    for j in range(count):
        # of a hip with legs and a spine, the spine
        middle = [child for child in children[j] if abs(heads[0, child, 0]) < MIDDLE]
        if len(children[j]):
            tails[:, j] = heads[:, middle or children[j]].mean(1)
        elif parents[j] >= 0:
            tails[:, j] = heads[:, j] + 0.5 * (heads[:, j] - heads[:, parents[j]])
        else:
            tails[:, j] = heads[:, j]
            tails[0, j, 2] += 0.1
    return tails
