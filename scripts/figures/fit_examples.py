"""Draw the best, the median and the worst fit of `semantify evaluate --image-to-shape`: picture, crop, result.

    python scripts/figures/fit_examples.py out/models/figures/body/fits out/models/figures/body/fit_bodies.png

One picture of each, cut out, refined, the height known, by `semantify fit` again.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.figures.fits import KNOWN, cell_of
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.files.json_text import read_json
from semantify_blender.core.files.writing import write_aside
from semantify_blender.training.fitter.image_to_shape import FIGURES, REFINED

SHEET = "sheet.png"


def chosen(errors: list[float]) -> dict[str, int]:
    """Name -> number of the best, median and worst."""
    order = np.argsort(errors, kind="stable")
    return {"best": int(order[0]), "median": int(order[len(order) // 2]), "worst": int(order[-1])}


def main() -> None:
    """Fit the three, put their sheets below each other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fits", type=Path, help="the --out folder of the evaluation")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    figures = read_json(options.fits / FIGURES, "measure again: semantify evaluate --image-to-shape")
    cell = cell_of(figures, "alpha", REFINED, 1, KNOWN)
    if cell is None:
        sys.exit(f"{options.fits}: no refined fits with the height known: measure without --no-refine")
    pictures = [
        data
        for name in figures["datasets"]
        for i, (_, _, data) in enumerate(Dataset.open(options.fits / name).images())
        if i % 2 == 0  # the first of each subject's two views
    ]
    shapes = np.concatenate([np.load(options.fits / f"{name}.shapes.npy") for name in figures["datasets"]])
    with tempfile.TemporaryDirectory() as folder:
        sheets = []
        for name, number in chosen(cell["each"]).items():
            picture = Path(folder) / f"{name}.png"
            picture.write_bytes(pictures[number])
            out = Path(folder) / name
            command = [
                str(Path(sys.executable).with_name("semantify")),
                "fit",
                str(picture),
                "--mapper",
                figures["model"],
            ]
            command += ["--height", f"{np.ptp(shapes[number][:, 2]):.3f}", "--refine", "--out", str(out)]
            subprocess.run(command, check=True)
            sheets.append(Image.open(out / SHEET).convert("RGB"))
            print(f"{name}: subject {number}, {cell['each'][number]:.1f} mm")
        width = max(sheet.width for sheet in sheets)
        whole = Image.new("RGB", (width, sum(sheet.height for sheet in sheets)), "white")
        top = 0
        for sheet in sheets:
            whole.paste(sheet, (0, top))
            top += sheet.height
        with write_aside(options.out) as aside, open(aside, "wb") as file:
            whole.save(file, "png")


if __name__ == "__main__":
    main()
