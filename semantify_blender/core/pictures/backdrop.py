"""A plain backdrop behind a figure: a smooth colour surface, fitted so that the figure itself does not pull at it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .components import border, box_sums, highest_near, label_parts, shrunk
from .surfaces import Seam, find_seam, least_squares, lengths, polynomials, robust_fit, with_seam

MOST_NOISE = 9.0
THRESHOLD = 3.0, 3.0
"""Distance that backdrop does not reach: so many times the noise, and so much more."""
LEAST_PLAIN_BORDER = 0.58
HALO, RIPPLE = 0.12, 0.055
SMOOTHED_FROM = 3.0, 13.0
"""Grain from which colours are smoothed over 3 × 3 pixels, and over 5 × 5."""
_FEW = 48
"""Pixels along an axis that are enough for fitting a smooth surface."""
KINDS = ((2, 3), False), ((1, 2, 3), False), ((2, 4, 6), False), ((3, 4, 6), False), ((2, 3, 4), True)
"""Degrees of the surface's polynomials, one fit after the other, and whether there is a seam."""
_LINE = 2
"""Pixels beside a seam that sharpening and compression disturb."""


@dataclass(frozen=True, eq=False)
class Backdrop:
    """colours: (h, w, 3) float32 of the surface. distance: (h, w) float32 of each pixel to it. threshold: distances
    below it may be backdrop. highest: (h, w) float32, the highest distance near by, beside which compression leaves
    ripples. plain: (h, w) bool, the backdrop that reaches the border."""

    colours: np.ndarray
    distance: np.ndarray
    threshold: float
    highest: np.ndarray
    plain: np.ndarray
    clean: bool


def without_grain(colours: np.ndarray) -> np.ndarray:
    """The same colours (h, w, 3) float32, smoothed by as much as their grain at the border asks for."""
    if min(colours.shape[:2]) < _FEW:
        return colours
    grain = _grain(colours)
    radius = sum(grain > most for most in SMOOTHED_FROM)
    return _smoothed(colours, radius) if radius else colours


def _smoothed(colours: np.ndarray, radius: int) -> np.ndarray:
    ones = np.ones((*colours.shape[:2], 1), np.float32)
    sums = box_sums(np.concatenate([colours, ones], 2), radius)
    return sums[..., :3] / sums[..., 3:]


def _grain(colours: np.ndarray) -> float:
    """What colours (h, w, 3) differ by from their neighbours at the border, as a rule."""
    apart = lengths(colours - _smoothed(colours, 1))
    return float(np.median(apart[_at_edge(*apart.shape)]))


def backdrops(colours: np.ndarray, halo: int) -> Iterator[Backdrop]:
    """What may be the plain backdrop of a small picture (h, w, 3) float32 0..255, the simplest first; none if busy.

    One colour or a gradient; the light of a lamp or of a wide lens; a wall and a floor.
    halo: pixels, how far strong contours may disturb the backdrop beside them.
    """
    grain, edge = _grain(colours), _at_edge(*colours.shape[:2])
    for degrees, seamed in KINDS:
        seam = find_seam(colours) if seamed else None
        fitted = _surface(colours, degrees, seam) if seam is not None or not seamed else None
        if fitted is None or (seam is not None and not _is_floor(colours, fitted, seam)):
            continue
        distance = lengths(colours - fitted)
        threshold = _threshold(distance[edge])[0]
        highest = highest_near(distance, halo)
        foreign = _foreign(colours - fitted, distance, threshold, highest)
        if seam is not None:
            foreign = _without_line(foreign, seam)
        clean = (threshold - THRESHOLD[1]) / THRESHOLD[0] < 1.5 * grain + 2
        yield Backdrop(fitted, distance, threshold, highest, _reaching_border(~foreign), clean)


