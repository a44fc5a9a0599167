"""Test pictures, renders of look "unseen" as users have them: cut out, before a plain wall, before a busy one."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ...core.dataset import Dataset
from ...core.errors import SemantifyError
from ...core.finders.subjects import finder_for
from ...core.model.morphable_model import MorphableModel
from ...core.model.sampling import generator
from ...core.pictures.crop import Cut, cut_figure
from ...core.pictures.picture import Box, Picture
from .backdrops import backdrop

FOUND = "busy, no crop"
BEHIND = ("alpha", "plain", "busy", FOUND)
"""What is behind the figure: nothing, a smooth gradient, a room of shapes and noise with a crop box or without."""
REFINED_BEHIND = ("alpha", FOUND)
"""Where refined fits are looked at."""
_BACKDROP = 4
"""Random stream of the backdrops."""


@dataclass(frozen=True)
class PicturedShape:
    """One shape's pictures. number: among all subjects. pictures: backdrop -> one picture a view.

    boxes: for each of them the crop box that a user would draw, or None where the figure is found without.
    """

    number: int
    pictures: dict[str, list[Picture]]
    boxes: dict[str, list[Box | None]]


def pictured_shapes(folders: Sequence[Path], behind: Sequence[str] = BEHIND) -> list[PicturedShape]:
    """The subjects of rendered datasets, one dataset after the other."""
    found: list[PicturedShape] = []
    for folder in folders:
        dataset = Dataset.open(folder)
        views = len(dataset.spec.views)
        pictures: dict[str, list[Picture]] = {}
        boxes: dict[str, list[Box | None]] = {}
        for count, (sample, view, data) in enumerate(dataset.images(), 1):
            figure = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
            name = f"{folder.name} {sample:03d} {view}"
            rng = generator(dataset.spec.seed, count, _BACKDROP)
            for kind in behind:
                same = kind == FOUND and "busy" in behind
                picture = pictures["busy"][-1] if same else Picture(before(figure, kind, rng), f"{name} {kind}")
                pictures.setdefault(kind, []).append(picture)
                boxes.setdefault(kind, []).append(drawn_box(figure, rng) if kind == "busy" else None)
            if count % views == 0:
                found.append(PicturedShape(len(found), pictures, boxes))
                pictures, boxes = {}, {}
    return found


def cuts_of(
    subject: PicturedShape, kind: str, model: MorphableModel, size: int, landmarks: bool = False
) -> list[Cut] | None:
    """A subject's pictures before a backdrop as a fit cuts them; None where it says that it cannot.

    size: pixels. landmarks: also joints of what is cut out already, as for refining.
    """
    finder = finder_for(model)
    try:
        return [
            cut_figure(picture, size, box, finder, landmarks=landmarks)
            for picture, box in zip(subject.pictures[kind], subject.boxes[kind], strict=True)
        ]
    except SemantifyError:
        return None


def drawn_box(figure: np.ndarray, rng: np.random.Generator) -> Box:
    """A box around a figure as drawn by hand: each side up to a tenth of the figure's height outside, 2 % inside."""
    seen = figure[..., 3] > 127
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    left, top, right, bottom = rng.uniform(-0.02, 0.1, 4) * (rows[-1] + 1 - rows[0])
    return columns[0] - left, rows[0] - top, columns[-1] + 1 + right, rows[-1] + 1 + bottom


def before(figure: np.ndarray, kind: str, rng: np.random.Generator) -> np.ndarray:
    """A figure before a backdrop. figure: (H, W, 4) uint8 straight alpha. Returns the same shape."""
    if kind == "alpha":
        return figure
    height, width = figure.shape[:2]
    behind = (
        backdrop(rng, max(height, width))[:height, :width] if kind.startswith("busy") else _wall(rng, height, width)
    )
    alpha = figure[..., 3:].astype(np.float32) / 255
    mixed = np.rint(alpha * figure[..., :3] + (1 - alpha) * behind).astype(np.uint8)
    return np.concatenate([mixed, np.full((height, width, 1), 255, np.uint8)], -1)


def _wall(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A wall in soft light with the grain of a camera: (H, W, 3) float."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    slope = rng.normal(0, 0.08, 2)
    shade = 1 + slope[0] * (x - 0.5) + slope[1] * (y - 0.5) - 0.15 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    wall = 255 * rng.uniform(0.25, 0.95, 3) * 0.4 + 255 * 0.6 * rng.uniform(0.25, 0.95)
    return np.clip(shade[..., None] * wall + rng.normal(0, 1.5, (height, width, 1)), 0, 255)
