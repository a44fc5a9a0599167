"""Cut figures as pictures show them: before a backdrop, cut off, masked as finders do, taken by a phone.

The renders have no backdrop. Where a figure can be told from its backdrop the fit replaces that by grey
(core.pictures.crop), along the exact outline or along a finder's; where not, the backdrop stays, and the figure is cut
less exactly.
"""

import io
from dataclasses import dataclass, fields

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F  # noqa: N812

from ...core.model.sampling import generator
from ...core.pictures.crop import FILL, GREY
from .backdrops import backdrop, room

BACKDROPS = 6
"""Random stream of a picture's variation, beside core.model.sampling's."""
POOL = 1000
"""Backdrops made, to be drawn from again and again."""
EXACT, MASKED = 0.35, 0.4
"""Shares of figures that are told by alpha or a plain background, and by a finder; the others keep a backdrop."""
_CUT_OFF = 0.15
"""Pictures whose border cuts the figure off, mostly its feet."""
_BYSTANDERS = 0.25
_BLURRED, _PRESSED = 0.4, 0.3
"""Pictures out of focus or enlarged, and those of a JPEG file that shows it."""
_PIECE = 16
"""Pictures varied at once: so few stay in the processor's cache, which is twice as quick as 128."""
_MASK_BLURS, _MASK_EDGE = 1, 0.12
"""A finder's mask, by `scripts/small_clip/measure_masks.py`: what is thinner than it sees is lost, its edge strays by
0.7 pixels of 128. Means of 3 × 3 pixels, one after the other, and how far the threshold strays."""


@dataclass(frozen=True, eq=False)
class Varied:
    """pictures: (B, 3, S, S) float32 in 0..1. mirrored: (B,) bool. told: (B,) bool, whether the figure is on grey.

    places: (B, 2, 3) float32, affine: where a point of the cut is in the picture, both in −1..1 across.
    """

    pictures: torch.Tensor
    mirrored: torch.Tensor
    told: torch.Tensor
    places: torch.Tensor


