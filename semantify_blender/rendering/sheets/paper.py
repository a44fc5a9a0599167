"""The paper that all sheets are laid on."""

from ...core.colour import Colour

PAPER: Colour = (0.945, 0.942, 0.935)
"""sRGB 0..1."""
PAPER_8_BIT = tuple(round(255 * channel) for channel in PAPER)
