"""A figure on a stage in an outfit, with layers over it, held in a pose."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.colour import Colour
from ..core.looks.carried import BAG, BEARD, GLASSES, HAIR, HAT, Carried
from ..core.looks.gait import Legs
from ..core.looks.layers import Layers
from ..core.looks.look import Look
from ..core.looks.over import Over
from ..core.model.dressed import Dressed
from ..core.model.following import Following
from ..core.model.morphable_model import MorphableModel
from ..core.model.posing import Rig
from ..core.model.rotations import to_vectors
from .stage.scene import Stage

_SITS = 35.0
"""Degrees that a thigh is raised by who does not stand."""
_FRAMES: Colour = (0.07, 0.07, 0.08)


class Worn:
    """An outfit of a stage's model: how clothes follow the body, what lies over them, and how both are posed."""

    def __init__(self, stage: Stage, dressed: Dressed[MorphableModel]) -> None:
        self._stage, self._dressed = stage, dressed
        self.rig = Rig.of(dressed.model)
        self.legs = Legs.of(dressed.model) if self.rig is None else None
        self._over, self._carried = Over.of(stage.model, dressed), Carried.of(dressed.model)
        self._following: Following | None = None

    def vertices(self, coefficients: np.ndarray, given: np.ndarray | None = None) -> np.ndarray:
        """(Vd, 3) metres of the dressed model. given: the body's vertices where they are not the coefficients' own."""
        if given is None:
            return self._dressed.model.vertices(coefficients)
        if self._following is None:
            self._following = Following.of(self._stage.model, self._dressed)
        return self._following.vertices(given)

    def posed(
        self,
        vertices: np.ndarray,
        layers: Layers,
        pose: Mapping[str, np.ndarray],
        gait: np.ndarray | None = None,
    ) -> np.ndarray:
        """The figure held in a pose, with its layers on, placed. vertices: (Vd, 3) metres. Returns the same.

        gait: of an animal without a rig, see `core.looks.gait`.
        """
        thighs = [np.linalg.norm(to_vectors(turn)) for name, turn in pose.items() if name.startswith("thigh.")]
        draped = self._over.draped(vertices, layers, bool(max(thighs, default=0.0) < _SITS))
        held = draped if self.rig is None else self.rig.pose(draped, pose)
        if self.legs is not None and gait is not None:
            held = self.legs.posed(held, gait)
        return self._stage.framing.place(self._over.padded(held, layers))

    def show(self, figure: np.ndarray, layers: Layers, look: Look) -> Look:
        """Put the figure and what it carries on the stage. figure: of `posed`. Returns the look in their colours."""
        self._stage.shape(figure)
        if self._carried is not None:
            hair = look.palette.get("hair", _FRAMES)
            colours = {HAIR: hair, BEARD: hair, HAT: layers.hat_colour, BAG: layers.bag_colour, GLASSES: _FRAMES}
            self._stage.carry(self._carried.grids(figure, layers), colours)
        return replace(look, palette=layers.palette(look.palette)) if self._over.top.any() else look
