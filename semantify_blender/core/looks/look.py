"""How one picture looks apart from its shape: colours, light, background and camera."""

from dataclasses import dataclass, field

import numpy as np

from ..colour import Colour
from ..palette import GREY, PALETTE


@dataclass(frozen=True)
class Look:
    """One picture's look. Angles in degrees, relative to the camera: azimuth to its right, elevation up.

    palette: region name -> sRGB. Light strengths: 1 lights a surface that faces the light to its own colour.
    background: sRGB colours at the two ends of a gradient that runs along `gradient` degrees (0 right, 90 up).
    key_colour: sRGB of the key light.
    stripes: of the garments, or None: their second sRGB colour, how many to a metre, and their slant in degrees.
    yaw, pitch: turn of the camera around the figure. zoom: frame size, 1 is the model's own.
    shift: of the figure to the (right, up), in frames. distance: of the camera, metres per metre of frame height.
    """

    palette: dict[str, Colour] = field(default_factory=lambda: PALETTE)
    background: tuple[Colour, Colour] = ((0.78, 0.79, 0.80), (0.78, 0.79, 0.80))
    gradient: float = 90.0
    key_azimuth: float = -38.0
    key_elevation: float = 42.0
    key_strength: float = 0.78
    fill_azimuth: float = 55.0
    fill_elevation: float = 10.0
    fill_strength: float = 0.22
    ambient: float = 0.20
    yaw: float = 0.0
    pitch: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    distance: float = 6.0 / 2.2
    key_colour: Colour = (1.0, 1.0, 1.0)
    stripes: tuple[Colour, float, float] | None = None


PLAIN = Look()
UNTEXTURED = dict.fromkeys(PALETTE, GREY)


def direction(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Unit vector towards an azimuth and elevation in degrees; (0, 0) is −Y, where a front view is taken from."""
    a, e = np.radians([azimuth, elevation])
    return float(np.sin(a) * np.cos(e)), float(-np.cos(a) * np.cos(e)), float(np.sin(e))
