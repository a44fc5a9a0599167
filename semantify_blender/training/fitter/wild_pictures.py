"""Pictures of look "wild" made ready for training: cut around the figure. `variation` lays them on backdrops."""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from ...core.dataset import Dataset
from ...core.dataset_spec import POSED
from ...core.errors import SemantifyError
from ...core.looks.choice import look_of
from ...core.pictures.crop import FILL


def cut_dataset(dataset: Dataset, size: int) -> np.ndarray:
    """Every picture cut as the fit cuts it. Returns (N · views, S, S, 4) uint8, colours premultiplied with alpha.

    Raises SemantifyError when the dataset's look has backdrops.
    """
    return framed_dataset(dataset, size)[0]


def framed_dataset(dataset: Dataset, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The same, and the squares that were cut out: (N · views, 3) left, top, side in pixels of the render."""
    if dataset.spec.look not in POSED:
        raise SemantifyError(
            f"{dataset.folder}: look {dataset.spec.look!r} has a backdrop; render a dataset with --look wild"
        )

    def cut(item: tuple[int, str, bytes]) -> tuple[np.ndarray, tuple[float, float, float]]:
        return cut_rgba(Image.open(io.BytesIO(item[2])), size)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        cuts, frames = zip(*pool.map(cut, dataset.images()), strict=True)
    return np.stack(cuts), np.array(frames)


def cut_rgba(image: Image.Image, size: int) -> tuple[np.ndarray, tuple[float, float, float]]:
    """One render with alpha. Returns (S, S, 4) uint8, premultiplied, and the left, top and side of what was cut out."""
    flat = image.convert("RGBA").convert("RGBa")  # Pillow's name for premultiplied
    seen = np.asarray(flat.getchannel("a")) > 127
    rows, columns = np.flatnonzero(seen.any(1)), np.flatnonzero(seen.any(0))
    if not len(rows):
        raise SemantifyError("a render shows nothing: the figure is outside its frame")
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    side = max(bottom - top, right - left) / FILL
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    # room around, so that the crop is inside; BOX is area averaging, as in core.pictures
    around = int(side) + 1
    canvas = Image.new("RGBa", (image.width + 2 * around, image.height + 2 * around))
    canvas.paste(flat, (around, around))
    box = (x + around, y + around, x + around + side, y + around + side)
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX, box=box)), (float(x), float(y), float(side))


def view_angles(dataset: Dataset) -> np.ndarray:
    """(N · views, 2) float32 yaw and pitch in degrees that each picture was taken from."""
    spec = dataset.spec
    found = []
    for sample in range(spec.samples):
        for number, view in enumerate(spec.views):
            look = look_of(spec.look, spec.seed, sample, number, spec.textured)
            found.append(((view.azimuth + look.yaw + 180) % 360 - 180, look.pitch))
    return np.array(found, np.float32)
