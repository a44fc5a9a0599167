"""Draw Anny bodies and write them as coefficients of a body model, with the traits they were drawn with.

    python scripts/anny/sample_bodies.py MODEL.model.npz OUT_PREFIX --count 300 --seed 999

Writes OUT_PREFIX.coefficients.npy (N, K) for the renderer's --coefficients, and OUT_PREFIX.traits.npz (gender, …).
With --vertices also OUT_PREFIX.vertices.npy (N, V, 3), the bodies themselves, for `semantify study --shapes`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.body import BodySource
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.model.measurements import project
from semantify_blender.core.model.morphable_model import MorphableModel


def main() -> None:
    """Sample, project, save; prints how well the model holds the bodies."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("prefix", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=999)
    parser.add_argument("--vertices", action="store_true", help="also write the bodies' vertices, metres")
    options = parser.parse_args()
    model = MorphableModel.load(options.model)
    bodies = BodySource().sample(options.count, str(model.metadata["variant"]), options.seed)
    centred = bodies.vertices - bodies.vertices.mean(1, keepdims=True)
    coefficients = project(model, centred).astype(np.float32)
    error = np.linalg.norm(model.vertices(coefficients) - centred, axis=2).mean() * 1000
    with write_aside(options.prefix.with_suffix(".coefficients.npy")) as aside, open(aside, "wb") as file:
        np.save(file, coefficients)
    if options.vertices:
        with write_aside(options.prefix.with_suffix(".vertices.npy")) as aside, open(aside, "wb") as file:
            np.save(file, centred.astype(np.float32))
    with write_aside(options.prefix.with_suffix(".traits.npz")) as aside, open(aside, "wb") as file:
        np.savez(file, **bodies.traits)
    print(f"{options.count} bodies, {error:.2f} mm from the model's nearest shape")


if __name__ == "__main__":
    main()
