"""Further rigs of models that share their faces, `*.rigs.npz`: bones, weights, and what Rigify wants to know.

Three bodies with one topology would hold the same weights three times. Bones begin and end at points that are sums of
the body's vertices and of the ends of the rig that each model has itself, so they follow each model's shapes.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import FileFormatError
from ..files.names import check_name, check_words
from ..files.npz import Field, check_fields, load_npz, save_npz
from ..files.schema import conform
from .morphable_model import MorphableModel

SCHEMA = "semantify.rigs/1"
SUFFIX = ".rigs.npz"
MOST_BONES, MOST_ROWS, MOST_WEIGHTS = 1000, 1 << 20, 1 << 26
"""Of a rig; weights as rows × groups."""
LONGEST_NAME = 63
"""Characters of a bone's or a vertex group's name in Blender, which cuts longer ones."""
WHOLE = 127
"""What the weights of a row come to: half a step moves skin at a bent elbow by 0.3 mm; 255 would take a fifth more."""
_WAY_OUT = "fetch or make the rigs again"
_BONE = {
    "roll?": float, "align?": str, "inherit_scale?": str, "rotation_mode?": str, "use_connect?": bool, "type?": str,
    "collections?": [str], "parameters?": {str: object}, "constraints?": [{str: object}], "bendy_bone?": {str: object},
}  # fmt: skip
_ROW = {"ui_row": int, "ui_title?": str, "color_set_id?": int, "sel_set?": bool, "is_visible?": bool}
_COLOUR = [float]
_INTERFACE = {
    "collections": {str: _ROW}, "order": [str], "selection_colors": {"active": _COLOUR, "select": _COLOUR},
    "rigify_colors_lock?": bool, "colors": [{"name": str, "normal": _COLOUR}],
}  # fmt: skip
_METADATA = {
    "name": str,
    "topology": str,
    "rigs": {str: {str: _BONE}},
    "interface": _INTERFACE,
    "provenance?": {str: str},
}


@dataclass(frozen=True, eq=False)
class Points:
    """Places as sums. Point p is Σ weights[i] · row[rows[i]] for i in starts[p] .. starts[p + 1], moved by offsets[p].

    rows: numbers of the body's V vertices; then of the J heads and the J tails of the rig that the model has itself.
    offsets: (P, 3) metres.
    """

    starts: np.ndarray
    rows: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray

    def at(self, places: np.ndarray) -> np.ndarray:
        """(…, P, 3) sums, without the offsets. places: (…, V + 2J, 3)."""
        weighed = places[..., self.rows, :] * self.weights[:, None]
        return np.asarray(np.add.reduceat(weighed, self.starts[:-1], -2))


@dataclass(frozen=True, eq=False)
class ExtraRig:
    """A rig. names: J bones, parents first. parents, heads, tails: (J,) bones, −1 for none, and numbers of points.

    groups: G names of vertex groups, in most rigs of bones. weights: (R, G) uint8 of all rows of the models, body and
    parts, each row about WHOLE together. metarig: bone -> what Rigify is to know of it; empty for another rig.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray
    tails: np.ndarray
    groups: tuple[str, ...]
    weights: np.ndarray
    metarig: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RigSet:
    """family: of the models. topology: as `topology_of`. rigs: by name. interface: Rigify's collections and colours."""

    family: str
    topology: str
    points: Points
    rigs: Mapping[str, ExtraRig]
    interface: Mapping[str, Any]
    provenance: Mapping[str, str] = field(default_factory=dict)

    def fits(self, model: MorphableModel) -> bool:
        """Whether a model has the faces and parts that these rigs were made for, and a rig of its own."""
        known = {f"rig/{part}" for part in ("names", "joints", "joint_basis", "tails", "tail_basis")}
        if not known <= model.extra.keys() or topology_of(model) != self.topology:
            return False
        places = model.vertex_count + 2 * len(model.extra["rig/names"])
        rows = model.vertex_count + sum(part.vertex_count for part in model.parts.values())
        return self.points.rows.max(initial=0) < places and all(len(r.weights) == rows for r in self.rigs.values())

    def save(self, path: str | Path) -> None:
        """Write the file, aside and renamed."""
        arrays = {f"points/{name}": getattr(self.points, name) for name in ("starts", "rows", "weights", "offsets")}
        for kind, rig in self.rigs.items():
            columns = [np.flatnonzero(column) for column in rig.weights.T]
            arrays[f"{kind}/names"], arrays[f"{kind}/groups"] = np.array(rig.names), np.array(rig.groups)
            arrays[f"{kind}/parents"] = rig.parents.astype(np.int16)
            arrays[f"{kind}/ends"] = np.stack([rig.heads, rig.tails]).astype(np.uint16)
            # column after column: steps from row to row are ones mostly, and pack well
            arrays[f"{kind}/counts"] = np.array([len(rows) for rows in columns], np.uint32)
            arrays[f"{kind}/steps"] = np.concatenate([np.diff(rows, prepend=0) for rows in columns]).astype(np.uint16)
            weights = [column[rows] for column, rows in zip(rig.weights.T, columns, strict=True)]
            arrays[f"{kind}/weights"] = np.concatenate(weights)
        arrays["rows"] = np.array(len(next(iter(self.rigs.values())).weights), np.int32)
        metadata = {
            "name": self.family,
            "topology": self.topology,
            "rigs": {kind: dict(rig.metarig) for kind, rig in self.rigs.items()},
            "interface": dict(self.interface),
            "provenance": dict(self.provenance),
        }
        save_npz(path, SCHEMA, arrays, metadata)

    @classmethod
    def load(cls, path: str | Path) -> "RigSet":
        """Raises FileFormatError, naming the field, for what is no such file, or a damaged one."""
        arrays, metadata = load_npz(path, SCHEMA, _POINT_FIELDS)
        conform(path, metadata, _METADATA, "metadata", _WAY_OUT)
        points = Points(*(arrays[f"points/{name}"] for name in ("starts", "rows", "weights", "offsets")))
        starts, count = points.starts.astype(np.int64), len(points.rows)
        if len(starts) != len(points.offsets) + 1 or starts[0] or starts[-1] != count or (np.diff(starts) < 1).any():
            raise FileFormatError(path, "points/starts", f"expected 0, …, {count} rising; {_WAY_OUT}")
        points = Points(starts, points.rows.astype(np.int64), points.weights.astype(np.float64), points.offsets)
        rows = int(arrays["rows"])
        rigs = {
            check_name(path, "metadata.rigs", kind): _rig(path, arrays, kind, rows, len(points.offsets), described)
            for kind, described in metadata["rigs"].items()
        }
        name = check_name(path, "metadata.name", metadata["name"])
        return cls(name, metadata["topology"], points, rigs, metadata["interface"], metadata.get("provenance", {}))


