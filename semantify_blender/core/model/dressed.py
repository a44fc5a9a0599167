"""A body with some of its parts on, as one model: what is drawn, exported and put into a scene."""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Generic, TypeVar

import numpy as np

from .clothes import Clothes
from .row_weights import row_weights

_OF_COEFFICIENTS = ("trait", "action", "twins", "texture")
_OF_RIG = ("rig/names", "rig/parents", "rig/joints", "rig/joint_basis", "rig/tails", "rig/tail_basis")
"""What stays true of another set of vertices; girths, landmarks and the like name the body's own."""


Body = Any
"""A `MorphableModel`; to import it here would make a circle."""
BodyT = TypeVar("BodyT")


@dataclass(frozen=True, eq=False)
class Dressed(Generic[BodyT]):
    """A body and the parts that it wears, in one mesh.

    model: with the body's coefficients; its faces are the body's that nothing covers, then each part's.
    rows: (Vd,) int32, where each vertex comes from, counted over the body's vertices and then every part's, worn or
    not, in the file's order: so two outfits of one model can be matched, and shapes of all rows be indexed.
    face_parts: (Fd,) int16, number of the part in the file that a face belongs to; −1 for the body's own.
    """

    model: BodyT
    rows: np.ndarray
    face_parts: np.ndarray


def dress(body: Body, outfit: str | None = None) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """The fields of a body that its clothes change, and the rows and face_parts of a `Dressed`.

    Raises SemantifyError, with the choice, for an outfit that is not there.
    """
    worn = Clothes.of(body.metadata).worn(body.name, body.parts, outfit)
    sizes = np.diff(body.face_offsets)
    if not worn:
        bare = {"parts": {}, "metadata": _decided(body.metadata)} if body.parts else {}
        return bare, np.arange(len(body.template), dtype=np.int32), np.full(len(sizes), -1, np.int16)
    shown = np.ones(len(sizes), bool)
    # faces in the numbers of all rows first, then in those of the rows that are left
    corners, counts, owners = [], [], []
    begins = accumulate((part.vertex_count for part in body.parts.values()), initial=len(body.template))
    for number, (begin, (name, part)) in enumerate(zip(begins, body.parts.items(), strict=False)):
        if name in worn:
            corners.append(part.corner_vertices + begin)
            counts.append(np.diff(part.face_offsets))
            owners.append(np.full(part.face_count, number))
            if part.covers is not None:
                shown &= ~part.covers
    seen = np.repeat(shown, sizes)
    rows, numbers = np.unique(np.concatenate([body.corner_vertices[seen], *corners]), return_inverse=True)
    face_parts = np.concatenate([np.full(shown.sum(), -1), *owners]).astype(np.int16)
    changes = {
        "template": _rows([body.template, *(part.template for part in body.parts.values())], rows, 0),
        "basis": _rows([body.basis, *(part.basis for part in body.parts.values())], rows, 1),
        "corner_vertices": numbers.ravel().astype(np.int32),
        "face_offsets": np.concatenate([[0], np.cumsum(np.concatenate([sizes[shown], *counts]))]).astype(np.int32),
        "uv": _uv(body, seen, worn),
        "regions": _regions(body, shown, worn, face_parts),
        "extra": _extra(body, rows),
        "metadata": _decided(body.metadata),
        "parts": {},
    }
    return changes, rows.astype(np.int32), face_parts


def _decided(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key != "clothes"}


def _rows(pieces: list[np.ndarray], rows: np.ndarray, axis: int) -> np.ndarray:
    return np.take(np.concatenate(pieces, axis), rows, axis)


def _uv(body: Body, body_corners: np.ndarray, worn: list[str]) -> np.ndarray | None:
    if body.uv is None:
        return None
    found = [body.uv[body_corners]]
    for name in worn:
        part = body.parts[name]
        found.append(np.zeros((len(part.corner_vertices), 2), np.float32) if part.uv is None else part.uv)
    return np.concatenate(found)


def _regions(body: Body, shown: np.ndarray, worn: list[str], face_parts: np.ndarray) -> dict[str, np.ndarray]:
    count = int(shown.sum())
    found = {}
    for name, mask in body.regions.items():
        found[name] = np.zeros(len(face_parts), bool)
        found[name][:count] = mask[shown]
    for number, (name, part) in enumerate(body.parts.items()):
        if name in worn:
            found.setdefault(part.region, np.zeros(len(face_parts), bool))[face_parts == number] = True
    return found


def _extra(body: Body, rows: np.ndarray) -> dict[str, np.ndarray]:
    extra = {
        key: value for key, value in body.extra.items() if key.partition("/")[0] in _OF_COEFFICIENTS or key in _OF_RIG
    }
    weighed = row_weights(body)
    if weighed is not None:
        extra["rig/weight_index"], extra["rig/weights"] = (_rows([one], rows, 0) for one in weighed)
    return extra
