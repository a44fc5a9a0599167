"""Draw animals (prototypes varied, and blends of two) and write them as coefficients of the four-legged model.

    python scripts/quadruped/sample.py OUT.npy --count 3000 --seed 1 [--blended 0.5] [--model quadruped]

Writes OUT.npy (N, K) float32 for the renderer's `--coefficients`, and OUT.traits.npz: name -> (N,) share of the animal.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.quadruped.population import Population
from scripts.quadruped.species import SPECIES
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import project


def main() -> None:
    """Sample, project, save; prints how well the model holds the animals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blended", type=float, default=0.5, help="share of blends of two species among the animals")
    parser.add_argument("--pool", type=int, default=100, help="varied animals sculpted for each species")
    parser.add_argument("--model", default="quadruped", help="name of a model, or its file")
    options = parser.parse_args()
    model = load_model(options.model)
    population = Population(options.pool, options.seed)
    coefficients, shares, errors = [], [], []
    for start in range(0, options.count, 500):  # 500 animals are 45 MB of vertices
        animals, drawn = population.draw(min(500, options.count - start), options.blended)
        coefficients.append(project(model, animals).astype(np.float32))
        errors.append(np.linalg.norm(model.vertices(coefficients[-1]) - animals, axis=2).mean(1))
        shares.append(drawn)
    path = options.out.with_suffix(".npy")
    with write_aside(path) as aside, open(aside, "wb") as file:
        np.save(file, np.concatenate(coefficients))
    columns = dict(zip(SPECIES, np.concatenate(shares).T.astype(np.float32), strict=True))
    with write_aside(path.with_suffix(".traits.npz")) as aside, open(aside, "wb") as file:
        np.savez(file, **columns)
    error = np.concatenate(errors).mean() * 1000
    print(f"{path}: {options.count} animals, {error:.1f} mm from the model's nearest shape")


if __name__ == "__main__":
    main()
