"""A head's components on the body that it was cut from, so that one person has a body, a face and an expression."""

from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ..descriptors import knows_family, vocabulary_name
from ..errors import SemantifyError
from ..layer_names import EXPRESSION, FACE
from .morphable_model import MorphableModel

BODY_VERTICES = "body_vertices"
"""Key of `extra` of a head: (Vh,) whole numbers, the body's vertex that each of its own is; −1 for one of its own."""
FADE = 0.2
"""Share of the head's height, from where it was cut, over which its components rise from nothing to all."""
_SAME_EDGES = 0.9
"""Least share of a head's edges that are edges of its body; what closes a head at the neck may have more."""


@dataclass(frozen=True, eq=False)
class HeadOnBody:
    """What a head's coefficients move of a body.

    rows: (n,) int32, counted over the body's vertices and then those of its parts, as `Dressed.rows` counts them.
    basis: (K, n, 3) float32 metres, the head's components there. They leave the mean of the cut at the neck where it
    is, as a head alone is free to move down and a person's is not, and fade to nothing towards the cut. Parts that
    both have (teeth, gums, lashes) move as the head's do.
    """

    rows: np.ndarray
    basis: np.ndarray

    @classmethod
    def of(cls, body: MorphableModel, head: MorphableModel) -> "HeadOnBody":
        """Raises SemantifyError, in one sentence, for a head that was not cut from this body."""
        numbers = _body_vertices(body, head)
        known = np.flatnonzero(numbers >= 0)
        weights, cut = _faded(body, numbers[known])
        moved = head.basis[:, known]
        shift = moved[:, cut].mean(1, keepdims=True) if cut.any() else np.float32(0.0)
        rows, basis = [numbers[known]], [(moved - shift) * weights[:, None]]
        begins = accumulate((part.vertex_count for part in body.parts.values()), initial=body.vertex_count)
        for begin, (name, part) in zip(begins, body.parts.items(), strict=False):
            own = head.parts.get(name)
            if own is not None and own.vertex_count == part.vertex_count:
                rows.append(begin + np.arange(part.vertex_count))
                basis.append(own.basis - shift)
        return cls(np.concatenate(rows).astype(np.int32), np.concatenate(basis, 1).astype(np.float32))


def layer_of(head: MorphableModel) -> str:
    """What a head adds to a person: EXPRESSION, where its components are what a face does, else FACE, its shape."""
    family = str(head.metadata.get("family", ""))
    if knows_family(family):
        return EXPRESSION if vocabulary_name(family) == "face-expression" else FACE
    return EXPRESSION if head.ranges is not None else FACE


def _body_vertices(body: MorphableModel, head: MorphableModel) -> np.ndarray:
    """(Vh,) int64, checked. Raises SemantifyError."""
    numbers = head.extra.get(BODY_VERTICES)
    if numbers is None:
        raise SemantifyError(
            f"the model {head.name!r} does not say of which body it is the head (extra/{BODY_VERTICES}): build it anew"
        )
    whole = numbers.dtype.kind in "iu" and numbers.shape == (head.vertex_count,)
    numbers = numbers.astype(np.int64) if whole else np.empty(0, np.int64)
    known = numbers[numbers >= 0]
    if not len(known) or numbers.min() < -1 or len(np.unique(known)) < len(known):
        raise SemantifyError(
            f"the model {head.name!r}: extra/{BODY_VERTICES} does not give each of its {head.vertex_count:,} vertices "
            "a vertex of a body of its own, or -1: build it anew"
        )
    elsewhere = f"the model {head.name!r} was not cut from the body {body.name!r}: choose one that was"
    if known.max() >= body.vertex_count:
        raise SemantifyError(elsewhere)
    ends = numbers[_edges(head)]
    ends = np.sort(ends[(ends >= 0).all(1)], 1)
    among = np.isin(ends @ [body.vertex_count, 1], _edges(body) @ [body.vertex_count, 1])
    if not len(ends) or among.mean() < _SAME_EDGES:
        raise SemantifyError(elsewhere)
    return numbers


def _faded(body: MorphableModel, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the body's vertices that are the head's, (n,): how far they follow, 0 at the cut to 1, and which are the cut.

    numbers: (n,) the vertices. The cut is where a neighbour is the head's no more.
    """
    inside = np.zeros(body.vertex_count, bool)
    inside[numbers] = True
    edges = _edges(body)
    across = edges[inside[edges[:, 0]] != inside[edges[:, 1]]]
    cut = np.isin(numbers, across)
    places = body.template[numbers].astype(np.float64)
    squares = np.full(len(places), np.inf)
    for place in places[cut]:
        squares = np.minimum(squares, ((places - place) ** 2).sum(1))
    share = np.minimum(np.sqrt(squares) / max(FADE * np.ptp(places[:, 2]), 1e-9), 1.0)
    return (share * share * (3 - 2 * share)).astype(np.float32), cut


def _edges(model: MorphableModel) -> np.ndarray:
    """(E, 2) int64 the two ends of every edge, the lower number first."""
    corners = model.corner_vertices.astype(np.int64)
    following = np.roll(corners, -1)
    following[model.face_offsets[1:] - 1] = corners[model.face_offsets[:-1]]
    ends = np.sort(np.stack([corners, following], 1), 1)
    return np.unique(ends, axis=0)
