"""The contact sheet of a fit: each picture with its crop, what was cut out and found in it, and the shape beside it."""

import textwrap
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ...blender.pictures import read_picture
from ...core.errors import SemantifyError
from ...core.fitting.camera import Camera, ViewAngles, camera_of_cut
from ...core.fitting.choose import Tools
from ...core.fitting.fit import WHOLE
from ...core.fitting.sizes import size_text
from ...core.model.posing import Rig
from ...core.pictures.crop import Cut
from ...core.pictures.marked import marked
from ...core.pictures.png import save_png
from ..progress import Progress
from ..stage.photographer import Photographer
from .paper import PAPER_8_BIT
from .text_strips import Piece, laid_on, text_strips
from .thumbnail import thumbnail

CELL = 256
"""Side of a picture on the sheet, pixels."""
ROWS = 20
"""Pictures on one sheet, and by default in all; more make further sheets."""
_GAP, _LINE, _MARGIN = 14, 24, 22
_HEADINGS = ("picture, crop in red", "what was cut out and found", "fitted shape, same view", "fitted shape, front")
_FAINT = (0.40, 0.40, 0.41)
_NOTE = (0.30, 0.42, 0.52)
_WRAP = 118


Row = tuple[dict[str, Any], dict[str, Any], Cut, list[np.ndarray]]
"""A subject's line (`fits.kept.Kept`), one of its pictures as it was shown, its cut, and four cells of pixels."""


def save_sheets(
    folder: Path,
    tools: Tools,
    lines: Iterable[dict[str, Any]],
    progress: Progress,
    most: int,
    samples: int = 16,
) -> list[Path]:
    """Write sheet.png, sheet-2.png, … into a folder: one row a picture. Takes over Blender's current scene.

    lines: what was kept of each subject. Their pictures are read again, a sheet's at a time, so that thousands of them
    need no memory. most: how many pictures are shown. samples: per pixel.
    Raises SemantifyError when a sheet cannot be written.
    """
    every = ((line, seen) for line in lines if line["fit"] is not None for seen in line["shown"])
    shown, done = islice(every, most), 0
    paths: list[Path] = []
    while part := list(islice(shown, ROWS)):
        with Photographer(tools.model, CELL, samples) as photographer:
            rows: list[Row] = []
            for line, seen in part:
                try:
                    rows.append(_row(photographer, tools, line, seen))
                except SemantifyError:  # it was there when it was fitted
                    progress.note(f"{seen['path']}: is gone or changed, the sheet leaves it out")
                done += 1
                progress.advance(done, most)
        if not rows:
            continue
        path = folder / (f"sheet-{len(paths) + 1}.png" if paths else "sheet.png")
        save_png(path, _sheet(rows))
        paths.append(path)
    if next(every, None) is not None:
        progress.note(f"the sheet shows the first {most} pictures: --sheet-pictures shows more")
    return paths


def _row(photographer: Photographer, tools: Tools, line: dict[str, Any], seen: dict[str, Any]) -> Row:
    picture = read_picture(seen["path"])
    # it was fitted already, so nothing is refused here, and joints are there to be drawn
    cut = tools.cut(picture, None if seen["box"] is None else tuple(seen["box"]), force=True, landmarks=True)
    model = tools.model
    vertices = model.vertices(np.array(line["fit"]["coefficients"], np.float32))
    limbs = {name: np.array(rotation) for name, rotation in seen["limbs"].items()}
    rig = Rig.of(model) if limbs else None
    posed = vertices if rig is None else rig.pose(vertices, limbs)
    taken: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in seen["camera"].items()}
    camera = Camera(**taken)
    photographer.wear(seen["outfit"])
    cells = [
        thumbnail(picture, cut.crop, CELL),
        marked(cut, CELL),
        photographer(posed, camera),
        photographer(vertices, camera_of_cut(vertices, ViewAngles())),
    ]
    return line, seen, cut, cells


def _sheet(rows: Sequence[Row]) -> np.ndarray:
    """(H, W, 3) uint8."""
    width = 2 * _MARGIN + len(_HEADINGS) * CELL + (len(_HEADINGS) - 1) * _GAP
    columns = [_MARGIN + i * (CELL + _GAP) for i in range(len(_HEADINGS))]
    captions = [_caption(line, seen, cut) for line, seen, cut, _ in rows]
    lines = [[Piece(text, x, 15, _FAINT) for text, x in zip(_HEADINGS, columns, strict=True)]]
    lines += [line for caption in captions for line in caption]
    strips = iter(text_strips(lines, width, _LINE))
    height = 2 * _MARGIN + _LINE + sum(CELL + _LINE * len(caption) + _GAP for caption in captions)
    sheet = np.empty((height, width, 3), np.uint8)
    sheet[:] = PAPER_8_BIT
    laid_on(sheet, next(strips), 0, _MARGIN - 8)
    y = _MARGIN + _LINE
    for caption, (*_, cells) in zip(captions, rows, strict=True):
        for x, cell in zip(columns, cells, strict=True):
            sheet[y : y + CELL, x : x + CELL] = cell
        y += CELL
        for _ in caption:
            laid_on(sheet, next(strips), 0, y)
            y += _LINE
        y += _GAP
    return sheet


def _caption(line: dict[str, Any], seen: dict[str, Any], cut: Cut) -> list[list[Piece]]:
    """A first line with the name and the figures, then the sliders, then what is to be noted."""
    fit, path, yaw = line["fit"], Path(seen["path"]), seen["camera"]["yaw"]
    known = fit["method"] == WHOLE or fit["measure"]
    facts = [f"seen from {yaw:+.0f}°".replace("-", "−")] if known else []
    facts += [size_text(name, size["value"], size["deviation"]) for name, size in fit["measures"].items()]
    if fit["measure"]:
        facts.append("refined {:.3f} → {:.3f}".format(*fit["measure"]))
    if len(line["shown"]) > 1:
        facts.append(f"one subject of {len(line['shown'])} pictures")
    name = path.name if len(path.name) <= 60 else f"{path.name[:36]}…{path.name[-22:]}"
    words = [f"{word} {value:+.2f}".replace("-", "−") for word, value in fit["sliders"].items()]
    lines = [[Piece(f"{name}    {' · '.join(facts)}", _MARGIN, 16)]]
    lines += [[Piece(text, _MARGIN, 15, _FAINT)] for text in textwrap.wrap(" · ".join(words), _WRAP)]
    for note in cut.notes:
        lines += [[Piece(text, _MARGIN, 15, _NOTE)] for text in textwrap.wrap(note, _WRAP)]
    return lines
