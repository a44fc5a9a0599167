"""What stands before a plain backdrop."""

from dataclasses import replace

import numpy as np

from .backdrop import Backdrop, backdrops, without_grain
from .by_alpha import seen_share, with_hidden_filled
from .components import box_sums, grown, label_parts, shrunk
from .found import Found, Several, box_of
from .picture import Box, Picture
from .resize import average
from .silhouettes import figures_beside, is_large_enough, is_portrait, is_rim, significant

MOST_AREA = 0.75
"""Share of the looked-at part of the picture that a figure covers before its backdrop."""
MOST_BESIDE, MOST_DOUBTFUL = 0.05, 0.13
"""Share of the figure's own area that another part beside it may have, or one that is hardly told from the backdrop."""
BLOCK = 16
_EDGE = 3


def look_by_backdrop(picture: Picture, region: Box, shape: tuple[int, int]) -> tuple[Found | Several | None, bool]:
    """What stands before a plain backdrop in a region, on a grid of `shape`, and whether it surely is what it seems:
    one whole figure, or several."""
    values = average(picture.pixels[..., :3], region, shape)[0]
    values = without_grain(with_hidden_filled(picture, region, values))
    # what JPEG compression smears around a contour stays within its blocks, of 16 pixels for colours
    halo = max(2, round(BLOCK * len(values) / (region[3] - region[1])))
    best: _Judged = None, (False, False, False)
    for backdrop in backdrops(values, halo):
        seen, merits = _before(values, backdrop, region)
        if seen is not None and (best[0] is None or merits > best[1]):
            best = seen, merits
        if all(merits):
            break
    seen, (sure, *_) = best
    if isinstance(seen, Found):
        seen = replace(seen, mask=seen.mask * seen_share(picture, region, shape))
    return seen, sure


_Merits = tuple[bool, bool, bool]
"""Whether a figure surely is one, whether it leaves the picture on one side at most, and whether its backdrop is clean:
in this order one tells the better of two."""
_Judged = tuple[Found | Several | None, _Merits]


def _before(values: np.ndarray, backdrop: Backdrop, region: Box) -> _Judged:
    """What stands before a backdrop, and how good that is."""
    mask = _matte(values, backdrop)
    figure = _with_holes_filled(mask > 0.5, backdrop)
    labels, areas = label_parts(figure, diagonal=True)
    largest = int(areas.argmax())
    beside = figures_beside(figure)
    # a figure in pieces, or several of them: which one is meant is the user's to say
    pieces = bool((np.delete(areas, largest) > MOST_BESIDE * areas[largest]).any())
    figure = significant(figure) if pieces else labels == largest
    if not _is_plausible(figure):
        return None, (False, False, False)
    sure = _doubtful_area(figure, values - backdrop.colours, backdrop) <= MOST_DOUBTFUL * areas[largest]
    across = bool(figure[:, 0].any() and figure[:, -1].any())
    sure = sure and _is_separate(figure, backdrop) and (not across or (backdrop.clean and is_portrait(figure)))
    if len(beside) > 1:
        several = Several(tuple(box_of(part, region) for part in beside), "background")
        return several, (sure, not across, backdrop.clean)
    mask = np.where(shrunk(figure, 2), 1, mask) * grown(figure, 1)
    found = Found(mask.astype(np.float32), region, "background", backdrop.colours)
    return found, (sure and not pieces, not across, backdrop.clean)


def _is_plausible(figure: np.ndarray) -> bool:
    """Whether a mask can be a figure: neither tiny nor all, whole but perhaps for its lower end, and no frame."""
    if figure.mean() > MOST_AREA or not is_large_enough(figure):
        return False
    # the shoulders of a portrait leave the picture on both sides, and its breast below
    most = 0.8 if figure[-1].mean() > 0.3 else 0.4
    sides = figure[:, 0].mean(), figure[:, -1].mean()
    if figure[0].mean() > 0.25 or max(sides) > 0.5 or (min(sides) > 0 and sum(sides) > most):
        return False
    return not is_rim(figure)


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
