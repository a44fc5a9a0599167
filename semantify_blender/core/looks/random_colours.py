"""Random colours of skin, hair, garments and coats, as people and animals have them."""

import numpy as np

from ..colour import Colour
from ..palette import PALETTE, skin_colours
from .coats import random_coat

_SKIN_LIGHT, _SKIN_DARK = np.array([0.93, 0.75, 0.65]), np.array([0.33, 0.20, 0.14])
_HAIR = np.array([[0.08, 0.06, 0.05], [0.22, 0.14, 0.09], [0.40, 0.26, 0.15], [0.72, 0.55, 0.33], [0.45, 0.20, 0.10],
                  [0.62, 0.61, 0.60]])  # fmt: skip
_FUR = np.array([[0.90, 0.88, 0.84], [0.80, 0.68, 0.50], [0.66, 0.48, 0.30], [0.47, 0.28, 0.16], [0.30, 0.20, 0.14],
                 [0.12, 0.10, 0.10], [0.52, 0.50, 0.48], [0.62, 0.53, 0.50]])  # fmt: skip


def random_palette(rng: np.random.Generator) -> dict[str, Colour]:
    """Colours of skin, hair, garments and coats, as people and animals have them."""
    skin = _SKIN_DARK + rng.beta(1.3, 1.0) * (_SKIN_LIGHT - _SKIN_DARK) + rng.normal(0, 0.015, 3)
    hair = _HAIR[rng.integers(len(_HAIR))] * rng.uniform(0.7, 1.2) + rng.normal(0, 0.01, 3)
    top, shorts = cloth(rng), cloth(rng)
    changed = {name: np.array(colour) for name, colour in skin_colours(tuple(skin.tolist())).items()}
    changed |= {"hair": hair, "brows": hair * 0.8, "top": top, "shorts": shorts, "shoes": cloth(rng) * 0.6}
    # animals draw from a child stream, so that they leave the looks of people as they are
    changed |= _random_coat(rng.spawn(1)[0])
    return PALETTE | {name: colour_of(value) for name, value in changed.items()}


def _random_coat(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Colours of an animal, half of them coats by name; they tell nothing of its species: shape alone names it."""
    fur, other = _FUR[rng.integers(len(_FUR), size=2)] * rng.uniform(0.8, 1.15, (2, 1))
    pink, dark = np.array([0.80, 0.58, 0.53]), np.array([0.15, 0.12, 0.11])
    mane = fur if rng.random() < 0.25 else fur * 0.5 if rng.random() < 0.6 else other
    belly = fur + rng.uniform(0, 0.6) * (np.array([0.9, 0.87, 0.82]) - fur)
    muzzle = fur + rng.uniform(0, 0.5) * ((dark if rng.random() < 0.5 else belly) - fur)
    horns = dark + rng.random() * (np.array([0.90, 0.85, 0.74]) - dark)
    nose = dark + rng.beta(0.7, 1.5) * (pink - dark)
    feet = fur * rng.uniform(0.3, 1.0) if rng.random() < 0.7 else horns
    iris = np.array([0.20, 0.12, 0.06]) + rng.random() * (np.array([0.72, 0.62, 0.22]) - np.array([0.20, 0.12, 0.06]))
    found = {"fur": fur, "mane": mane, "belly fur": belly, "muzzle": muzzle, "nose pad": nose, "hooves": feet,
             "horns": horns, "inner ear": 0.5 * (fur + pink), "udder": 0.4 * fur + 0.6 * pink,
             "animal iris": iris}  # fmt: skip
    return found | random_coat(rng) if rng.random() < 0.5 else found


def cloth(rng: np.random.Generator) -> np.ndarray:
    """A colour of cloth: any hue, mostly muted. Returns (3,) sRGB."""
    return from_hsv(rng.random(), rng.beta(1.2, 1.6), rng.uniform(0.12, 0.88))


def from_hsv(hue: float, saturation: float, value: float) -> np.ndarray:
    """An sRGB colour (3,) of a hue, saturation and value, each 0..1."""
    ramp = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return value * (1 + saturation * (ramp - 1))


def colour_of(values: np.ndarray) -> Colour:
    """An sRGB colour kept off pure black and white. values: (3,)."""
    red, green, blue = np.clip(values, 0.02, 0.98).tolist()
    return red, green, blue
