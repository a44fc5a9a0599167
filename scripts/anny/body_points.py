"""Find out where on the embedded bodies the finder sees its 33 points, and write that into the models.

    python scripts/anny/body_points.py [--count 360] [--seed 11] [MODEL.model.npz …]     # default: the embedded bodies

A network's "hip" is not where the bone turns. Bodies in many poses are rendered from all sides, the finder looks at the
renders, and for each point those weights of vertices around the joint are found (ridge regression, robust, left and
right alike) whose projection comes nearest to what it says. Shapes stay as they are. The fingers are left out.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.posed_pictures import SIZE, PosedPicture, posed_pictures
from scripts.repository import MODELS
from semantify_blender.core.finders.person import read_person
from semantify_blender.core.finders.regions import Region
from semantify_blender.core.library import load_model
from semantify_blender.core.model.body_points import VERTICES, WEIGHTS, BodyPoints
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.landmarks import BODY_POINTS, BodyLandmarks

CANDIDATES = 40
"""Vertices that a point may be made of."""
RIDGE = 0.3
"""How strongly weights are held to be alike, in vertices' standard deviations."""
SEEN = 0.7
REACH = {"eye": 0.03, "nose": 0.04, "mouth": 0.035, "ear": 0.05}
_LIMB = 0.11
"""Metres around its first guess where a point's vertices may lie: of the face, and of all others."""


def first_guesses(model: MorphableModel) -> dict[str, np.ndarray]:
    """Point -> (3,) on the template: limbs by the rig, the face by the model's own regions."""
    t, rig = model.template, BodyPoints.of(dataclasses.replace(model, extra=_without(model)))
    assert rig is not None
    found = {BODY_POINTS[p]: place for p, place in enumerate(rig.at(t)) if rig.known[p]}
    iris, lips = (_vertices(model, name) for name in ("iris", "lips"))
    face = t[t[:, 2] > t[lips, 2].mean()]
    nose = face[(face[:, 2] < t[lips, 2].mean() + 0.06) & (np.abs(face[:, 0]) < 0.02)]
    found["nose"] = nose[nose[:, 1].argmin()]
    for side, sign in (("L", 1), ("R", -1)):
        eye = t[iris[sign * t[iris, 0] > 0]].mean(0)
        found[f"eye.{side}"] = eye
        found[f"eye_inner.{side}"] = eye - [sign * 0.014, 0, 0]
        found[f"eye_outer.{side}"] = eye - [-sign * 0.016, -0.006, 0]
        found[f"mouth.{side}"] = t[lips[np.argsort(-sign * t[lips, 0])[:4]]].mean(0)
        level = t[np.abs(t[:, 2] - eye[2]) < 0.05]
        found[f"ear.{side}"] = level[np.argsort(-sign * level[:, 0])[:8]].mean(0)
    return found


def point_arrays(
    model: MorphableModel, pictures: list[PosedPicture], seen: list[BodyLandmarks]
) -> dict[str, np.ndarray]:
    """The arrays of `MorphableModel.extra` for what a finder saw in pictures."""
    t = model.template
    vertices, weights = (np.zeros((len(BODY_POINTS), 2 * CANDIDATES)) for _ in range(2))
    guesses = first_guesses(model)
    for name in (name for name in guesses if not name.endswith(".R")):
        other = name[:-2] + ".R" if name.endswith(".L") else name
        rows = _candidates(t, guesses[name], name)
        twins = np.array([np.linalg.norm(t - t[row] * [-1, 1, 1], axis=1).argmin() for row in rows])
        sides = [
            _regressed(which, BODY_POINTS.index(point), pictures, seen)
            for which, point in ((rows, name), (twins, other))
        ]
        both = np.mean(sides, axis=0) if other != name else sides[0]
        for point, which in ((name, rows), (other, twins)):
            p, count = BODY_POINTS.index(point), len(which)
            if other == name:  # in the middle: half of it on either side
                vertices[p, : 2 * count], weights[p, : 2 * count] = np.r_[rows, twins], np.r_[both, both] / 2
            else:
                vertices[p, :count], weights[p, :count] = which, both
        print(f"{name:12} {np.round(both @ t[rows] - guesses[name], 3)} m from the first guess")
    used = int(weights.any(0).nonzero()[0].max()) + 1
    return {VERTICES: vertices[:, :used].astype(np.int32), WEIGHTS: weights[:, :used].astype(np.float32)}


