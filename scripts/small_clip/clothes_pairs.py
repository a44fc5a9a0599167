"""How much clothes count as fat: the same bodies in the same poses with and without a jacket, a coat, a skirt, fitted.

    python scripts/small_clip/clothes_pairs.py anny-body-neutral --shapes data/unseen.shapes.npy --out out/pairs

Each body stands once in sportswear and once in each of the others, cut out exactly and before a busy backdrop, where
the finder has to see it. What changes of the fitted *fat* is told as a share of its deviation among these bodies, and
how far the vertices are off. Jackets and coats are thicker and looser, their creases deeper, than most that training
had.
Writes pairs.json and pairs.png, a row for each of the first bodies.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PIL import Image

from scripts.figures.clothes import FIGURES, pairs_text
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.files.writing import make_folder, write_json
from semantify_blender.core.finders.subjects import finder_for
from semantify_blender.core.fitting.fit import Fit, fit_pictures
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.library import find, load_mapper, load_model
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.looks.layers import BARE, Layers
from semantify_blender.core.model.measurements import measure, project, quadratic_terms
from semantify_blender.core.model.random_poses import lively_pose
from semantify_blender.core.pictures.crop import Cut, cut_figure
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.rendering.shape_sources import load_shapes
from semantify_blender.rendering.stage.garments import with_garments
from semantify_blender.rendering.stage.photographer import decoded
from semantify_blender.rendering.stage.quiet import quiet
from semantify_blender.rendering.stage.scene import Stage
from semantify_blender.rendering.worn import Worn
from semantify_blender.training.fitter.picture_encoder import load_picture_encoder
from semantify_blender.training.fitter.unseen_pictures import FOUND, before

PLAIN = "sportswear"
WORN: dict[str, tuple[str, Layers]] = {
    PLAIN: ("sportswear", BARE),
    "jacket": (
        "casual",
        Layers(loose=0.7, padding=0.03, sleeves=True, opening=(0.85, 0.85, 0.8), legs=0.015, creases=0.01),
    ),
    "coat": ("dress", Layers(loose=0.8, padding=0.035, sleeves=True, flare=0.15, length=1.5, creases=0.01)),
    "skirt": ("skirt", Layers(flare=0.45, length=1.4, creases=0.003)),
}
"""What is worn, over which of the model's outfits."""
FAT = "fat"
CUT = "cut out"
SEED = 9150
SIZE, SHOWN = 256, 6


def main() -> None:
    """Render, fit, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="of model, mapper and fitter")
    parser.add_argument("--shapes", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    model, mapper = load_model(options.name), load_mapper(options.name)
    fitter, encoder = Fitter.load(find("fitters", options.name)), load_picture_encoder("small", model)
    shapes = np.array(load_shapes(options.shapes, model)[: options.count], np.float32)
    centre = model.template.mean(0)
    truth = project(model, shapes - shapes.mean(1, keepdims=True) + centre)
    true_fat = _fat(model, truth)
    heights = np.ptp(shapes[:, :, 2], axis=1)
    fits: dict[str, dict[str, list[tuple[float, float, bool] | None]]] = defaultdict(lambda: defaultdict(list))
    rows: list[list[np.ndarray]] = []
    with quiet(None):
        pictures = list(_pictures(model, shapes))
    for number, figures in enumerate(pictures):
        rows.append(list(figures.values()))
        rng = np.random.default_rng([SEED, number])
        for name, figure in figures.items():
            for kind in (CUT, FOUND):
                picture = Picture(before(figure, "alpha" if kind == CUT else kind, rng), f"{name} {number}")
                try:
                    cut: Cut = cut_figure(picture, encoder.size, None, finder_for(model))
                except SemantifyError:
                    fits[kind][name].append(None)
                    continue
                known = Known(height=float(heights[number]))
                fit = fit_pictures([cut], encoder, fitter, mapper, model, known)
                fits[kind][name].append(_compared(model, fit, shapes[number]))
        print(f"{number + 1}/{len(shapes)}", file=sys.stderr)
    figures_of = {kind: _table(by_name, float(true_fat.std()), true_fat) for kind, by_name in fits.items()}
    make_folder(options.out)
    figures = {"bodies": len(shapes), "pairs": figures_of}
    write_json(options.out / FIGURES, figures)
    sheet = np.concatenate([np.concatenate(row, 1) for row in rows[:SHOWN]])
    back = Image.new("RGBA", (sheet.shape[1], sheet.shape[0]), (228, 226, 221, 255))
    back.alpha_composite(Image.fromarray(sheet))
    back.convert("RGB").save(options.out / "pairs.png")
    print(pairs_text(figures))


def _pictures(model: Any, shapes: np.ndarray) -> Any:
    """For each shape: what is worn -> (S, S, 4) uint8, in one pose and under one look."""
    with Stage(with_garments(model), SIZE, engine_samples=4, image_format="png", transparent=True) as stage:
        worn = {outfit: Worn(stage, stage.wear(outfit)) for outfit in {outfit for outfit, _ in WORN.values()}}
        for number, shape in enumerate(shapes):
            pose = lively_pose(np.random.default_rng([SEED, number, 1]), "standing")
            look = look_of("unseen", SEED, number, 0)
            found = {}
            for name, (outfit, layers) in WORN.items():
                stage.wear(outfit)
                vertices = worn[outfit].vertices(np.zeros(model.component_count, np.float32), shape)
                shown = worn[outfit].show(worn[outfit].posed(vertices, layers, pose), layers, look)
                stage.aim(0.0, shown)
                found[name] = decoded(stage.render(seed=number))
            yield found


def _fat(model: Any, coefficients: np.ndarray) -> np.ndarray:
    """(N,) the trait *fat*, not limited to 0..1."""
    return np.asarray(quadratic_terms(coefficients) @ model.extra[f"trait/{FAT}"].astype(np.float64))


def _compared(model: Any, fit: Fit, shape: np.ndarray) -> tuple[float, float, bool]:
    """Fat, the mean distance of the vertices in mm, and whether the waist is as sure as said."""
    found = model.vertices(fit.coefficients)
    off = (found - found.mean(0)) - (shape - shape.mean(0))
    said = fit.measures["waist"]
    true = float(measure(model, shape[None])["waist girth"][0])
    inside = said.deviation is not None and abs(said.value - true) <= said.deviation
    return float(_fat(model, fit.coefficients[None])[0]), float(1000 * np.linalg.norm(off, axis=1).mean()), inside


def _table(by_name: dict[str, list[Any]], spread: float, true_fat: np.ndarray) -> dict[str, dict[str, float]]:
    rows = {}
    for name, every in by_name.items():
        both = [(one, plain) for one, plain in zip(every, by_name[PLAIN], strict=True) if one and plain]
        change = np.array([one[0] - plain[0] for one, plain in both]) / spread
        seen = [(one, fat) for one, fat in zip(every, true_fat, strict=True) if one]
        rows[name] = {
            "bodies": float(len(both)),
            "change": float(change.mean()),
            "typical change": float(np.median(np.abs(change))),
            "fat off": float(np.mean([one[0] - fat for one, fat in seen]) / spread),
            "mm": float(np.mean([one[1] for one, _ in seen])),
            "waist inside": float(np.mean([one[2] for one, _ in seen])),
        }
    return rows


if __name__ == "__main__":
    try:
        main()
    except SemantifyError as error:
        sys.exit(f"error: {error}")
