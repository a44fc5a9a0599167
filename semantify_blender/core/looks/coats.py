"""Coats of animals by name: colours of regions that go together. None belongs to a species: shape alone names that."""

import numpy as np

from ..colour import Colour

_DARK: Colour = (0.10, 0.08, 0.08)
_PINK: Colour = (0.74, 0.53, 0.48)


def _coat(fur: Colour, mane: Colour, belly: Colour, muzzle: Colour, hooves: Colour = (0.22, 0.18, 0.15),
          nose: Colour = _DARK, iris: Colour = (0.30, 0.18, 0.07)) -> dict[str, Colour]:  # fmt: skip
    red, green, blue = ((0.55 * f + 0.45 * p) for f, p in zip(fur, _PINK, strict=True))
    return {
        "fur": fur, "mane": mane, "belly fur": belly, "muzzle": muzzle, "nose pad": nose, "hooves": hooves,
        "inner ear": (red, green, blue), "animal iris": iris,
    }  # fmt: skip


COATS: dict[str, dict[str, Colour]] = {
    "bay": _coat((0.42, 0.23, 0.12), (0.08, 0.06, 0.05), (0.46, 0.27, 0.15), (0.22, 0.13, 0.09)),
    "chestnut": _coat((0.52, 0.28, 0.14), (0.58, 0.34, 0.18), (0.58, 0.35, 0.20), (0.48, 0.26, 0.14)),
    "black": _coat((0.11, 0.10, 0.10), (0.06, 0.05, 0.05), (0.15, 0.13, 0.13), (0.13, 0.11, 0.11)),
    "grey": _coat((0.56, 0.55, 0.54), (0.30, 0.29, 0.29), (0.72, 0.71, 0.69), (0.78, 0.76, 0.73)),
    "white": _coat((0.90, 0.88, 0.84), (0.86, 0.83, 0.78), (0.92, 0.90, 0.87), (0.80, 0.66, 0.60), nose=_PINK),
    "dun": _coat((0.66, 0.54, 0.40), (0.24, 0.18, 0.14), (0.76, 0.67, 0.55), (0.84, 0.79, 0.72)),
    "tawny": _coat((0.72, 0.54, 0.32), (0.34, 0.21, 0.12), (0.84, 0.73, 0.56), (0.83, 0.74, 0.62),
                   hooves=(0.62, 0.46, 0.28), iris=(0.66, 0.46, 0.12)),
    "ginger": _coat((0.78, 0.47, 0.20), (0.66, 0.36, 0.14), (0.88, 0.72, 0.52), (0.91, 0.84, 0.74),
                    hooves=(0.86, 0.68, 0.48), nose=_PINK, iris=(0.55, 0.56, 0.16)),
    "smoke": _coat((0.40, 0.41, 0.44), (0.30, 0.31, 0.34), (0.52, 0.53, 0.55), (0.56, 0.57, 0.58),
                   hooves=(0.36, 0.37, 0.40), iris=(0.62, 0.48, 0.12)),
    "red and white": _coat((0.45, 0.20, 0.12), (0.88, 0.84, 0.78), (0.90, 0.86, 0.81), (0.90, 0.84, 0.78),
                           hooves=(0.36, 0.28, 0.20), nose=_PINK),
    "black and tan": _coat((0.12, 0.10, 0.09), (0.10, 0.08, 0.07), (0.56, 0.34, 0.16), (0.58, 0.36, 0.18)),
    "liver": _coat((0.34, 0.20, 0.14), (0.28, 0.16, 0.11), (0.40, 0.25, 0.18), (0.36, 0.22, 0.16),
                   nose=(0.30, 0.17, 0.13), iris=(0.55, 0.36, 0.12)),
    "slate": _coat((0.42, 0.36, 0.36), (0.36, 0.30, 0.30), (0.60, 0.46, 0.44), (0.58, 0.45, 0.43),
                   hooves=(0.38, 0.32, 0.31)),
}  # fmt: skip
"""Of horses, asses, cattle, cats, dogs and the like."""


def random_coat(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One of the coats, a little lighter or darker than it is written. Region -> sRGB (3,)."""
    name = list(COATS)[int(rng.integers(len(COATS)))]
    share = rng.uniform(0.85, 1.12)
    return {region: np.array(colour) * share for region, colour in COATS[name].items()}
