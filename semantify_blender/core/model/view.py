"""Where the camera stands around a model."""

from dataclasses import dataclass

from ..errors import SemantifyError

_NAMED_AZIMUTHS = {"front": 0.0, "side": 90.0, "back": 180.0, "left": -90.0, "three_quarter": 45.0}


@dataclass(frozen=True)
class View:
    """One camera position: name is part of the image's file name, azimuth in degrees (front 0, side 90)."""

    name: str
    azimuth: float

    @classmethod
    def parse(cls, text: str) -> "View":
        """ "front", "side", "back", "left", "three_quarter" or "az:DEGREES". Raises SemantifyError otherwise."""
        if text in _NAMED_AZIMUTHS:
            return cls(text, _NAMED_AZIMUTHS[text])
        try:
            prefix, _, degrees = text.partition(":")
            azimuth = float(degrees)
            if prefix != "az" or not abs(azimuth) <= 1e6:
                raise ValueError
        except ValueError:
            raise SemantifyError(
                f"unknown view {text!r}: use {', '.join(_NAMED_AZIMUTHS)} or az:DEGREES, for example az:30"
            ) from None
        # a dot would end the sample's key in a WebDataset member name
        return cls(f"az{azimuth:g}".replace(".", "_"), azimuth)

    @property
    def text(self) -> str:
        """What `parse` makes this view of. Raises SemantifyError for one with a name of its own."""
        short = f"{self.azimuth:g}"
        degrees = short if float(short) == self.azimuth else repr(self.azimuth)
        text = self.name if self.name in _NAMED_AZIMUTHS else f"az:{degrees}"
        if View.parse(text) != self:
            raise SemantifyError(f"view {self.name!r} at {self.azimuth:g}°: make it with View.parse, for example az:30")
        return text
