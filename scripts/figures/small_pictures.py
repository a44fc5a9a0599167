"""Pictures for the pages: small files."""

from pathlib import Path

from PIL import Image

from semantify_blender.core.files.writing import write_aside, write_text


def save_small(made: Path, path: Path) -> None:
    """Write a picture where a page has it: charts and screenshots as they are; renders, whose shades show steps in
    few colours, as JPEG where the page's name ends so.
    """
    if made.suffix == ".svg":
        write_text(path, made.read_text(encoding="utf-8"))
        return
    with Image.open(made) as opened:
        picture = opened.convert("RGB")
    with write_aside(path) as aside, open(aside, "wb") as file:
        if path.suffix == ".jpg":
            # words stand in sheets: full colour resolution, lest their edges fray
            picture.save(file, "jpeg", quality=88, subsampling=0, optimize=True)
        else:
            picture.save(file, "png", optimize=True)
