"""Where a model is seen and where it stands: the square window of its pictures, and whether it stands on a floor."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import SemantifyError

TURN = 25.0
"""So that bellies, chests and seats show as well as hips and shoulders."""


@dataclass(frozen=True)
class Framing:
    """The square window in front of the camera.

    height: metres. centre: (3,) of the window, metres. floor: each shape is moved so that its lowest point is at z = 0,
    so that a picture shows how tall it is. turn: degrees about Z by which a sheet shows the subject turned to its left.
    """

    height: float
    centre: tuple[float, float, float]
    floor: bool
    turn: float = TURN

    @classmethod
    def of(cls, name: str, template: np.ndarray, metadata: Mapping[str, Any]) -> "Framing":
        """A model's own, else one that holds its template. name: of the model. template: (V, 3) metres.

        Metadata "framing" may give "height" (metres), "floor" (bool), "turn" (degrees) and "centre" (x, y, z; of models
        without a floor).
        Without it a template that is taller than wide and at least 1.2 m is taken for a standing figure.
        Raises SemantifyError for a framing that shows nothing.
        """
        low, high = template.min(0), template.max(0)
        size = high - low
        wanted = metadata.get("framing")
        wanted = wanted if isinstance(wanted, dict) else {}
        floor = bool(wanted.get("floor", size[2] >= 1.2 and size[2] == size.max()))
        height = _number(name, "height", wanted.get("height", max(2.2, 1.25 * size[2]) if floor else 1.3 * size.max()))
        if height <= 0:
            raise SemantifyError(f"model {name!r}: metadata framing.height is {height}: give metres above zero")
        turn = _number(name, "turn", wanted.get("turn", TURN))
        x, y, z = ((low + high) / 2).tolist()
        if floor:
            # a standing figure's feet are 4 % above the lower edge
            return cls(height, (x, y, 0.46 * height), floor, turn)
        centre = wanted.get("centre", (x, y, z))
        if not isinstance(centre, list | tuple) or len(centre) != 3:
            raise SemantifyError(f"model {name!r}: metadata framing.centre is {centre!r}: give three numbers")
        x, y, z = (_number(name, "centre", value) for value in centre)
        return cls(height, (x, y, z), floor, turn)

    def place(self, vertices: np.ndarray) -> np.ndarray:
        """Put shapes on the floor where the framing asks for it. vertices: (..., V, 3), changed in place."""
        if self.floor:
            vertices[..., 2] -= vertices[..., 2].min(-1)[..., None]
        return vertices


def _number(name: str, field: str, value: object) -> float:
    if isinstance(value, int | float | np.floating) and math.isfinite(value):
        return float(value)
    raise SemantifyError(f"model {name!r}: metadata framing.{field} is {value!r}: give finite numbers in metres")
