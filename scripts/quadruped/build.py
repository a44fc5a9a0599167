"""Build the embedded four-legged animal: principal components of animals sculpted by proportion, free of licence.

    python scripts/quadruped/build.py [--out semantify_blender/data/models] [--table FILE.md]

Prints the variance held, the reconstruction error on held-out animals, and each prototype's own error and trait.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.quadruped.population import Population
from scripts.quadruped.species import SPECIES
from scripts.repository import MODELS
from semantify_blender.core.model.measurements import measure, project, quadratic_terms
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel

FRAME_HEIGHT = 2.05
"""Metres; holds the longest of the prototypes in the side view and the tallest in the front view."""


def build(population: Population, components: int, train: int) -> tuple[MorphableModel, float]:
    """The model, and the share of the sampled variance that its components hold."""
    animals, shares = population.draw(train)
    template = animals.mean(0, dtype=np.float64)
    offsets = (animals - template).reshape(train, -1).astype(np.float64)
    # fewer animals than coordinates: the small Gram matrix has the same spectrum
    spectrum, left = np.linalg.eigh(offsets @ offsets.T / train)
    spectrum, left = spectrum[::-1][:components], left[:, ::-1][:, :components]
    deviations = np.sqrt(spectrum)
    axes = offsets.T @ left / (deviations * np.sqrt(train))
    # the sign of a component is arbitrary; make its largest entry positive so that a rebuild gives the same file
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(components)])
    coefficients = offsets @ axes / deviations
    terms = quadratic_terms(coefficients)
    traits = Ridge(1e-3 * train, fit_intercept=False, solver="cholesky").fit(terms, shares).coef_.T
    skin = population.skin
    extra = {f"trait/{animal}": traits[:, i].astype(np.float32) for i, animal in enumerate(SPECIES)}
    extra |= {f"landmark/{name}": np.array([skin.number(vertex)]) for name, vertex in population.cage.landmarks.items()}
    model = MorphableModel(
        name="quadruped",
        template=template.astype(np.float32),
        basis=(axes * deviations).T.reshape(components, -1, 3).astype(np.float16).astype(np.float32),
        standard_deviations=deviations.astype(np.float32),
        corner_vertices=skin.faces.ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(skin.faces) + 1)).astype(np.int32),
        regions={name: skin.face_regions == name for name in sorted(set(skin.face_regions.tolist()))},
        extra=extra,
        population=coefficients.astype(np.float16),
        metadata={
            "family": "quadruped",
            "units": "metres; every animal's trunk, shoulder to buttock, is 1 m long",
            "origin": "on the floor below the middle of the trunk",
            "framing": {"height": FRAME_HEIGHT, "floor": True, "turn": 55.0},
            "views": ["az:35", "side"],
            "licence": "CC0-1.0, made by this project",
            "source": f"scripts/quadruped/build.py, {train} animals",
        },
    )
    return model, float(spectrum.sum() / (offsets**2).sum() * train)


def figures(model: MorphableModel, held: float, population: Population, count: int) -> str:
    """Markdown: variance held, errors in mm on animals not trained on, each prototype's error and traits."""
    animals, shares = population.draw(count)
    coefficients = project(model, animals)
    errors = np.linalg.norm(animals - model.vertices(coefficients), axis=2) * 1000
    mean_errors = np.linalg.norm(animals - model.template, axis=2) * 1000
    found = measure(model, animals, coefficients)
    spread = model.standard_deviations.astype(np.float64) ** 2
    rows = [
        ("vertices, faces", f"{model.vertex_count}, {model.face_count}"),
        ("variance held", f"{held:.4f}"),
        ("first component", f"{held * spread[0] / spread.sum():.3f}"),
        ("error mm (mean, p95)", f"{errors.mean():.2f}, {np.percentile(errors, 95):.2f}"),
        ("mean shape mm", f"{mean_errors.mean():.1f}"),
        ("outside 2 sd", f"{(np.abs(coefficients) > 2).mean():.3f}"),
    ]
    for i, animal in enumerate(SPECIES):
        residual = ((found[animal] - shares[:, i]) ** 2).mean() / shares[:, i].var()
        rows.append((f"R² {animal} share", f"{1 - residual:.3f}"))
    lines = ["| | quadruped |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows), ""]
    lines += ["| prototype | error mm (mean, p95) | largest coefficient | " + " | ".join(SPECIES) + " |"]
    lines += ["|---" * (3 + len(SPECIES)) + "|"]
    exact = project(model, population.prototypes)
    traits = measure(model, population.prototypes, exact)
    distance = np.linalg.norm(population.prototypes - model.vertices(exact), axis=2) * 1000
    for i, animal in enumerate(SPECIES):
        cells = [animal, f"{distance[i].mean():.2f}, {np.percentile(distance[i], 95):.2f}"]
        cells += [f"{np.abs(exact[i]).max():.2f} sd", *(f"{traits[other][i]:.2f}" for other in SPECIES)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Build, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--components", type=int, default=10)
    parser.add_argument("--pool", type=int, default=150, help="varied animals sculpted for each species")
    parser.add_argument("--train", type=int, default=1500)
    parser.add_argument("--held-out", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", type=Path, default=None, help="also write the table to this Markdown file")
    options = parser.parse_args()
    population = Population(options.pool, options.seed)
    model, held = build(population, options.components, options.train)
    path = options.out / f"{model.name}{SUFFIX}"
    model.save(path)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    text = figures(model, held, Population(options.pool // 3, options.seed + 1), options.held_out)
    print(text)
    if options.table:
        options.table.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
