"""The look of each picture of a dataset, by the name of the look (paper section 3.1)."""

from ..model.sampling import LOOK, view_generator
from .look import PLAIN, UNTEXTURED, Look
from .studio import random_look
from .wild import unseen_look, wild_look

_RANDOM = {"random": random_look, "wild": wild_look, "unseen": unseen_look}


def look_of(look: str, seed: int, sample: int, view: int, textured: bool = True) -> Look:
    """The look of view number `view` of a sample; it depends on (seed, sample, view) and nothing else.

    look: "plain", "random", "wild" or "unseen". textured: False paints every region the same grey.
    """
    if look == "plain":
        return PLAIN if textured else Look(palette=UNTEXTURED)
    return _RANDOM[look](view_generator(seed, sample, LOOK, view), textured)
