"""Pictures for the pages: whole, or the part of a window that a page shows, and small."""

from pathlib import Path

from PIL import Image

from semantify_blender.core.files.writing import write_aside, write_text

PARTS = {"own_keys.png": (320, 82, 1026, 720)}
"""Picture -> left, top, right, bottom of what it shows of a screenshot."""


def save_small(made: Path, path: Path) -> None:
    """Write a picture where a page has it; sheets in 256 colours."""
    if made.suffix == ".svg":
        write_text(path, made.read_text(encoding="utf-8"))
        return
    with Image.open(made) as opened:
        picture = opened.convert("RGB")
    if path.name in PARTS:
        picture = picture.crop(PARTS[path.name])
    if not path.name.endswith("panel.png"):  # smooth greys, which would show steps
        picture = picture.quantize(256, dither=Image.Dither.NONE)
    with write_aside(path) as aside, open(aside, "wb") as file:
        picture.save(file, "png", optimize=True)
