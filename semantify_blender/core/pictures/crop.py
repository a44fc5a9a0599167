"""The square that an encoder looks at: around the figure where it is found, else a box or the whole picture."""

import math
from dataclasses import dataclass, replace

import numpy as np

from ..errors import SemantifyError
from .figure import find_figure
from .found import Found, Several, resample_colours, resample_mask, sides_reached
from .landmarks import BodyLandmarks, FaceLandmarks
from .picture import Box, Picture, alpha_range, scaled_box
from .resize import average

FILL = 0.88
"""Share of the crop's side that the longer side of the figure takes."""
GREY = 128
_FEW_PIXELS = 64
_SMALL_BOX = 8


@dataclass(frozen=True)
class Crop:
    """A square in pixels of the picture; it may reach outside."""

    left: float
    top: float
    size: float

    @property
    def box(self) -> Box:
        """(left, top, right, bottom)."""
        return self.left, self.top, self.left + self.size, self.top + self.size

    def scaled(self, factor: float) -> "Crop":
        """The same square in pixels that are smaller by a factor."""
        return Crop(self.left * factor, self.top * factor, self.size * factor)

    @classmethod
    def around(cls, box: Box, fill: float = 1.0) -> "Crop":
        """The square with the same centre in which the box's longer side takes the share `fill`."""
        side = max(box[2] - box[0], box[3] - box[1]) / fill
        return cls((box[0] + box[2] - side) / 2, (box[1] + box[3] - side) / 2, side)


@dataclass(frozen=True, eq=False)
class Cut:
    """pixels: (S, S, 3) uint8 sRGB. mask: (S, S) float32 0..1 of the figure, None where it was not found.

    crop: the part of the picture that is seen. source: what decided it, "alpha", "background", "finder", "box" or
    "whole". notes: sentences for the user. body, face: what finders read off it, in pixels of the cut, where they
    were asked and found something. cut_off: the sides of the picture ("left", "top", "right", "bottom") at which the
    figure is cut off.
    """

    pixels: np.ndarray
    mask: np.ndarray | None
    crop: Crop
    source: str
    notes: tuple[str, ...]
    body: BodyLandmarks | None = None
    face: FaceLandmarks | None = None
    cut_off: tuple[str, ...] = ()


def cut_figure(picture: Picture, size: int, box: Box | None = None) -> Cut:
    """The figure of a picture as a square of size × size pixels, on grey where its outline is known.

    box: the user's crop in stored pixels, as the cut's own crop; the figure is then looked for inside it. The same
    pixels always give the same cut.
    Raises SemantifyError for a box beside the picture and for a picture that shows nothing.
    """
    cut = _cut(picture, size, None if box is None else scaled_box(box, 1 / picture.scale))
    return replace(cut, crop=cut.crop.scaled(picture.scale))


def _cut(picture: Picture, size: int, box: Box | None) -> Cut:
    """The same in the pixels that there are."""
    region = _region(picture, box)
    _check_content(picture, region)
    found = find_figure(picture, region)
    if isinstance(found, Found):
        crop = Crop.around(found.bounds, FILL)
        cut = (
            _from_alpha(picture, found, crop, size)
            if found.source == "alpha"
            else _from_backdrop(picture, found, crop, size)
        )
        cut_off = found.cut_off(picture.width, picture.height)
        return Cut(*cut, crop, found.source, _notes(found, cut_off, region, picture, box), cut_off=cut_off)
    crop = Crop.around(region)
    pixels = _letterboxed(picture, region, crop, size)
    return Cut(pixels, None, crop, "whole" if box is None else "box", (_why_not_found(found, box),))


def _why_not_found(several: Several | None, box: Box | None) -> str:
    where = "the whole picture" if box is None else "all of the crop box"
    if several is not None:
        return f"There are {len(several.boxes)} figures of like size: {where} was used; drag a crop box around one."
    if box is not None:
        return "No plain background or alpha inside the crop box: all of the box was used."
    return (
        "No plain background or alpha: the whole picture was used; "
        "drag a crop box around the figure if it is small in it."
    )


