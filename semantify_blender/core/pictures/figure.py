"""Where the figure of a picture is: by its alpha channel, or by a plain backdrop behind it; never by guessing.

All is done on a small copy, so that a photograph costs little more than a thumbnail.
"""

from dataclasses import dataclass

import numpy as np

from .backdrop import Backdrop, find_backdrop
from .components import box_sums, grown, label_parts, shrunk
from .picture import Box, Picture, alpha_range
from .resize import average

WORKING_SIDE = 192
LEAST_AREA, MOST_AREA = 0.0012, 0.75
"""Share of the looked-at part of the picture that a figure covers."""
MOST_BESIDE, MOST_DOUBTFUL = 0.05, 0.13
"""Share of the figure's own area that another part beside it may have, or one that is hardly told from the backdrop."""
_LEAST_SIDE = 8
_EDGE = 3
_OPAQUE = 128


@dataclass(frozen=True, eq=False)
class Found:
    """mask: (h, w) float32 0..1 on a grid over `region` of the picture. source: "alpha" or "background".

    backdrop: (h, w, 3) float32, the backdrop's colours where that was the source.
    """

    mask: np.ndarray
    region: Box
    source: str
    backdrop: np.ndarray | None = None

    @property
    def bounds(self) -> Box:
        """The smallest box around the figure, in pixels of the picture."""
        left, top, right, bottom = _bounds(self.mask > 0.5)
        x, y = (
            (self.region[2] - self.region[0]) / self.mask.shape[1],
            (self.region[3] - self.region[1]) / len(self.mask),
        )
        x0, y0 = self.region[:2]
        return x0 + left * x, y0 + top * y, x0 + right * x, y0 + bottom * y


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


def find_figure(picture: Picture, box: Box | None = None) -> Found | None:
    """The figure inside a box (by default everywhere); None where neither alpha nor a plain backdrop shows it."""
    region = _clipped(box or (0, 0, picture.width, picture.height), picture)
    if region[2] - region[0] < _LEAST_SIDE or region[3] - region[1] < _LEAST_SIDE:
        return None
    found = _by_alpha(picture, region)
    if found is not None:
        return found
    found, sure = _by_backdrop(picture, region)
    if found is None:
        return None
    # a figure that is small in the picture is looked at again from near by, and judged only then
    near = _clipped(_widened(found.bounds, 0.2), picture, region)
    if max(near[2] - near[0], near[3] - near[1]) < 0.75 * max(region[2] - region[0], region[3] - region[1]):
        found, sure = _by_backdrop(picture, near)
    return found if sure else None


def _by_alpha(picture: Picture, region: Box) -> Found | None:
    left, top, right, bottom = (int(value) for value in region)
    lowest, highest = alpha_range(picture.pixels[top:bottom, left:right])
    if lowest >= _OPAQUE or highest < _OPAQUE:
        return None
    values = average(picture.pixels[..., 3:], region, _grid(region))[0][..., 0] / 255
    figure = _significant(values > 0.5)
    if not _is_plausible(figure, 0.93):
        return None
    return Found(np.where(grown(figure, 2), values, 0), region, "alpha")


def _by_backdrop(picture: Picture, region: Box) -> tuple[Found | None, bool]:
    """What stands before a plain backdrop, and whether it surely is one whole figure."""
    values = average(picture.pixels[..., :3], region, _grid(region))[0]
    # what JPEG compression smears around a contour stays within its blocks
    backdrop = find_backdrop(values, halo=max(2, round(8 * len(values) / (region[3] - region[1]))))
    if backdrop is None:
        return None, False
    mask = _matte(values, backdrop)
    figure = _with_holes_filled(mask > 0.5, backdrop)
    labels, areas = label_parts(figure, diagonal=True)
    largest = int(areas.argmax())
    # a figure in pieces, or several of them: which one is meant is the user's to say
    several = bool((np.delete(areas, largest) > MOST_BESIDE * areas[largest]).any())
    figure = _significant(figure) if several else labels == largest
    if not _is_plausible(figure, MOST_AREA):
        return None, False
    doubtful = _doubtful_area(figure, values - backdrop.colours, backdrop) > MOST_DOUBTFUL * areas[largest]
    mask = np.where(shrunk(figure, 2), 1, mask) * grown(figure, 1)
    found = Found(mask.astype(np.float32), region, "background", backdrop.colours)
    return found, not several and not doubtful and _is_separate(figure, backdrop)


def _matte(colours: np.ndarray, backdrop: Backdrop) -> np.ndarray:
    """(h, w) float32 0..1: one inside, and at the edge the share of the figure's own colour near by."""
    figure = ~backdrop.plain
    weights = np.where(figure, backdrop.distance**2, 0)[..., None]
    difference = colours - backdrop.colours
    sums = box_sums(np.concatenate([weights * difference, weights], 2), _EDGE)
    own = sums[..., :3] / np.maximum(sums[..., 3:], 1e-6)
    along = _product(difference, own) / np.maximum(_product(own, own), 1e-6)
    edge = grown(backdrop.plain, _EDGE) & figure
    # a pixel in the middle of the edge is half figure; noise and compression blur the two ends
    return np.where(edge, ((along - 0.15) / 0.7).clip(0, 1), figure).astype(np.float32)


