"""What a finder is to a cut: it looks for one kind of subject in a picture, and says what it saw or why it saw nothing.

The finders themselves are in core/finders; pictures and their cuts know none of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SemantifyError
from .found import Found
from .landmarks import BodyLandmarks, FaceLandmarks
from .picture import Box, Picture


@dataclass(frozen=True, eq=False)
class Sighting:
    """One subject in a picture. found: where, source "finder". body, face: in pixels of the picture."""

    found: Found
    body: BodyLandmarks | None = None
    face: FaceLandmarks | None = None


class NoSubjectError(SemantifyError):
    """A picture that does not show what is asked for: nothing is fitted unless the user insists.

    message: what is wrong, to follow the picture's name. crop: in stored pixels, one that would help, or None.
    """

    def __init__(self, message: str, crop: Box | None = None) -> None:
        super().__init__(message)
        self.crop = crop


@dataclass(frozen=True)
class Finder:
    """seek: looks for a subject in all of a picture, and raises NoSubjectError. decides: whether a figure before a
    plain background in which it sees no subject is none."""

    seek: Callable[[Picture], Sighting]
    decides: bool
