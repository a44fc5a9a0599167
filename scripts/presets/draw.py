"""Draw the pictures of the presets that are shipped, as Save Preset draws them, and all of them on one sheet.

    python scripts/presets/draw.py --sheet out/presets.png

Each preset of semantify_blender/data/presets is loaded onto a new character of its mapper, so that a word which that
mapper lacks, or clothes that its model lacks, end this with an error.
"""

import argparse
import io
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import bpy
import numpy as np
from PIL import Image

import semantify_blender
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.library import DATA
from semantify_blender.core.pictures.png import save_png
from semantify_blender.core.presets.preset import BODY, SUFFIX, Preset
from semantify_blender.core.presets.shelf import PICTURE

FOLDER = DATA / "presets"
PAPER = 0.24
"""Grey of the sheet, about that of Blender's panels."""
ACROSS = 8
STEP = 4
"""Of the 256 levels of a colour: nobody sees it, and the add-on's zip is a tenth of a megabyte smaller."""


def draw(path: Path) -> bytes:
    """The picture of one preset. Raises ValueError when something of it cannot be shown."""
    from semantify_blender.addon.character import looks, portraits

    preset = Preset.load(path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.semantify.add_character(mapper=preset.mapper)
    mesh = bpy.context.view_layer.objects.active.data
    left_out = looks.put(mesh, preset)
    if left_out or path.stem != preset.name:
        raise ValueError(f"{path}: {left_out or 'the file and the preset have different names'}")
    picture = portraits.picture_of(mesh, head=BODY not in looks.parts(mesh))
    if picture is None:
        raise ValueError("this Blender has no Cycles")
    return picture


def coarse(data: bytes) -> bytes:
    """The PNG with every STEP-th level of each colour, and nothing where it is clear: two thirds of its size."""
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA")).astype(int)
    pixels[..., :3] = np.clip((pixels[..., :3] + STEP // 2) // STEP * STEP, 0, 255)
    pixels[pixels[..., 3] == 0] = 0
    held = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(held, "PNG", optimize=True)
    return held.getvalue()


def pixels_of(data: bytes) -> np.ndarray:
    """(H, W, 4) float32 of a PNG, 0..1, the top row first."""
    image = bpy.data.images.new("picture", 1, 1)
    image.pack(data=data, data_len=len(data))
    image.source = "FILE"
    width, height = image.size
    values = np.array(image.pixels[:], np.float32).reshape(height, width, 4)[::-1]
    bpy.data.images.remove(image)
    return values


def sheet(pictures: list[bytes]) -> np.ndarray:
    """(H, W, 3) uint8 of all pictures on grey paper, ACROSS in a row."""
    tiles = [pixels_of(data) for data in pictures]
    tiles = [tile[..., :3] * tile[..., 3:] + PAPER * (1 - tile[..., 3:]) for tile in tiles]
    tiles += [np.full_like(tiles[0], PAPER)] * (-len(tiles) % ACROSS)
    rows = [np.concatenate(tiles[first : first + ACROSS], 1) for first in range(0, len(tiles), ACROSS)]
    return (np.concatenate(rows) * 255 + 0.5).clip(0, 255).astype(np.uint8)


def main() -> None:
    """Draw them all, or those that are named."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the shipped presets.")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--sheet", type=Path, help="all pictures on one sheet")
    options = parser.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    paths = sorted(FOLDER.glob(f"*{SUFFIX}"))
    for path in paths:
        if not options.names or path.stem in options.names:
            picture = draw(path)
            with write_aside(path.with_suffix(PICTURE)) as aside:
                aside.write_bytes(coarse(picture))
    if options.sheet:
        options.sheet.parent.mkdir(parents=True, exist_ok=True)
        order = sorted(paths, key=lambda path: (Preset.load(path).subject, *Preset.load(path).sliders, path.name))
        save_png(options.sheet, sheet([path.with_suffix(PICTURE).read_bytes() for path in order]))
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(paths)} presets, {total / 1000:.0f} kB")
    sys.stdout.flush()
    os._exit(0)  # Blender as a module may wait for ever when it ends


if __name__ == "__main__":
    main()