class Variation:
    """Lays cut figures on backdrops and varies their place, size, outline and colours, repeatably.

    Call it with (B, S, S, 4) uint8 cuts, colours premultiplied with alpha.
    """

    def __init__(self, size: int, seed: int, pool: int = POOL, mirror: bool = True) -> None:
        self.rng = generator(seed, 0, BACKDROPS)
        self.torch = torch.Generator().manual_seed(seed)
        self.size, self.mirror = size, mirror
        drawn = [(backdrop if number % 2 else room)(self.rng, size) for number in range(pool)]
        self.backdrops = torch.from_numpy(np.stack(drawn))

    def __call__(self, cuts: np.ndarray) -> Varied:
        """Vary a batch."""
        parts = [self._varied(cuts[start : start + _PIECE]) for start in range(0, len(cuts), _PIECE)]
        return Varied(*(torch.cat([getattr(part, one.name) for part in parts]) for one in fields(Varied)))

    def _varied(self, cuts: np.ndarray) -> Varied:
        count = len(cuts)
        x = torch.from_numpy(cuts).permute(0, 3, 1, 2).float().div_(255)
        kind = self._uniform(count)
        exact, told = kind < EXACT, kind < EXACT + MASKED
        mirrored = (self._uniform(count) < 0.5) if self.mirror else torch.zeros(count, dtype=torch.bool)
        x, inside, theta = self._cut_off(x)
        # a mask is off by a pixel or two; a box drawn by hand, by much more
        scale = torch.where(told, 0.97 + 0.06 * self._uniform(count), 0.92 + 0.55 * self._uniform(count))
        shift = torch.where(told, torch.tensor(0.02), torch.tensor(0.16)) * (2 * self._uniform(2, count) - 1)
        # where a pixel of the picture is taken from, as `affine_grid` has it
        theta = theta * scale.view(-1, 1)
        theta[:, 1:] += shift.T * scale.view(-1, 1)
        grid = torch.zeros(count, 2, 3)
        grid[:, 0, 0] = torch.where(mirrored, -theta[:, 0], theta[:, 0])
        grid[:, 1, 1] = theta[:, 0]
        grid[:, :, 2] = theta[:, 1:]
        at = F.affine_grid(grid, list(x.shape), align_corners=False)
        x = F.grid_sample(x, at, align_corners=False)
        inside = F.grid_sample(inside, at, align_corners=False, padding_mode="border")
        alpha = x[:, 3:]
        behind = self._behind(x)
        figure = self._coloured(x)
        beyond = torch.where(told.view(-1, 1, 1, 1), torch.tensor(GREY / 255), behind.mean((2, 3), keepdim=True))
        behind = inside * behind + (1 - inside) * beyond
        grey = torch.full_like(behind, GREY / 255)
        photo = figure + (1 - alpha) * torch.where(exact.view(-1, 1, 1, 1), grey, behind)
        photo = self._taken(photo)
        mask = torch.where(exact.view(-1, 1, 1, 1), (alpha > 0.02).float(), self._mask(alpha) * inside)
        mask = torch.where(told.view(-1, 1, 1, 1), mask, torch.ones_like(mask))
        pictures = mask * photo + (1 - mask) * grey
        return Varied(pictures.clamp(0, 1), mirrored, told, _inverse(grid))

    def _cut_off(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Cut some figures off at a side, and look at what is left as a fit does.

        Returns the figures, what is inside of the picture (B, 1, S, S), and how much of the cut is seen: half its side
        and its middle (B, 3), both in −1..1 across.
        """
        count, size = len(x), self.size
        inside = torch.ones(count, 1, size, size)
        seen = torch.tensor([1.0, 0.0, 0.0]).repeat(count, 1)
        chosen = torch.nonzero(self._uniform(count) < _CUT_OFF).ravel().tolist()
        sides, shares = self._uniform(count), 0.45 + 0.47 * self._uniform(count)
        x = x.clone()
        for i in chosen:
            there = x[i, 3] > 0.5
            rows, columns = torch.nonzero(there.any(1)).ravel(), torch.nonzero(there.any(0)).ravel()
            if not len(rows):
                continue
            top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
            share = float(shares[i])
            side = float(sides[i])
            if side < 0.75:
                bottom = top + int(share * (bottom - top))
                outside: tuple[slice, slice] = (slice(bottom, None), slice(None))
            elif side < 0.85:
                left = right - int((0.4 + 0.6 * share) * (right - left))
                outside = (slice(None), slice(0, left))
            else:
                right = left + int((0.4 + 0.6 * share) * (right - left))
                outside = (slice(None), slice(right, None))
            x[(i, slice(None), *outside)] = 0
            inside[(i, 0, *outside)] = 0
            kept = x[i, 3] > 0.5
            rows, columns = torch.nonzero(kept.any(1)).ravel(), torch.nonzero(kept.any(0)).ravel()
            if len(rows) < 4 or len(columns) < 4:
                continue
            box = [int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1]
            half = max(box[1] - box[0], box[3] - box[2]) / FILL / size
            seen[i] = torch.tensor([half, (box[2] + box[3]) / size - 1, (box[0] + box[1]) / size - 1])
        return x, inside, seen

    def _behind(self, x: torch.Tensor) -> torch.Tensor:
        """A backdrop for each figure; before some of them stand others of the batch."""
        count = len(x)
        rows = torch.from_numpy(self.rng.integers(0, len(self.backdrops), count))
        behind = self.backdrops[rows].permute(0, 3, 1, 2).float().div_(255)
        with_others = self._uniform(count) < _BYSTANDERS
        grid = torch.zeros(count, 2, 3)
        grid[:, 0, 0] = grid[:, 1, 1] = 1.0 + 1.5 * self._uniform(count)
        grid[:, 0, 2] = (1.0 + 1.2 * self._uniform(count)) * torch.sign(self._uniform(count) - 0.5)
        grid[:, 1, 2] = 0.8 * (self._uniform(count) - 0.5)
        others = F.grid_sample(x.roll(1, 0), F.affine_grid(grid, list(x.shape), align_corners=False),
                               align_corners=False)  # fmt: skip
        others = others * with_others.view(-1, 1, 1, 1)
        return others[:, :3] + (1 - others[:, 3:]) * behind

    def _coloured(self, x: torch.Tensor) -> torch.Tensor:
        """The figures' own contrast, brightness and tint: the backdrop has its own."""
        count = len(x)
        gain, lift = 0.8 + 0.4 * self._uniform(count, 1, 1, 1), 0.1 * (2 * self._uniform(count, 1, 1, 1) - 1)
        tint = 1 + 0.08 * torch.randn(count, 3, 1, 1, generator=self.torch)
        return (x[:, :3] * gain * tint + lift * x[:, 3:]).clamp(0, 1)

    def _taken(self, photo: torch.Tensor) -> torch.Tensor:
        """As a phone takes and stores it: white balance, tone, focus, noise, JPEG."""
        count = len(photo)
        cast = 1 + 0.06 * torch.randn(count, 3, 1, 1, generator=self.torch)
        tone = 0.25 * torch.randn(count, 1, 1, 1, generator=self.torch).clamp(-2, 2)
        photo = (photo * cast).clamp_(0, 1)
        photo = photo + tone * photo * (1 - photo)
        chosen = torch.nonzero(self._uniform(count) < _BLURRED).ravel()
        for part in chosen.chunk(4):
            if len(part):
                small = max(16, int(self.size * (0.4 + 0.5 * float(self._uniform(1)))))
                less = F.interpolate(photo[part], small, mode="bilinear", antialias=True, align_corners=False)
                photo[part] = F.interpolate(less, self.size, mode="bilinear", align_corners=False)
        noise = 0.03 * self._uniform(count, 1, 1, 1) ** 2 * torch.randn(photo.shape, generator=self.torch)
        photo = (photo + noise).clamp_(0, 1)
        for i in torch.nonzero(self._uniform(count) < _PRESSED).ravel().tolist():
            photo[i] = _pressed(photo[i], int(25 + 60 * float(self._uniform(1))))
        return photo

    def _mask(self, alpha: torch.Tensor) -> torch.Tensor:
        """Masks as a finder makes them of these figures."""
        count = len(alpha)
        blurred = alpha
        for _ in range(_MASK_BLURS):
            blurred = F.avg_pool2d(blurred, 3, 1, 1, count_include_pad=False)
        stray = F.interpolate(torch.randn(count, 1, 20, 20, generator=self.torch), self.size, mode="bicubic",
                              align_corners=False)  # fmt: skip
        level = 0.5 + 0.08 * torch.randn(count, 1, 1, 1, generator=self.torch) + _MASK_EDGE * stray
        return ((blurred - level) / 0.2 + 0.5).clamp(0, 1)

    def _uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self.torch)


def _pressed(picture: torch.Tensor, quality: int) -> torch.Tensor:
    """Through a JPEG file. picture: (3, S, S) in 0..1."""
    held = io.BytesIO()
    Image.fromarray((picture * 255).round().byte().permute(1, 2, 0).numpy()).save(held, "JPEG", quality=quality)
    back = np.array(Image.open(held).convert("RGB"))
    return torch.from_numpy(back).permute(2, 0, 1).float() / 255


def _inverse(grid: torch.Tensor) -> torch.Tensor:
    """The affine map the other way. grid: (B, 2, 3) without a turn."""
    out = torch.zeros_like(grid)
    for axis in range(2):
        out[:, axis, axis] = 1 / grid[:, axis, axis]
        out[:, axis, 2] = -grid[:, axis, 2] / grid[:, axis, axis]
    return out
