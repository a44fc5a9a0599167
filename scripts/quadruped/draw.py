"""Draw the four-legged model: its seven prototypes as its components hold them, then shapes drawn from its population.

python scripts/quadruped/draw.py quadruped.png [--size 192] [--seed 5]      # needs bpy and Pillow
"""

import argparse
import io
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.quadruped.population import Population
from scripts.quadruped.species import SPECIES
from semantify_blender.cli.rendering import leave
from semantify_blender.core.library import load_model
from semantify_blender.core.looks.coats import COATS
from semantify_blender.core.looks.look import PLAIN
from semantify_blender.core.model.measurements import project
from semantify_blender.core.palette import PALETTE
from semantify_blender.rendering.stage.scene import Stage

VIEWS = (0.0, 90.0, 45.0)
WEAR = dict(zip(SPECIES, ("slate", "grey", "bay", "red and white", "tawny", "ginger", "black and tan"), strict=True))
"""Coats that suit them; no coefficient knows of coats."""


def main() -> None:
    """Render and write the sheet: a column an animal, a row a view; below, random shapes from the side and ahead."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--model", default="quadruped", help="name of a model, or its file")
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    model, size = load_model(options.model), options.size
    prototypes = project(model, Population(1, 0).prototypes)
    columns = len(SPECIES)
    assert model.people is not None
    drawn = [model.people.draw(np.random.default_rng([options.seed, i])) for i in range(columns)]
    sheet = Image.new("RGB", (columns * size, 5 * size), "white")
    with Stage(model, size, engine_samples=8, image_format="png") as stage:
        for column in range(columns):
            views = [(prototypes[column], azimuth) for azimuth in VIEWS]
            views += [(drawn[column], azimuth) for azimuth in VIEWS[1:]]
            for row, (coefficients, azimuth) in enumerate(views):
                stage.shape(stage.framing.place(model.vertices(coefficients)))
                stage.aim(azimuth, replace(PLAIN, palette=PALETTE | COATS[WEAR[SPECIES[column]]]))
                picture = Image.open(io.BytesIO(stage.render()))
                name = SPECIES[column] if row == 0 else f"drawn {column + 1}" if row == len(VIEWS) else ""
                ImageDraw.Draw(picture).text((6, 4), name, fill=(40, 40, 40))
                sheet.paste(picture, (column * size, row * size))
    sheet.save(options.out, optimize=True)
    print(f"{options.out}: {options.out.stat().st_size / 1e3:.0f} kB", flush=True)
    leave(0)  # some bpy builds hang in their own exit code


if __name__ == "__main__":
    main()