def _regressed(rows: np.ndarray, point: int, pictures: list[PosedPicture], seen: list[BodyLandmarks]) -> np.ndarray:
    """(n,) weights, sum 1, of vertices: x · (away − z) = distance · x' is linear in them."""
    lines, wanted = [], []
    for one, body in zip(pictures, seen, strict=True):
        if body.seen[point] < SEEN:
            continue
        camera = one.camera
        away = camera.distance * camera.frame
        near = (one.vertices[rows] - np.array(camera.target)) @ camera.axes.T
        x, y = body.points[point] / SIZE - 0.5 + np.array(camera.centre) * [-1, 1]
        for offset, value in ((0, x), (1, -y)):
            lines.append((camera.distance * near[:, offset] + value * near[:, 2]) / away * camera.frame)
            wanted.append(value * camera.frame)
    a, b = np.array(lines), np.array(wanted)
    even, trust, noise = np.full(len(rows), 1 / len(rows)), np.ones(len(a)), 0.02
    hold = (RIDGE * len(rows)) ** 2
    for _ in range(8):
        matrix = (a * trust[:, None]).T @ a / noise**2 + hold * np.eye(len(rows)) + 1e8
        found = np.linalg.solve(matrix, (a * trust[:, None]).T @ b / noise**2 + hold * even + 1e8)
        off = a @ found - b
        trust = 1 / (1 + (off / (2.5 * noise)) ** 2)
        noise = max(0.005, 1.48 * float(np.median(np.abs(off))))
    return np.asarray(found / found.sum())


def _candidates(t: np.ndarray, guess: np.ndarray, name: str) -> np.ndarray:
    """Vertices around a point, spread evenly: each the farthest from those before."""
    off = np.linalg.norm(t - guess, axis=1)
    rows = np.flatnonzero(off < REACH.get(name.split(".")[0].split("_")[0], _LIMB))
    if name.endswith(".L"):
        rows = rows[t[rows, 0] > -0.02]
    chosen = [int(off[rows].argmin())]
    apart = np.linalg.norm(t[rows] - t[rows[chosen[0]]], axis=1)
    while len(chosen) < min(CANDIDATES, len(rows)):
        chosen.append(int(apart.argmax()))
        apart = np.minimum(apart, np.linalg.norm(t[rows] - t[rows[chosen[-1]]], axis=1))
    return rows[chosen]


def _vertices(model: MorphableModel, region: str) -> np.ndarray:
    return np.unique(model.corner_vertices[np.repeat(model.regions[region], np.diff(model.face_offsets))])


def _without(model: MorphableModel) -> dict[str, np.ndarray]:
    return {name: array for name, array in model.extra.items() if not name.startswith("body_points/")}


def main() -> None:
    """Render, look, regress, and write the points into each model; all share one topology."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", type=Path, default=sorted(MODELS.glob("anny-body-*.model.npz")))
    parser.add_argument("--count", type=int, default=360)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    body = load_model("anny-body-neutral")
    pictures, seen = [], []
    for one in posed_pictures(body, options.count, options.seed):
        left, top, right, bottom = one.box
        region = Region((left + right) / 2, (top + bottom) / 2, 1.25 * max(right - left, bottom - top))
        person = read_person(one.picture, region)
        if person is not None:
            pictures.append(one)
            seen.append(person.landmarks)
    arrays = point_arrays(body, pictures, seen)
    for path in options.models:
        model = MorphableModel.load(path)
        changed = dataclasses.replace(model, extra=_without(model) | arrays)
        if changed.checksum != model.checksum:
            raise AssertionError(f"{path}: the points must not change the shapes")
        changed.save(path)
        print(f"{path.name}: {len(pictures)} of {options.count} pictures, {int((arrays[WEIGHTS].any(1)).sum())} points")


if __name__ == "__main__":
    main()
