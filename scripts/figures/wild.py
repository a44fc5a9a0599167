"""What encoders are trained on, to look at: figures of each subject in look wild as training has them.

python scripts/figures/wild.py OUT.png          # needs bpy and torch
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.library import load_model
from semantify_blender.rendering.dataset import render_samples
from semantify_blender.rendering.shape_sources import coefficients_source
from semantify_blender.training.fitter.variation import Variation
from semantify_blender.training.fitter.wild_pictures import cut_dataset

ROWS = {"anny-body-neutral": 3, "anny-face-shape": 1, "quadruped": 1}
"""Model -> rows of pictures."""
COLUMNS, SIZE, SEED = 12, 128, 3


def main() -> None:
    """Render, vary, lay out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    lines = [line for name, count in ROWS.items() for line in _rows(name, count)]
    Image.fromarray(np.concatenate(lines)).save(options.out)


def _rows(name: str, count: int) -> list[np.ndarray]:
    """Each (SIZE, COLUMNS · SIZE, 3) uint8."""
    model = load_model(name)
    with tempfile.TemporaryDirectory() as folder:
        spec = DatasetSpec.of(model, samples=count * COLUMNS // 2, look="wild", size=192, engine_samples=8, seed=SEED)
        render_samples(spec, model, coefficients_source(spec, model), folder)
        cuts = cut_dataset(Dataset.open(folder), SIZE)
    pictures = Variation(SIZE, SEED, pool=200)(cuts).pictures.permute(0, 2, 3, 1).numpy()
    pixels = np.rint(255 * pictures).astype(np.uint8).reshape(count, COLUMNS, SIZE, SIZE, 3)
    return [np.concatenate(list(row), 1) for row in pixels]


if __name__ == "__main__":
    main()