def _with_holes_filled(figure: np.ndarray, backdrop: Backdrop) -> np.ndarray:
    """The figure without its holes, save those through which the backdrop itself is seen, as between arm and body."""
    labels, areas = label_parts(~figure)
    outside = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    see_through = np.zeros(len(areas), bool)
    see_through[outside] = True
    total = figure.sum()
    for part in np.flatnonzero(areas > max(12, 0.002 * total)):
        if not see_through[part]:
            inner = shrunk(labels == part, 1)
            see_through[part] = inner.sum() >= 4 and np.median(backdrop.distance[inner]) < 0.5 * backdrop.threshold
    return ~see_through[labels] | figure


def _is_plausible(figure: np.ndarray, most: float) -> bool:
    """Whether a mask can be a figure: neither tiny nor all, whole but perhaps for its lower end, and no frame."""
    share = figure.mean()
    if not LEAST_AREA <= share <= most:
        return False
    left, top, right, bottom = _bounds(figure)
    if min(right - left, bottom - top) < _LEAST_SIDE:
        return False
    sides = figure[:, 0].mean(), figure[:, -1].mean()
    if figure[0].mean() > 0.25 or max(sides) > 0.5 or (min(sides) > 0 and sum(sides) > 0.4):
        return False
    inner = figure[top:bottom, left:right]
    return not _is_disc_or_rectangle(inner)


def _is_disc_or_rectangle(inner: np.ndarray) -> bool:
    """A picture in a frame, a round portrait or a button: its outline says nothing about a figure."""
    if inner.mean() > 0.93:
        return True
    height, width = inner.shape
    y, x = np.mgrid[:height, :width]
    disc = ((2 * x + 1) / width - 1) ** 2 + ((2 * y + 1) / height - 1) ** 2 <= 1
    return bool((inner & disc).sum() > 0.97 * (inner | disc).sum())


def _is_separate(figure: np.ndarray, backdrop: Backdrop) -> bool:
    """Whether the outline is a clear step nearly all the way round; a weak one may run through the figure."""
    rim = figure & ~shrunk(figure, _EDGE)
    rim &= shrunk(figure, 1)
    return bool(rim.any()) and float((backdrop.distance[rim] > 1.5 * backdrop.threshold).mean()) > 0.85


def _doubtful_area(figure: np.ndarray, difference: np.ndarray, backdrop: Backdrop) -> int:
    """Pixels of the largest patch beside the figure that differs from the backdrop a little, but all in one way.

    That may be a limb in nearly the backdrop's colour: then the figure would be without it.
    """
    apart = ~grown(figure, 1)
    sums = box_sums(np.concatenate([difference * apart[..., None], apart[..., None]], 2).astype(np.float32), 2)
    mean = np.sqrt(_product(sums[..., :3], sums[..., :3])) / np.maximum(sums[..., 3], 1)
    patch = apart & (sums[..., 3] >= 6) & (mean > np.maximum(0.4 * backdrop.threshold, 0.04 * backdrop.highest))
    return int(label_parts(grown(shrunk(patch, 1), 1) & ~grown(figure, 2), diagonal=True)[1].max())


def _product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Scalar product (h, w) of two fields of vectors (h, w, c)."""
    return np.einsum("hwc,hwc->hw", one, other)


def _significant(figure: np.ndarray) -> np.ndarray:
    """The parts of a mask that are not specks."""
    labels, areas = label_parts(figure, diagonal=True)
    keep = areas >= 0.02 * areas.max()
    keep[0] = False
    return keep[labels]


def _bounds(figure: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(figure.any(1)), np.flatnonzero(figure.any(0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _grid(region: Box) -> tuple[int, int]:
    width, height = region[2] - region[0], region[3] - region[1]
    scale = min(1.0, WORKING_SIDE / max(width, height))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _widened(box: Box, share: float) -> Box:
    more = share * max(box[2] - box[0], box[3] - box[1])
    return box[0] - more, box[1] - more, box[2] + more, box[3] + more


def _clipped(box: Box, picture: Picture, region: Box | None = None) -> Box:
    """Whole pixels inside the picture, and inside a region if one is given."""
    low_x, low_y, high_x, high_y = region or (0, 0, picture.width, picture.height)
    return (
        float(max(np.floor(box[0]), low_x)),
        float(max(np.floor(box[1]), low_y)),
        float(min(np.ceil(box[2]), high_x)),
        float(min(np.ceil(box[3]), high_y)),
    )
