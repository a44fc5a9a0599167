"""Where the figure of a picture is: by its alpha channel, or by a plain backdrop behind it; never by guessing.

All is done on a small copy, so that a photograph costs little more than a thumbnail.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .by_alpha import look_by_alpha, window
from .by_backdrop import look_by_backdrop
from .found import Found, Several, resample_colours, resample_mask
from .picture import Box, Picture
from .silhouettes import LEAST_SIDE

__all__ = ["Found", "Several", "find_figure", "resample_colours", "resample_mask"]

WORKING_SIDE = 192
_Seen = tuple[Found | Several | None, bool]


def find_figure(picture: Picture, box: Box | None = None) -> Found | Several | None:
    """The figure inside a box (by default everywhere); None where neither alpha nor a plain backdrop shows it.

    Several where they show more than one of like size: which one is meant is the user's to say.
    """
    region = _clipped(box or (0, 0, picture.width, picture.height), picture)
    if not _is_large(region):
        return None
    seen = _nearer(picture, region, _by_alpha)
    if seen is not None:
        return seen
    # what alpha shows is the rim of a picture: then that picture is looked into
    inside = window(picture, region, _grid(region))
    seen = _nearer(picture, inside, _by_backdrop) if _is_large(inside) else None
    return replace(seen, frame=inside) if isinstance(seen, Found) and inside != region else seen


def _nearer(picture: Picture, region: Box, look: Callable[[Picture, Box], _Seen]) -> Found | Several | None:
    """What is seen in a region; a figure that is small in it is looked at again from near by, and judged only then."""
    seen, sure = look(picture, region)
    if seen is None:
        return None
    near = _clipped(_widened(seen.bounds, 0.2), picture, region)
    if max(near[2] - near[0], near[3] - near[1]) < 0.75 * max(region[2] - region[0], region[3] - region[1]):
        seen, sure = look(picture, near)
    return seen if sure else None


def _by_alpha(picture: Picture, region: Box) -> _Seen:
    return look_by_alpha(picture, region, _grid(region)), True


def _by_backdrop(picture: Picture, region: Box) -> _Seen:
    return look_by_backdrop(picture, region, _grid(region))


def _is_large(region: Box) -> bool:
    return region[2] - region[0] >= LEAST_SIDE and region[3] - region[1] >= LEAST_SIDE


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
