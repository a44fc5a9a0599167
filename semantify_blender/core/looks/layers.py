"""What people wear over an outfit and carry, and how they wear their hair: what photographs show besides the shape.

Numbers alone; `core.model.over` and the renderer make surfaces of them.
"""

from dataclasses import dataclass

import numpy as np

from ..colour import Colour
from .random_colours import cloth, colour_of

SKIRT_SHARES = (0.08, 0.5)
"""How many men and women wear a skirt or a dress, of those who wear clothes."""
LONG_HAIR = (0.12, 0.7)
"""How many men and women wear hair that hangs over the neck."""
_BEARDED = 0.35
"""How many men have a beard that stands off."""


@dataclass(frozen=True)
class Layers:
    """Lengths in metres.

    loose: 0, a top lies on the trunk, to 1, it hangs straight down from chest and belly. padding: by which tops and
    their sleeves stand off. sleeves: bare arms are under cloth as well. opening: colour of what an open jacket shows
    in front. legs: by which trousers stand off at their hems. flare: by how much of its width a skirt is wider for
    each metre below the waist. length: of a skirt, 1 as it is. creases: how deep. phase: (3,) where creases lie.
    hair: by which hair stands off the head; hanging: its length below the ears. beard: by which one stands off.
    hat: height and brim. bag: where ("back", "left", "right"), and its size (3,). glasses: whether there are any.
    hat_colour, bag_colour: sRGB. fur: by which an animal's coat stands off.
    """

    loose: float = 0.0
    padding: float = 0.0
    sleeves: bool = False
    opening: Colour | None = None
    legs: float = 0.0
    flare: float = 0.0
    length: float = 1.0
    creases: float = 0.0
    phase: tuple[float, float, float] = (0.0, 0.0, 0.0)
    hair: float = 0.0
    hanging: float = 0.0
    beard: float = 0.0
    hat: tuple[float, float] | None = None
    hat_colour: Colour = (0.2, 0.2, 0.2)
    bag: tuple[str, tuple[float, float, float]] | None = None
    bag_colour: Colour = (0.2, 0.2, 0.2)
    glasses: bool = False
    fur: float = 0.0

    def palette(self, palette: dict[str, Colour]) -> dict[str, Colour]:
        """A look's palette with what these layers cover."""
        changed = {} if self.opening is None else {"opening": self.opening}
        if self.sleeves:
            changed["sleeves"] = palette["top"]
        return palette | changed


BARE = Layers()


def random_layers(rng: np.random.Generator, woman: float | None = None) -> Layers:
    """What somebody wears in look "wild". woman: 0 for men to 1 for women, None where nothing tells."""
    # always the same draws in the same order, whatever is used of them
    share = 0.5 if woman is None else float(np.clip(woman, 0.0, 1.0))
    jacket, tight = rng.random() < 0.35, rng.random() < 0.4
    thin, thick = rng.uniform(0.0, 0.006), rng.uniform(0.008, 0.04)
    hanging, tail = rng.random() < _between(LONG_HAIR, share), rng.uniform(0.05, 0.45)
    volume = rng.gamma(1.6, 0.012) if rng.random() < 0.75 else 0.0
    loose = 0.0 if tight and not jacket else rng.uniform(0.0, 1.0) ** 0.7
    opening, coloured = rng.random() < 0.45, colour_of(cloth(rng))
    bearded, beard = rng.random() < _BEARDED * (1 - share), rng.uniform(0.004, 0.03)
    hat, crown, brim = rng.random() < 0.12, rng.uniform(0.05, 0.14), rng.choice([0.0, 0.0, 0.05, 0.09, 0.14])
    bag = rng.random() < 0.1
    place = ("back", "left", "right")[int(rng.integers(3))]
    size = (rng.uniform(0.14, 0.4), rng.uniform(0.07, 0.18), rng.uniform(0.2, 0.5))
    trousers, flare, length = rng.gamma(1.5, 0.012), rng.uniform(0.0, 0.7), rng.uniform(0.75, 1.9)
    hat_colour, bag_colour = colour_of(cloth(rng)), colour_of(cloth(rng))
    creases, phase = rng.uniform(0.0, 0.006), rng.uniform(0, 2 * np.pi, 3)
    glasses, fur = rng.random() < 0.2, rng.gamma(1.5, 0.006)
    return Layers(
        loose=loose,
        padding=thick if jacket else thin,
        sleeves=jacket,
        opening=coloured if jacket and opening else None,
        legs=min(trousers, 0.06),
        flare=flare,
        length=length,
        creases=creases * (1.5 if jacket else 1.0),
        phase=(float(phase[0]), float(phase[1]), float(phase[2])),
        hair=min(volume, 0.09),
        hanging=tail if hanging else 0.0,
        beard=beard if bearded else 0.0,
        hat=(crown, float(brim)) if hat else None,
        hat_colour=hat_colour,
        bag=(place, size) if bag else None,
        bag_colour=bag_colour,
        glasses=glasses,
        fur=min(fur, 0.035),
    )


def skirt_share(woman: float | None) -> float:
    """How likely it is that somebody wears a skirt or a dress. woman: as for `random_layers`."""
    return _between(SKIRT_SHARES, 0.5 if woman is None else float(np.clip(woman, 0.0, 1.0)))


def _between(shares: tuple[float, float], woman: float) -> float:
    return shares[0] + woman * (shares[1] - shares[0])
