"""From the axes and the unit of a file to Blender's: metres, Z up, facing −Y."""

from collections.abc import Mapping

import numpy as np

from ..errors import SemantifyError

UNITS: Mapping[str, float] = {
    "m": 1.0, "metre": 1.0, "metres": 1.0, "meter": 1.0, "meters": 1.0,
    "dm": 0.1, "decimetres": 0.1, "decimeters": 0.1,
    "cm": 0.01, "centimetre": 0.01, "centimetres": 0.01, "centimeter": 0.01, "centimeters": 0.01,
    "mm": 0.001, "millimetre": 0.001, "millimetres": 0.001, "millimeter": 0.001, "millimeters": 0.001,
    "in": 0.0254, "inch": 0.0254, "inches": 0.0254, "ft": 0.3048, "feet": 0.3048,
}  # fmt: skip
"""What files call their unit -> metres."""
DIRECTIONS = ("x", "y", "z", "-x", "-y", "-z")
_USUAL_FRONT = {"y": "z", "z": "-y", "x": "z", "-x": "z", "-y": "z", "-z": "-y"}


def axis(name: str) -> np.ndarray:
    """(3,) of one of DIRECTIONS, whatever its case; "+y" is "y". Raises SemantifyError for another name."""
    plain = name.strip().lower().removeprefix("+")
    if plain not in DIRECTIONS:
        raise SemantifyError(f"{name[:20]!r} is no axis: choose one of {', '.join(DIRECTIONS)}")
    unit = np.zeros(3)
    unit["xyz".index(plain[-1])] = -1.0 if plain.startswith("-") else 1.0
    return unit


def turn(up: str, front: str | None = None) -> np.ndarray:
    """The rotation (3, 3) that takes `up` to Z and `front` to −Y. front: by default +Z of Y up, −Y of Z up.

    Raises SemantifyError for names that are no axes, and when both lie along the same.
    """
    above = axis(up)
    towards = axis(front if front is not None else _USUAL_FRONT[up.strip().lower().removeprefix("+")])
    if abs(above @ towards) > 0:
        raise SemantifyError(f"up is {up} and the front is {front}: give two different axes")
    return np.stack([np.cross(above, towards), -towards, above])
