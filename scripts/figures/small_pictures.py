"""Pictures for the pages: small files."""

from pathlib import Path

from PIL import Image

from semantify_blender.core.files.writing import write_aside, write_text


def save_small(made: Path, path: Path) -> None:
    """Write a picture where a page has it: screenshots as they are, all others in 256 colours."""
    if made.suffix == ".svg":
        write_text(path, made.read_text(encoding="utf-8"))
        return
    with Image.open(made) as opened:
        picture = opened.convert("RGB")
    if not path.name.endswith("panel.png"):  # smooth greys, which would show steps
        picture = picture.quantize(256, dither=Image.Dither.NONE)
    with write_aside(path) as aside, open(aside, "wb") as file:
        picture.save(file, "png", optimize=True)
