"""Give face models the places of the 468 points that a finder reads off a face, and how far to trust them.

    python scripts/faces/make.py [SHAPES.model.npz EXPRESSIONS.model.npz] [--pictures 600]

Needs bpy, which renders the heads, and npm, which fetches the mean face. One model of heads will do; of two, on one
mesh, the first has the shapes, and each then knows of the other. By default the embedded models. Shapes, and so the
checksums by which mappers and fitters know their models, stay as they are. What is written: core/model/face_points.py.
"""

import argparse
import dataclasses
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.faces.people import LIPS, beside, differences, mean_face
from scripts.faces.places import places
from scripts.faces.rendered import rendered_heads
from scripts.faces.response import response
from scripts.repository import MODELS
from semantify_blender.core.fitting.face_fit import ranges_of
from semantify_blender.core.model.face_points import PREFIX
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel

SPREAD = 64
"""Directions in which points stray together that are kept."""
TRUST = 0.004, 0.002
"""Metres: what each point is thought to be off by itself at least, elsewhere and on the lips, which are drawn sharply.
Without it fine patterns of many points, learnt on renders, decide on photographs."""
DOUBT = 0.6
"""How far the mean face's distance from the model's is doubted, of itself."""


def main() -> None:
    """Render, find, place, regress, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", type=Path, nargs="*")
    parser.add_argument("--pictures", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    paths = options.models or [MODELS / f"anny-face-{part}{SUFFIX}" for part in ("shape", "expression")]
    if len(paths) > 2:
        parser.error("give one model of heads, or two on one mesh")
    models = tuple(MorphableModel.load(path) for path in paths)
    if any(not np.array_equal(model.corner_vertices, models[0].corner_vertices) for model in models[1:]):
        parser.error(f"{paths[1].name} is not on the mesh of {paths[0].name}")
    seen = list(rendered_heads(models, options.pictures, options.seed, _tell))
    print(f"\na face was seen in {len(seen)} of {options.pictures} pictures")
    for path, model, arrays in zip(paths, models, arrays_of(models, seen), strict=True):
        changed = dataclasses.replace(model, extra=model.extra | {PREFIX + name: one for name, one in arrays.items()})
        if changed.checksum != model.checksum:
            raise AssertionError(f"{path}: points must not change the shapes")
        changed.save(path)
        print(f"{path.name}: deviations of {1000 * arrays['deviation'].mean():.1f} mm")


def arrays_of(models: tuple[MorphableModel, ...], seen: list) -> list[dict[str, np.ndarray]]:
    """For each model the arrays of `FacePoints`."""
    vertices, weights = places(seen, models[0].triangles)

    def on(values: np.ndarray) -> np.ndarray:
        return np.einsum("...pcd,pc->...pd", values[..., vertices, :].astype(np.float64), weights)

    answer = response(seen, vertices, weights)
    template, first = on(models[0].template), len(models[0].basis)
    corners = models[0].template[vertices]
    facing = -np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 1]
    with tempfile.TemporaryDirectory() as folder:
        people = beside(mean_face(Path(folder)), template, on(models[0].basis), facing > 0)
    left = answer.left.reshape(len(answer.left), -1)
    covariance = left.T @ left / len(left) + differences(template) + DOUBT**2 * np.outer(people, people)
    values, directions = np.linalg.eigh(covariance)
    spread = (directions[:, -SPREAD:] * np.sqrt(values[-SPREAD:])).T[::-1].reshape(SPREAD, -1, 3)
    alone = (np.diag(covariance).reshape(-1, 3) - (spread**2).sum(0))[:, [0, 2]].mean(1).clip(0)
    floor = np.full(len(alone), TRUST[0])
    floor[LIPS] = TRUST[1]
    moves = np.concatenate([on(model.basis) for model in models]) + answer.slopes
    parts = [moves[:first], moves[first:]]
    found = []
    for number, model in enumerate(models):
        other = 1 - number if len(models) > 1 else None
        arrays = {
            "weights": weights,
            "rest": answer.rest + people + template - on(model.template),
            "own_basis": parts[number],
            "other_basis": np.zeros((0, len(alone), 3)) if other is None else parts[other],
            "other_ranges": np.zeros((0, 2)) if other is None else ranges_of(models[other]),
            "turned": answer.turned,
            "spread": spread,
            "deviation": np.sqrt(alone + floor**2),
        }
        kept = {name: np.ascontiguousarray(one, np.float16) for name, one in arrays.items()}
        found.append({"vertices": vertices.astype(np.uint32 if vertices.max() > 65535 else np.uint16)} | kept)
    return found


def _tell(number: int) -> None:
    print(f"\r{number + 1}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # bpy does not always end by itself
