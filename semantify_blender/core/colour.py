"""Colours as people pick them (sRGB) and as light adds up (scene-linear)."""

import numpy as np

Colour = tuple[float, float, float]
"""Red, green, blue in 0..1."""


def linear(values: np.ndarray) -> np.ndarray:
    """sRGB to scene-linear, number by number. values: floats in 0..1, any shape. Returns the same shape and dtype."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def srgb(values: np.ndarray) -> np.ndarray:
    """Scene-linear to sRGB, cut to 0..1; what is no number becomes 0.

    values: floats, any shape. Returns the same shape and dtype.
    """
    values = np.clip(np.nan_to_num(values), 0.0, 1.0)
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)


def linear_rgba(colour: Colour) -> tuple[float, float, float, float]:
    """An sRGB colour as scene-linear and opaque, the colours of Blender's nodes."""
    # as `linear`, which takes ten times as long for three numbers: a picture of a dataset has dozens of colours
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in map(float, colour)
    )
    return red, green, blue, 1.0


def from_hex(text: str) -> Colour:
    """The sRGB colour of "#RRGGBB". Raises ValueError for any other text."""
    if len(text) != 7 or not text.startswith("#"):
        raise ValueError(f"{text!r} is no colour #RRGGBB")
    red, green, blue = bytes.fromhex(text[1:])
    return red / 255, green / 255, blue / 255