def _surface(colours: np.ndarray, degrees: tuple[int, ...], seam: Seam | None) -> np.ndarray | None:
    """The surface (h, w, 3) of a kind that gives the backdrop's colours; None if it is busy.

    degrees: of its polynomials, first over the border alone, then over all that seems to be backdrop."""
    height, width = colours.shape[:2]
    terms, values = polynomials(height, width, degrees[-1]), colours.reshape(-1, 3)
    if seam is not None:
        terms = with_seam(terms, seam, height, width)
    edge = _at_edge(height, width)
    coarse = np.zeros((height, width), bool)
    step = 2 if min(height, width) >= 2 * _FEW else 1
    coarse[::step, ::step] = True
    fitted, plain = values, edge
    for at, degree in enumerate(degrees[:1] + degrees):
        count = (degree + 1) * (degree + 2) // 2
        used = terms[:count] if seam is None else np.concatenate([terms[:count], terms[-2:]])
        if at == 0:
            surface = robust_fit(used[:, edge.ravel()], values[edge.ravel()])
        else:
            # the pixels beside the figure are mixed with it
            sure = np.flatnonzero(shrunk(plain, 2) & coarse)
            if len(sure) < 20 * len(used):
                return None
            surface = least_squares(used[:, sure], values[sure], None)
        fitted = (surface.T @ used).T
        distance = lengths(values - fitted).reshape(height, width)
        threshold, share = _threshold(distance[edge])
        if share < LEAST_PLAIN_BORDER:
            return None
        plain = _reaching_border(distance < threshold)
    return np.ascontiguousarray(fitted.reshape(height, width, 3))


def _foreign(difference: np.ndarray, distance: np.ndarray, threshold: float, highest: np.ndarray) -> np.ndarray:
    """Where a picture is surely not backdrop, (h, w) bool.

    Beside strong contours JPEG compression leaves ripples as high as pale parts of a figure; ripples have no colour of
    their own, so the mean over a neighbourhood tells them from a limb.
    """
    strong = distance > np.maximum(threshold, HALO * highest)
    weak = (distance > threshold) & ~strong
    if not weak.any():
        return strong
    calm = (~strong)[..., None].astype(np.float32)
    sums = box_sums(np.concatenate([difference * calm, calm], 2), 2)
    mean = lengths(sums[..., :3]) / np.maximum(sums[..., 3], 1)
    return strong | (weak & (mean > np.maximum(0.7 * threshold, RIPPLE * highest)))


def _is_floor(colours: np.ndarray, fitted: np.ndarray, seam: Seam) -> bool:
    """Whether a seam is straight from both ends: wall above it and floor below it, save where a figure stands.

    The shoulders of a portrait begin at the ends too, but rise from there.
    """
    height, width = colours.shape[:2]
    distance = lengths(colours - fitted)
    plain = distance < _threshold(distance[_at_edge(height, width)])[0]
    line, apart = np.rint(seam.line(width)).astype(int), _LINE + 2 + round(2 * seam.softness)
    low = line + _LINE + 1
    if low.max() > height - max(3, 0.04 * height):
        return False
    straight = plain[(line - apart).clip(0), np.arange(width)] & plain[low, np.arange(width)]
    end = max(3, width // 5)
    return bool(min(straight[:end].mean(), straight[-end:].mean()) > 0.8 and straight.mean() > 0.5)


def _without_line(foreign: np.ndarray, seam: Seam) -> np.ndarray:
    """The same mask (h, w) without what is foreign at a seam only, and neither above nor below it."""
    height, width = foreign.shape
    y = np.arange(height)[:, None]
    line, columns = np.rint(seam.line(width)).astype(int), np.arange(width)
    beside = foreign[(line - _LINE - 1).clip(0), columns] & foreign[(line + _LINE + 1).clip(0, height - 1), columns]
    return foreign & ((abs(y - line) > _LINE) | beside)


@lru_cache(maxsize=8)
def _at_edge(height: int, width: int) -> np.ndarray:
    """(h, w) bool: the pixels of a thin frame at the border."""
    edge = np.ones((height, width), bool)
    thick = max(1, round(0.015 * min(height, width)))
    edge[thick:-thick, thick:-thick] = False
    return edge


def _threshold(edge: np.ndarray) -> tuple[float, float]:
    """The distance that backdrop pixels do not reach, and the share of the border (n,) that lies below it."""
    spread = float(np.quantile(edge, 0.5))
    near = edge[edge < 4 * max(spread, 0.7)]
    noise = float(np.sqrt((near**2).mean()))
    if noise > MOST_NOISE:
        return 0.0, 0.0
    threshold = THRESHOLD[0] * noise + THRESHOLD[1]
    return threshold, float((edge < threshold).mean())


def _reaching_border(candidate: np.ndarray) -> np.ndarray:
    """The parts of a mask that touch the border, other than by a few pixels."""
    labels, areas = label_parts(candidate)
    contact = np.bincount(border(labels), minlength=len(areas))
    keep = contact >= 3
    keep[0] = False
    return keep[labels]
