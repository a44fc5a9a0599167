"""A sheet of photographs to look at: picture, what was found in it, the fitted outline, the refined one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ...core.files.writing import write_aside
from ...core.pictures.marked import marked
from ...core.pictures.resize import average
from ...core.pictures.strokes import draw_outline
from .photographs import Photograph, Seen

CELL, _TEXT, _COLUMNS = 224, 30, 2
_FITTED = (255, 60, 60)


def save_sheet(path: Path, found: Sequence[Photograph]) -> None:
    """Write the sheet as PNG, two photographs a row."""
    width, height = 4 * CELL, CELL + _TEXT
    rows = -(-len(found) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * (width + 8), max(rows, 1) * height), "white")
    for number, one in enumerate(found):
        left, top = number % _COLUMNS * (width + 8), number // _COLUMNS * height
        for column, cell in enumerate(_cells(one)):
            sheet.paste(cell, (left + column * CELL, top))
        ImageDraw.Draw(sheet).text((left + 4, top + CELL + 2), _caption(one), fill="black")
    with write_aside(path) as aside:
        sheet.save(aside, "PNG")


def _cells(one: Photograph) -> list[Image.Image]:
    if one.picture is None:
        return []
    picture = Image.fromarray(one.picture.pixels).convert("RGB")
    picture.thumbnail((CELL, CELL))
    if one.cut is None or one.first is None:
        return [picture]
    cells = [picture, Image.fromarray(marked(one.cut, CELL)), _laid_on(one, one.first)]
    return cells if one.refined is None else [*cells, _laid_on(one, one.refined)]


def _laid_on(one: Photograph, seen: Seen) -> Image.Image:
    """The cut with the fitted shape's outline."""
    assert one.cut is not None
    size = len(one.cut.pixels)
    whole = (0.0, 0.0, float(size), float(size))
    pixels = average(one.cut.pixels, whole, (CELL, CELL))[0]
    mask = average(seen.coverage[..., None].astype(np.float32), whole, (CELL, CELL))[0][..., 0]
    draw_outline(pixels, mask, _FITTED, 2.0)
    return Image.fromarray((pixels + 0.5).clip(0, 255).astype(np.uint8))


def _caption(one: Photograph) -> str:
    if one.first is None:
        return one.refused[:150]
    last = one.refined or one.first
    words = sorted(one.labels.items())
    told = ", ".join(f"{name} {text}" for name, text in words if text and name not in ("file", "kind"))
    return f"{one.name}   IoU {one.first.iou:.2f} to {last.iou:.2f}   yaw {last.yaw:.0f}   [{told}]"
