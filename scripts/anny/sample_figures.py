"""Draw bodies or faces from Anny itself, to train and to test the fit to pictures on shapes that no model made.

    python scripts/anny/sample_figures.py body OUT_PREFIX --count 2500 --seed 41       # needs the package anny
    python scripts/anny/sample_figures.py face OUT_PREFIX --count 4000 --seed 51

Writes OUT_PREFIX.shapes.npy (N, V, 3) float16 metres, for `semantify render --shapes`, and OUT_PREFIX.targets.npz: for
each embedded model of that topology, the coefficients (N, K) that come nearest. A face has a shape and an expression at
once; each of its two models has to tell its own part. --truth adds `NAME/vertices`, what each model should give.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import project

AT_REST = 0.25
"""Share of the faces without any expression."""


def bodies(count: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Shapes (N, V, 3) centred, and what each body model should give: name -> vertices (N, V, 3)."""
    from scripts.anny.body import BodySource

    found = BodySource().sample(count, "neutral", seed)
    shapes = found.vertices - found.vertices.mean(1, keepdims=True)
    woman = (found.traits["gender"] > 0.5)[:, None, None]
    # each model has its own half: the other one's rows are NaN, and no fitter learns them
    return shapes, {
        "anny-body-neutral": shapes,
        "anny-body-male": np.where(woman, np.nan, shapes).astype(np.float32),
        "anny-body-female": np.where(woman, shapes, np.nan).astype(np.float32),
    }


def faces(count: int, seed: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The same for heads: shapes with expressions, the shapes at rest, the expressions on the mean face."""
    from scripts.anny import facs
    from scripts.anny.build_faces import actions
    from scripts.anny.face import HeadSource
    from scripts.anny.face_shapes import sample

    source = HeadSource()
    rest = sample(source, count, seed).vertices
    rest -= rest.mean(1, keepdims=True)
    drawn = facs.draw(count, seed)
    drawn[np.random.default_rng([seed, 12]).random(count) < AT_REST] = 0.0
    deltas = actions(source)[:, : rest.shape[1]]  # without teeth and lashes, which follow the skin
    moved = np.stack([np.tensordot(row.astype(np.float32), deltas, 1) for row in drawn]).astype(np.float32)
    template = load_model("anny-face-expression").template
    return rest + moved, {"anny-face-shape": rest, "anny-face-expression": template + moved}


def main() -> None:
    """Sample, project, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subject", choices=("body", "face"))
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--count", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--truth", action="store_true", help="also write what each model should give")
    options = parser.parse_args()
    shapes, truth = (bodies if options.subject == "body" else faces)(options.count, options.seed)
    targets = {}
    for name, vertices in truth.items():
        model = load_model(name)
        # a displacement keeps its place; a whole shape is compared centroid on centroid
        shift = 0.0 if name.endswith("expression") else model.template.mean(0) - vertices.mean(1, keepdims=True)
        targets[name] = np.concatenate([project(model, part + move) for part, move in _parts(vertices, shift)]).astype(
            np.float32
        )
        if options.truth:
            targets[f"{name}/vertices"] = vertices.astype(np.float16)
    for suffix in (".shapes.npy", ".targets.npz"):
        path = options.prefix.with_name(options.prefix.name + suffix)
        with write_aside(path) as aside, open(aside, "wb") as file:
            if suffix == ".shapes.npy":
                np.save(file, shapes.astype(np.float16))
            else:
                np.savez(file, **targets)
        print(path)


def _parts(vertices: np.ndarray, shift: np.ndarray | float) -> list[tuple[np.ndarray, np.ndarray | float]]:
    rows = [slice(start, start + 250) for start in range(0, len(vertices), 250)]
    return [(vertices[part], shift if isinstance(shift, float) else shift[part]) for part in rows]


if __name__ == "__main__":
    main()
