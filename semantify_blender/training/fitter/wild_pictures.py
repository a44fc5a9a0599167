"""Pictures of look "wild" made ready for training: cut around the figure, laid on backdrops, varied.

The renders have no backdrop. Where a figure can be told from its backdrop the fit replaces that by grey
(core.pictures.crop); where not, the backdrop stays, and the figure is cut less exactly.
"""

import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F  # noqa: N812

from ...core.dataset import Dataset
from ...core.dataset_spec import POSED
from ...core.errors import SemantifyError
from ...core.looks.choice import look_of
from ...core.model.sampling import generator
from ...core.pictures.crop import FILL, GREY

BACKDROPS = 3
"""Random stream of a picture's variation, beside core.model.sampling's."""
POOL = 600
"""Backdrops made, to be drawn from again and again."""
PLAIN_SHARE = 0.65
"""Pictures whose figure is told from the backdrop."""


def cut_dataset(dataset: Dataset, size: int) -> np.ndarray:
    """Every picture cut as the fit cuts it. Returns (N · views, S, S, 4) uint8, colours premultiplied with alpha.

    Raises SemantifyError when the dataset's look has backdrops.
    """
    if dataset.spec.look not in POSED:
        raise SemantifyError(
            f"{dataset.folder}: look {dataset.spec.look!r} has a backdrop; render a dataset with --look wild"
        )

    def cut(item: tuple[int, str, bytes]) -> np.ndarray:
        return cut_rgba(Image.open(io.BytesIO(item[2])), size)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return np.stack(list(pool.map(cut, dataset.images())))


def cut_rgba(image: Image.Image, size: int) -> np.ndarray:
    """One render with alpha. Returns (S, S, 4) uint8, premultiplied."""
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
    return np.asarray(canvas.resize((size, size), Image.Resampling.BOX, box=box))


def view_angles(dataset: Dataset) -> np.ndarray:
    """(N · views, 2) float32 yaw and pitch in degrees that each picture was taken from."""
    spec = dataset.spec
    found = []
    for sample in range(spec.samples):
        for number, view in enumerate(spec.views):
            look = look_of(spec.look, spec.seed, sample, number, spec.textured)
            found.append(((view.azimuth + look.yaw + 180) % 360 - 180, look.pitch))
    return np.array(found, np.float32)


class Variation:
    """Lays cut figures on backdrops and varies their place, size and colours, repeatably.

    Call it with (B, S, S, 4) uint8 cuts: it gives (B, 3, S, S) float32 pictures in 0..1 and (B,) bool, mirrored or not.
    """

    def __init__(self, size: int, seed: int, pool: int = POOL, mirror: bool = True) -> None:
        self.rng = generator(seed, 0, BACKDROPS)
        self.torch = torch.Generator().manual_seed(seed)
        self.size, self.mirror = size, mirror
        self.backdrops = torch.from_numpy(np.stack([backdrop(self.rng, size) for _ in range(pool)]))

    def __call__(self, cuts: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Vary a batch."""
        count = len(cuts)
        x = torch.from_numpy(cuts).permute(0, 3, 1, 2).float().div_(255)
        plain = self._uniform(count) < PLAIN_SHARE
        mirrored = (self._uniform(count) < 0.5) if self.mirror else torch.zeros(count, dtype=torch.bool)
        # a mask is off by a pixel or two; a box drawn by hand, by much more
        scale = torch.where(plain, 0.97 + 0.06 * self._uniform(count), 0.92 + 0.55 * self._uniform(count))
        shift = torch.where(plain, torch.tensor(0.02), torch.tensor(0.16)) * (2 * self._uniform(2, count) - 1)
        theta = torch.zeros(count, 2, 3)
        theta[:, 0, 0], theta[:, 1, 1] = torch.where(mirrored, -scale, scale), scale
        theta[:, 0, 2], theta[:, 1, 2] = shift[0], shift[1]
        x = F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)
        rows = torch.from_numpy(self.rng.integers(0, len(self.backdrops), count))
        behind = self.backdrops[rows].permute(0, 3, 1, 2).float().div_(255)
        grey = torch.full_like(behind, GREY / 255)
        behind = torch.where(plain.view(-1, 1, 1, 1), grey, behind)
        alpha = x[:, 3:]
        # contrast and brightness of the figure's own picture; the grey is put in afterwards and does not vary
        gain, lift = 0.8 + 0.4 * self._uniform(count, 1, 1, 1), 0.1 * (2 * self._uniform(count, 1, 1, 1) - 1)
        tint = 1 + 0.08 * torch.randn(count, 3, 1, 1, generator=self.torch)
        figure = (x[:, :3] * gain * tint + lift * alpha).clamp(0, 1)
        out = figure + (1 - alpha) * behind
        noise = 0.02 * self._uniform(count, 1, 1, 1) * torch.randn(out.shape, generator=self.torch)
        return (out + noise * alpha).clamp(0, 1), mirrored

    def _uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self.torch)


def backdrop(rng: np.random.Generator, size: int) -> np.ndarray:
    """A busy backdrop (S, S, 3) uint8: a gradient, soft noise in several sizes, and a few boxes and discs."""
    y, x = np.mgrid[0:size, 0:size] / size
    angle = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(angle) * x + np.sin(angle) * y)[..., None]
    out = rng.uniform(0, 1, 3) + ramp * rng.normal(0, 0.3, 3)
    for cells in (2, 4, 9, 20):
        coarse = Image.fromarray(rng.normal(0, 1, (cells, cells)).astype(np.float32), "F")
        noise = np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC))
        out = out + rng.uniform(0, 0.16) * noise[..., None] * rng.uniform(0.4, 1.0, 3)
    for _ in range(rng.integers(0, 8)):
        u, v, w, h = rng.uniform(0, 1), rng.uniform(0, 1), rng.uniform(0.05, 0.5), rng.uniform(0.05, 0.7)
        inside = (np.abs(x - u) < w / 2) & (np.abs(y - v) < h / 2)
        if rng.random() < 0.3:
            inside = (x - u) ** 2 + (y - v) ** 2 < (w / 2) ** 2
        out = np.where(inside[..., None], 0.3 * out + 0.7 * rng.uniform(0, 1, 3), out)
    return (255 * np.clip(out, 0, 1)).astype(np.uint8)
