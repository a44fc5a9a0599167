"""What a picture's alpha channel shows: a figure cut out, several, or only a window that the picture itself lies in."""

import numpy as np

from .components import grown, label_parts, shrunk
from .found import Found, Several, box_of
from .picture import Box, Picture, alpha_range
from .resize import average
from .silhouettes import figures_beside, is_large_enough, is_rim, significant, with_holes_filled

OPAQUE = 128
"""Alpha from which a pixel counts as the picture's."""
_SOLID = 0.98
_CORE = 0.4
"""Share of a figure that is left without its outermost pixels; noise, lines and hatching have little."""


def look_by_alpha(picture: Picture, region: Box, shape: tuple[int, int]) -> Found | Several | None:
    """What the alpha channel cuts out of a region, on a grid of `shape`: at any size, at any side of the picture.

    None where there is none, and where it only shows the rim of a picture: rounded corners, a shadow, a vignette.
    """
    if not has_alpha(picture, region):
        return None
    values = _alpha(picture, region, shape)
    figure = significant(values > 0.5)
    if not is_large_enough(figure) or _is_noise(figure) or _are_rims(figure):
        return None
    beside = figures_beside(figure)
    if len(beside) > 1:
        return Several(tuple(box_of(part, region) for part in beside), "alpha")
    return Found(np.where(grown(figure, 2), values, 0).astype(np.float32), region, "alpha")


def has_alpha(picture: Picture, region: Box) -> bool:
    """Whether some of a region can be seen through and some cannot."""
    left, top, right, bottom = (int(value) for value in region)
    lowest, highest = alpha_range(picture.pixels[top:bottom, left:right])
    return lowest < OPAQUE <= highest


def window(picture: Picture, region: Box, shape: tuple[int, int]) -> Box:
    """The part of a region, in whole pixels, that a picture with alpha fills, without its shadow: all of it without."""
    if not has_alpha(picture, region):
        return region
    values = _alpha(picture, region, shape)
    solid = values > _SOLID
    inside = solid if solid.sum() > 0.5 * (values > 0.5).sum() else values > 0.5
    left, top, right, bottom = box_of(significant(inside), region)
    return float(np.ceil(left)), float(np.ceil(top)), float(np.floor(right)), float(np.floor(bottom))


def with_hidden_filled(picture: Picture, region: Box, values: np.ndarray) -> np.ndarray:
    """The colours (h, w, 3) of a region with those that alpha hides taken from what is seen nearest to them.

    Files keep anything under transparent pixels, often black.
    """
    if not has_alpha(picture, region):
        return values
    seen = _alpha(picture, region, (len(values), values.shape[1])) > 0.5
    if not seen.any():
        return values
    rows, columns = np.indices(seen.shape)
    places = np.where(seen, rows * seen.shape[1] + columns, -1)
    while (places < 0).any():
        places = _spread(places)
    return values.reshape(-1, 3)[places]


def seen_share(picture: Picture, region: Box, shape: tuple[int, int]) -> np.ndarray:
    """(h, w) float32: the share of each cell that alpha lets be seen; one everywhere without an alpha channel."""
    return _alpha(picture, region, shape) if has_alpha(picture, region) else np.ones(shape, np.float32)


def _alpha(picture: Picture, region: Box, shape: tuple[int, int]) -> np.ndarray:
    return average(picture.pixels[..., 3:], region, shape)[0][..., 0] / 255


def _spread(places: np.ndarray) -> np.ndarray:
    """Cells (h, w) without a place (−1) take that of a neighbour that has one."""
    wider = places.copy()
    for to, of in (
        (np.s_[1:], np.s_[:-1]),
        (np.s_[:-1], np.s_[1:]),
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:, :-1], np.s_[:, 1:]),
    ):
        empty = wider[to] < 0
        wider[to][empty] = places[of][empty]
    return wider


def _is_noise(figure: np.ndarray) -> bool:
    whole = with_holes_filled(figure)
    return bool(shrunk(whole, 1).sum() < _CORE * whole.sum())


def _are_rims(figure: np.ndarray) -> bool:
    """Whether most of a mask are rectangles, discs and the like, or frames and pictures with a hole."""
    labels, areas = label_parts(with_holes_filled(figure), diagonal=True)
    rims = sum(int(areas[part]) for part in range(1, len(areas)) if is_rim(labels == part))
    return rims > 0.5 * areas.sum()
