"""The contact sheet of a fit: each picture with its crop, what the encoder saw of it, and the shape beside it."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..core.fitting.camera import ViewAngles, camera_of_cut
from ..core.mapper import Mapper
from ..core.morphable_model import MorphableModel
from ..core.posing import Rig
from .fit import Result, Seen
from .photographer import Photographer
from .progress import Progress
from .text_strips import Piece, laid_on, text_strips
from .thumbnail import PAPER, enlarged, save_png

CELL = 256
"""Side of a picture on the sheet, pixels."""
ROWS = 20
"""Pictures on one sheet; more make further sheets."""
_GAP, _LINE, _MARGIN = 14, 24, 22
_HEADINGS = ("picture, crop in red", "what the encoder saw", "fitted shape, same view", "fitted shape, front")
_FAINT = (0.40, 0.40, 0.41)
_NOTE = (0.30, 0.42, 0.52)
_WRAP = 118


def save_sheets(
    folder: Path,
    model: MorphableModel,
    mapper: Mapper,
    results: Sequence[Result],
    progress: Progress,
    samples: int = 16,
) -> list[Path]:
    """Write sheet.png, sheet-2.png, … into a folder: one row a picture. Takes over Blender's current scene.

    samples: per pixel. Raises SemantifyError when a sheet cannot be written.
    """
    rows = [(result, seen) for result in results for seen in result.seen]
    paths = []
    with Photographer(model, CELL, samples) as photographer:
        pictures = []
        for done, (result, seen) in enumerate(rows):
            pictures.append(_pictures(photographer, model, result, seen))
            progress.advance(done + 1, len(rows))
    for number, start in enumerate(range(0, len(rows), ROWS)):
        path = folder / ("sheet.png" if number == 0 else f"sheet-{number + 1}.png")
        part = slice(start, start + ROWS)
        save_png(path, _sheet(rows[part], pictures[part], mapper))
        paths.append(path)
    return paths


def _pictures(photographer: Photographer, model: MorphableModel, result: Result, seen: Seen) -> list[np.ndarray]:
    vertices = model.vertices(result.fit.coefficients)
    front = camera_of_cut(vertices, ViewAngles())
    rig = Rig.of(model) if seen.limbs else None
    posed = rig.pose(vertices, seen.limbs) if rig else vertices
    small = seen.small if seen.small is not None else np.full((CELL, CELL, 3), PAPER, np.uint8)
    return [
        enlarged(small, CELL) if len(small) != CELL else small,
        enlarged(seen.cut.pixels, CELL),
        photographer(posed, seen.camera),
        photographer(vertices, front),
    ]


def _sheet(rows: Sequence[tuple[Result, Seen]], pictures: Sequence[list[np.ndarray]], mapper: Mapper) -> np.ndarray:
    """(H, W, 3) uint8."""
    width = 2 * _MARGIN + len(_HEADINGS) * CELL + (len(_HEADINGS) - 1) * _GAP
    columns = [_MARGIN + i * (CELL + _GAP) for i in range(len(_HEADINGS))]
    captions = [_caption(result, seen, mapper) for result, seen in rows]
    lines = [[Piece(text, x, 15, _FAINT) for text, x in zip(_HEADINGS, columns, strict=True)]]
    lines += [line for caption in captions for line in caption]
    strips = iter(text_strips(lines, width, _LINE))
    height = 2 * _MARGIN + _LINE + sum(CELL + _LINE * len(caption) + _GAP for caption in captions)
    sheet = np.empty((height, width, 3), np.uint8)
    sheet[:] = PAPER
    laid_on(sheet, next(strips), 0, _MARGIN - 8)
    y = _MARGIN + _LINE
    for caption, cells in zip(captions, pictures, strict=True):
        for x, cell in zip(columns, cells, strict=True):
            sheet[y : y + CELL, x : x + CELL] = cell
        y += CELL
        for _ in caption:
            laid_on(sheet, next(strips), 0, y)
            y += _LINE
        y += _GAP
    return sheet


def _caption(result: Result, seen: Seen, mapper: Mapper) -> list[list[Piece]]:
    """A first line with the name and the figures, then the sliders, then what is to be noted."""
    known = bool(result.fit.views or result.measure)
    facts = [f"seen from {seen.camera.yaw:+.0f}°".replace("-", "−")] if known else []
    facts += [] if result.height is None else [f"{result.height:.2f} m"]
    if result.measure:
        facts.append(f"refined {result.measure[0]:.3f} → {result.measure[1]:.3f}")
    if len(result.seen) > 1:
        facts.append(f"one subject of {len(result.seen)} pictures")
    name = seen.path.name if len(seen.path.name) <= 60 else f"{seen.path.name[:36]}…{seen.path.name[-22:]}"
    words = [
        f"{word} {value:+.2f}".replace("-", "−")
        for word, value in zip(mapper.descriptors, result.fit.sliders.tolist(), strict=True)
    ]
    lines = [[Piece(f"{name}    {' · '.join(facts)}", _MARGIN, 16)]]
    lines += [[Piece(text, _MARGIN, 15, _FAINT)] for text in textwrap.wrap(" · ".join(words), _WRAP)]
    for note in seen.cut.notes:
        lines += [[Piece(text, _MARGIN, 15, _NOTE)] for text in textwrap.wrap(note, _WRAP)]
    return lines
