"""The square that an encoder looks at: around the figure where it is found, else a box or the whole picture."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..errors import SemantifyError
from .figure import find_figure
from .found import Found, Several, resample_colours, resample_mask, sides_reached
from .landmarks import BodyLandmarks, FaceLandmarks
from .picture import Box, Picture, alpha_range, scaled_box
from .resize import average
from .seeking import Finder, NoSubjectError, Sighting

FILL = 0.88
"""Share of the crop's side that the longer side of the figure takes."""
GREY = 128
_FEW_PIXELS = 64
_SMALL_BOX = 8
_TELLING = 96
"""Pixels of a figure before a plain background from which a finder can say that it is no subject."""
_FOUND_BY = {"alpha": "the picture's alpha channel", "background": "its plain background", "finder": "the finder"}


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

    @property
    def outlined(self) -> np.ndarray | None:
        """The mask where its outline is the subject's own: that of a photographed head is hair, hat and shoulders."""
        return None if self.photographed and self.face is not None else self.mask

    @property
    def photographed(self) -> bool:
        """Whether it is of a picture in which a finder saw the subject, clothed as people are; not of a cut-out."""
        return self.source == "finder" or (self.source == "background" and bool(self.body or self.face))


def cut_figure(
    picture: Picture,
    size: int,
    box: Box | None = None,
    finder: Finder | None = None,
    force: bool = False,
    landmarks: bool = False,
) -> Cut:
    """The figure of a picture as a square of size × size pixels, on grey where its outline is known.

    box: the user's crop in stored pixels, as the cut's own crop; the figure is then looked for inside it, and whatever
    it holds is taken. finder: looks for the subject where neither alpha nor a plain background shows it; None takes all
    of such a picture. force: take all of a picture that it refuses. landmarks: have it read the figure that
    alpha shows, too. The same pixels always give the same cut.
    Raises SemantifyError for a box beside the picture and for a picture that shows nothing, NoSubjectError for one that
    does not show the subject.
    """
    scaled = None if box is None else scaled_box(box, 1 / picture.scale)
    cut = _cut(picture, size, scaled, finder, force or box is not None, landmarks)
    return replace(cut, crop=cut.crop.scaled(picture.scale))


def _cut(picture: Picture, size: int, box: Box | None, finder: Finder | None, force: bool, landmarks: bool) -> Cut:
    """The same in the pixels that there are."""
    region = _region(picture, box)
    _check_content(picture, region)
    found = find_figure(picture, region)
    if isinstance(found, Found):
        sighting = None
        if finder is not None and finder.decides and (landmarks or found.source != "alpha"):
            left, top, right, bottom = found.bounds
            # finders see little in a thumbnail, and alpha was cut by somebody who knew
            believed = force or found.source == "alpha" or max(right - left, bottom - top) < _TELLING
            sighting = _sought(picture, _around(found.bounds, region), finder, believed)
        return _cut_found(picture, size, found, sighting, region, box)
    if finder is not None:
        if isinstance(found, Several) and not force:
            raise NoSubjectError(_refused(picture, f"it shows {len(found.boxes)} figures: draw a crop box around one"))
        sighting = _sought(picture, region, finder, force)
        if sighting is not None:
            return _cut_found(picture, size, sighting.found, sighting, region, box)
    crop = Crop.around(region)
    pixels = _letterboxed(picture, region, crop, size)
    note = _why_not_found(found, box, finder is not None)
    return Cut(pixels, None, crop, "whole" if box is None else "box", (note,))


def _cut_found(
    picture: Picture, size: int, found: Found, sighting: Sighting | None, region: Box, box: Box | None
) -> Cut:
    crop = Crop.around(found.bounds, FILL)
    how = {"alpha": _from_alpha, "background": _from_backdrop, "finder": _from_mask}[found.source]
    pixels, mask = how(picture, found, crop, size)
    cut_off = found.cut_off(picture.width, picture.height)
    # a head goes on below, in every picture
    head = sighting is not None and sighting.face is not None and sighting.body is None
    missed = tuple(side for side in cut_off if not (head and side == "bottom"))
    notes = _notes(found, missed, region, picture, box)
    moved = crop.left, crop.top, size / crop.size
    body = sighting.body.moved(*moved) if sighting is not None and sighting.body is not None else None
    face = sighting.face.moved(*moved) if sighting is not None and sighting.face is not None else None
    return Cut(pixels, mask, crop, found.source, notes, body, face, cut_off)


def _sought(picture: Picture, region: Box, finder: Finder, force: bool) -> Sighting | None:
    """What is seen in a region of a picture; None where nothing is and the user insists."""
    part = replace(picture, pixels=_part(picture, region), stored=None)
    left, top = region[:2]
    try:
        seen = finder.seek(part)
    except NoSubjectError as error:
        if force:
            return None
        crop = error.crop
        if crop is not None:
            crop = scaled_box((crop[0] + left, crop[1] + top, crop[2] + left, crop[3] + top), picture.scale)
        raise NoSubjectError(_refused(picture, str(error)), crop) from error
    x0, y0, x1, y1 = seen.found.region
    found = replace(seen.found, region=(x0 + left, y0 + top, x1 + left, y1 + top))
    body = None if seen.body is None else seen.body.moved(-left, -top, 1)
    face = None if seen.face is None else seen.face.moved(-left, -top, 1)
    return Sighting(found, body, face)


def _refused(picture: Picture, why: str) -> str:
    return f"{picture.name}: {why}"


def _around(bounds: Box, region: Box) -> Box:
    """A box with a margin, in whole pixels inside a region."""
    more = 0.25 * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    left, top = max(region[0], math.floor(bounds[0] - more)), max(region[1], math.floor(bounds[1] - more))
    return left, top, min(region[2], math.ceil(bounds[2] + more)), min(region[3], math.ceil(bounds[3] + more))


def _why_not_found(several: Several | None, box: Box | None, sought: bool) -> str:
    where = "the whole picture" if box is None else "all of the crop box"
    if several is not None:
        return f"There are {len(several.boxes)} figures of like size: {where} was used; drag a crop box around one."
    looked = "Nothing was found by finder, plain background or alpha" if sought else "No plain background or alpha"
    if box is not None:
        return f"{looked} inside the crop box: all of the box was used."
    return f"{looked}: the whole picture was used; drag a crop box around the figure if it is small in it."


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


def _from_mask(picture: Picture, found: Found, crop: Crop, size: int) -> tuple[np.ndarray, np.ndarray]:
    values, _ = average(picture.pixels[..., :3], crop.box, (size, size))
    mask = resample_mask(found, crop.box, (size, size))
    share = mask[..., None]
    return _rounded(values * share + (1 - share) * GREY), mask


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
    notes = [f"The figure was found{where} by {_FOUND_BY[found.source]}."]
    left, top, right, bottom = found.bounds
    longer = picture.scale * max(right - left, bottom - top)
    if longer < _FEW_PIXELS:
        notes.append(f"It is only {round(longer)} pixels large: a larger picture fits better.")
    if cut_off:
        notes.append(f"It is cut off at the {_listed(cut_off)}: a picture of the whole figure fits better.")
    by_box = [] if box is None else [side for side in sides_reached(found.bounds, region) if side not in cut_off]
    if by_box:
        notes.append(f"It reaches the crop box's edge at the {_listed(by_box)}: draw the box wider there.")
    return tuple(notes)


def _listed(sides: Sequence[str]) -> str:
    """ "left, top and bottom"."""
    return " and ".join((", ".join(sides[:-1]), sides[-1])) if len(sides) > 1 else sides[0]