_POINT_FIELDS = {
    "points/starts": Field("iu", (None,), within=(0, 1 << 16), most=1 << 14),
    "points/rows": Field("iu", ("N",), within=(0, 2 * MOST_ROWS), most=1 << 16),
    "points/weights": Field("f", ("N",), within=(-1000, 1000)),
    "points/offsets": Field("f", (None, 3), within=(-100, 100)),
    "rows": Field("iu", (), within=(1, MOST_ROWS)),
}


def _fields(kind: str) -> dict[str, Field]:
    return {
        f"{kind}/names": Field("U", ("J",), most=MOST_BONES),
        f"{kind}/parents": Field("iu", ("J",), within=(-1, MOST_BONES)),
        f"{kind}/ends": Field("iu", (2, "J"), within=(0, 1 << 16)),
        f"{kind}/groups": Field("U", ("G",), most=MOST_BONES),
        f"{kind}/counts": Field("iu", ("G",), within=(0, MOST_ROWS)),
        f"{kind}/steps": Field("iu", ("N",), within=(0, MOST_ROWS), most=1 << 24),
        f"{kind}/weights": Field("u", ("N",), within=(0, 255)),
    }


def _rig(
    path: str | Path, arrays: Mapping[str, np.ndarray], kind: str, rows: int, points: int, metarig: dict[str, Any]
) -> ExtraRig:
    check_fields(path, arrays, _fields(kind))
    names = check_words(path, f"{kind}/names", arrays[f"{kind}/names"].tolist(), MOST_BONES)
    groups = check_words(path, f"{kind}/groups", arrays[f"{kind}/groups"].tolist(), MOST_BONES)
    if max(map(len, names + groups)) > LONGEST_NAME:
        raise FileFormatError(path, f"{kind}/names", f"expected names of at most {LONGEST_NAME} characters; {_WAY_OUT}")
    if rows * len(groups) > MOST_WEIGHTS:
        raise FileFormatError(path, "rows", f"has more weights than any real rig; {_WAY_OUT}")
    parents, ends = arrays[f"{kind}/parents"].astype(np.int64), arrays[f"{kind}/ends"].astype(np.int64)
    if len(parents) and (parents >= np.arange(len(parents))).any():
        raise FileFormatError(path, f"{kind}/parents", f"expected parents before their children; {_WAY_OUT}")
    if ends.max(initial=0) >= points:
        raise FileFormatError(path, f"{kind}/ends", f"expected numbers of points in 0..{points - 1}; {_WAY_OUT}")
    counts, steps = arrays[f"{kind}/counts"].astype(np.int64), arrays[f"{kind}/steps"].astype(np.int64)
    if counts.sum() != len(steps):
        raise FileFormatError(path, f"{kind}/counts", f"expected {len(steps)} together; {_WAY_OUT}")
    if set(metarig) - set(names):
        raise FileFormatError(path, f"metadata.rigs.{kind}", f"names bones that are not in the rig; {_WAY_OUT}")
    weights = np.zeros((rows, len(groups)), np.uint8)
    begin = 0
    for number, count in enumerate(counts.tolist()):
        which = np.cumsum(steps[begin : begin + count])
        if count and which[-1] >= rows:
            raise FileFormatError(path, f"{kind}/steps", f"expected rows in 0..{rows - 1}; {_WAY_OUT}")
        weights[which, number] = arrays[f"{kind}/weights"][begin : begin + count]
        begin += count
    return ExtraRig(names, parents, ends[0], ends[1], groups, weights, metarig)


def topology_of(model: MorphableModel) -> str:
    """SHA-256 of a model's faces, of its parts' names, vertices and faces, and of the names of its bones."""
    digest = hashlib.sha256()
    digest.update(repr(model.extra.get("rig/names", np.array([])).tolist()).encode())
    faces = [("", model.corner_vertices, model.face_offsets)]
    faces += [(name, part.corner_vertices, part.face_offsets) for name, part in model.parts.items()]
    for name, *arrays in faces:
        digest.update(name.encode())
        for array in arrays:
            digest.update(np.ascontiguousarray(array, np.int32).tobytes())
    return digest.hexdigest()