def _region(picture: Picture, box: Box | None) -> Box:
    """The box in whole pixels inside the picture."""
    if box is None:
        return 0, 0, picture.width, picture.height
    if not all(math.isfinite(value) for value in box):
        raise SemantifyError(f"{picture.name}: the crop box {box} is not made of finite numbers; drag it again")
    left, top = max(0, math.floor(box[0])), max(0, math.floor(box[1]))
    right, bottom = min(picture.width, math.ceil(box[2])), min(picture.height, math.ceil(box[3]))
    if right - left < _SMALL_BOX or bottom - top < _SMALL_BOX:
        width, height = picture.full_size
        raise SemantifyError(
            f"{picture.name}: less than {_SMALL_BOX} pixels of the picture ({width} × {height}) "
            "are inside the crop box; drag it over the figure"
        )
    return left, top, right, bottom


def _part(picture: Picture, region: Box) -> np.ndarray:
    left, top, right, bottom = (int(value) for value in region)
    return picture.pixels[top:bottom, left:right]


def _check_content(picture: Picture, region: Box) -> None:
    """Refuse what could only give a figure by chance."""
    part = _part(picture, region)
    if not alpha_range(part)[1]:
        raise SemantifyError(f"{picture.name}: the picture is transparent everywhere; save it with its figure")
    # a few pixels nearly always tell that there are several colours
    if all(np.ptp(some[..., channel]) < 4 for some in (part[::16, ::16], part) for channel in range(4)):
        raise SemantifyError(f"{picture.name}: the picture has one colour everywhere; choose one that shows a figure")


def _from_alpha(picture: Picture, found: Found, crop: Crop, size: int) -> tuple[np.ndarray, np.ndarray]:
    values, _ = average(picture.pixels, crop.box, (size, size), premultiply=True)
    # what is not of the figure, specks and other small things, is left out
    kept = resample_mask(found, crop.box, (size, size)) > 0
    mask = np.where(kept, values[..., 3] / 255, 0).clip(0, 1).astype(np.float32)
    colours = np.where(kept[..., None], values[..., :3], 0)
    return _rounded(colours + (1 - mask[..., None]) * GREY), mask


def _from_backdrop(picture: Picture, found: Found, crop: Crop, size: int) -> tuple[np.ndarray, np.ndarray]:
    values, _ = average(picture.pixels[..., :3], crop.box, (size, size))
    mask = resample_mask(found, crop.box, (size, size))
    share = mask[..., None]
    # at the edge the backdrop shines through: take out its share before grey comes in
    own = (values - (1 - share) * resample_colours(found, crop.box, (size, size))).clip(0, 255 * share)
    return _rounded(np.where(share > 0, own, 0) + (1 - share) * GREY), mask


def _letterboxed(picture: Picture, region: Box, crop: Crop, size: int) -> np.ndarray:
    """A part of the picture as it is, the rest of the square in the mean colour of its border."""
    part = _part(picture, region)
    rim = np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]]).astype(np.float32)
    left, top = region[:2]
    box = (crop.left - left, crop.top - top, crop.left + crop.size - left, crop.top + crop.size - top)
    if alpha_range(part)[0] < 255:
        values, coverage = average(part, box, (size, size), premultiply=True)
        colours = values[..., :3] + (coverage[..., None] - values[..., 3:] / 255) * GREY
        rim[:, :3] = rim[:, :3] * rim[:, 3:] / 255 + (1 - rim[:, 3:] / 255) * GREY
    else:
        colours, coverage = average(part[..., :3], box, (size, size))
    return _rounded(colours + (1 - coverage[..., None]) * rim[:, :3].mean(0))


def _rounded(values: np.ndarray) -> np.ndarray:
    return (values + 0.5).clip(0, 255).astype(np.uint8)


def _notes(found: Found, cut_off: tuple[str, ...], region: Box, picture: Picture, box: Box | None) -> tuple[str, ...]:
    where = " inside the crop box" if box is not None else ""
    how = "the picture's alpha channel" if found.source == "alpha" else "its plain background"
    notes = [f"The figure was found{where} by {how}."]
    left, top, right, bottom = found.bounds
    longer = picture.scale * max(right - left, bottom - top)
    if longer < _FEW_PIXELS:
        notes.append(f"It is only {round(longer)} pixels large: a larger picture fits better.")
    if cut_off:
        notes.append(f"It is cut off at the {' and '.join(cut_off)}: a picture of the whole figure fits better.")
    by_box = [] if box is None else [side for side in sides_reached(found.bounds, region) if side not in cut_off]
    if by_box:
        notes.append(f"It reaches the crop box's edge at the {' and '.join(by_box)}: draw the box wider there.")
    return tuple(notes)
