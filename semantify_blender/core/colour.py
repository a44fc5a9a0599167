"""Colours as people pick them (sRGB) and as light adds up (scene-linear)."""

import numpy as np

Colour = tuple[float, float, float]
"""Red, green, blue in 0..1."""


def linear_rgba(colour: Colour) -> tuple[float, float, float, float]:
    """sRGB to scene-linear RGBA, the colours of Blender's nodes."""
    values = np.asarray(colour, np.float64)
    out = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return (*out.tolist(), 1.0)  # type: ignore[return-value]
