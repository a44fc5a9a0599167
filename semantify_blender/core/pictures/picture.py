"""A decoded picture, and its turning upright by the orientation that cameras write into their files."""

from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels of a picture, y down; a pixel's own area is 1 × 1."""


@dataclass(frozen=True, eq=False)
class Picture:
    """pixels: (H, W, 4) uint8 straight sRGB RGBA, the top row first, turned upright. name: for messages.

    stored: (width, height) of a picture that was made smaller while it was read, turned upright; None for all others.
    Boxes and crops that users see count the stored pixels, `scale` of which make one of these.
    """

    pixels: np.ndarray
    name: str
    stored: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for an array that is not a picture."""
        if self.pixels.dtype != np.uint8 or self.pixels.ndim != 3 or self.pixels.shape[2] != 4:
            raise ValueError(f"expected (H, W, 4) uint8, got {self.pixels.shape} {self.pixels.dtype}")
        if not self.pixels.size:
            raise ValueError("a picture has at least one pixel")

    @property
    def scale(self) -> float:
        """Stored pixels a pixel."""
        return 1.0 if self.stored is None else max(self.stored) / max(self.width, self.height)

    @property
    def full_size(self) -> tuple[int, int]:
        """Width and height as stored."""
        return self.stored or (self.width, self.height)

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])


def alpha_range(pixels: np.ndarray) -> tuple[int, int]:
    """The lowest and the highest alpha of pixels (H, W, 4) uint8; as numbers of four bytes, alpha is the highest."""
    whole = np.ascontiguousarray(pixels).view("<u4") if pixels.strides[2] != 1 else pixels.view("<u4")
    return int(whole.min()) >> 24, int(whole.max()) >> 24


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels (H, W, C) as a camera stored them, turned upright. orientation: 1..8 as EXIF counts; others as 1."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def scaled_box(box: Box, factor: float) -> Box:
    """A box in pixels that are smaller by a factor."""
    left, top, right, bottom = box
    return left * factor, top * factor, right * factor, bottom * factor


def upright_box(box: Box, width: int, height: int, orientation: int) -> Box:
    """The same turn for a box that was drawn on the stored picture of width × height pixels."""
    left, top, right, bottom = box
    if orientation in (5, 6, 7, 8):
        left, top, right, bottom, width, height = top, left, bottom, right, height, width
    if orientation in (3, 4, 7, 8):
        top, bottom = height - bottom, height - top
    if orientation in (2, 3, 6, 7):
        left, right = width - right, width - left
    return left, top, right, bottom
