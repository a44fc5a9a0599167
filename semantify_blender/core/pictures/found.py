"""What was found of a figure in a picture: its mask, or that there are several."""

from dataclasses import dataclass

import numpy as np

from .picture import Box
from .resize import average

_NEAR = 0.005
"""Share of a picture's longer side within which a figure touches its border."""
_WIDE, _LEGS, _BROADER = 0.45, 0.25, 1.3


@dataclass(frozen=True, eq=False)
class Found:
    """mask: (h, w) float32 0..1 on a grid over `region` of the picture. source: "alpha", "background", "finder".

    backdrop: (h, w, 3) float32, the backdrop's colours where that was the source. frame: the part of the picture that
    holds the scene, where that is not all of it, as the window in a screenshot.
    """

    mask: np.ndarray
    region: Box
    source: str
    backdrop: np.ndarray | None = None
    frame: Box | None = None

    @property
    def bounds(self) -> Box:
        """The smallest box around the figure, in pixels of the picture."""
        return box_of(self.mask > 0.5, self.region)

    def cut_off(self, width: int, height: int) -> tuple[str, ...]:
        """The sides ("left", "top", "right", "bottom") of a picture of that size at which the figure is cut off."""
        frame = self.frame or (0.0, 0.0, float(width), float(height))
        figure = self.mask > 0.5
        left, top, right, bottom = bounds_of(figure)
        touched = sides_reached(self.bounds, frame)
        if len(touched) < 4:
            return touched
        # a picture that was trimmed to its figure touches it everywhere: with a fingertip, or where it is cut off
        inner = figure[top:bottom, left:right]
        ends = {"left": inner.T, "top": inner, "right": inner.T[::-1], "bottom": inner[::-1]}
        return tuple(side for side in touched if _is_cut(ends[side], standing=side == "bottom"))


@dataclass(frozen=True)
class Several:
    """Figures of like size beside each other, none of which is the one. boxes: around each, in pixels of the picture,
    the largest first. source: as of a `Found`."""

    boxes: tuple[Box, ...]
    source: str

    @property
    def bounds(self) -> Box:
        """The smallest box around all of them."""
        left, top, right, bottom = zip(*self.boxes, strict=True)
        return min(left), min(top), max(right), max(bottom)


def resample_mask(found: Found, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """The mask (h, w) float32 of a box of the picture on a grid of `shape`; zero outside what was looked at."""
    return _resampled(found, found.mask[..., None], box, shape)[..., 0].clip(0, 1)


def resample_colours(found: Found, box: Box, shape: tuple[int, int]) -> np.ndarray:
    """The backdrop's colours (h, w, 3) float32 likewise; zero where there are none."""
    if found.backdrop is None:
        return np.zeros((*shape, 3), np.float32)
    return _resampled(found, found.backdrop, box, shape)


def _resampled(found: Found, values: np.ndarray, box: Box, shape: tuple[int, int]) -> np.ndarray:
    left, top, right, bottom = found.region
    x, y = values.shape[1] / (right - left), values.shape[0] / (bottom - top)
    inside = ((box[0] - left) * x, (box[1] - top) * y, (box[2] - left) * x, (box[3] - top) * y)
    return average(values, inside, shape)[0]


def box_of(figure: np.ndarray, region: Box) -> Box:
    """The smallest box, in pixels of the picture, around a mask (h, w) bool on a grid over a region of it."""
    left, top, right, bottom = bounds_of(figure)
    x, y = (region[2] - region[0]) / figure.shape[1], (region[3] - region[1]) / len(figure)
    x0, y0 = region[:2]
    return x0 + left * x, y0 + top * y, x0 + right * x, y0 + bottom * y


def bounds_of(figure: np.ndarray) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of a mask (h, w) bool in its own pixels; zeros where it is empty."""
    rows, columns = np.flatnonzero(figure.any(1)), np.flatnonzero(figure.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def sides_reached(bounds: Box, frame: Box) -> tuple[str, ...]:
    """The sides of a frame, of "left", "top", "right", "bottom", that bounds inside it reach."""
    near = _NEAR * max(frame[2] - frame[0], frame[3] - frame[1])
    sides = zip(("left", "top", "right", "bottom"), bounds, frame, (1, 1, -1, -1), strict=True)
    return tuple(side for side, edge, limit, sign in sides if sign * (edge - limit) <= near)


def _is_cut(inner: np.ndarray, standing: bool) -> bool:
    """Whether a figure goes on beyond the first row of its mask (h, w) bool. standing: feet may be flat on that row."""
    first, deeper = float(inner[0].mean()), float(inner[max(1, round(0.03 * len(inner)))].mean())
    if first > _WIDE:
        return True
    # what only touches the border broadens at once; legs that are cut off broaden too, shoes do not
    return deeper >= first > _LEGS if standing else deeper <= _BROADER * first
