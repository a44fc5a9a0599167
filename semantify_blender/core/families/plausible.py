"""Whether a converted model has the size of its subject and stands upright: units and axes are easily mistaken."""

import math

import numpy as np

from ..errors import SemantifyError
from ..files.bounds import BASIS_BYTES

SIZES = {"body": (0.4, 3.5), "head": (0.08, 1.2), "other": (0.02, 20.0)}
"""Subject -> the least and the largest longest side, metres."""
_TYPICAL = {"body": 1.7, "head": 0.3, "other": 1.0}
_UNITS = {1.0: "metres", 0.1: "decimetres", 0.01: "centimetres", 0.001: "millimetres", 0.0254: "inches", 0.3048: "feet"}
_DEEP = {"body": 1.5, "head": 2.5, "other": 3.0}
"""How many times as deep as tall a subject is no longer taken for an upright one; animals are longer than tall."""
_WIDE = {"body": 2.0, "head": 2.5, "other": 3.0}
"""The same of its width; arms held out are as wide as a body is tall."""


def check_size(path: object, template: np.ndarray, subject: str, unit: float) -> None:
    """Raise SemantifyError, with the option to give, for a model of an implausible size.

    template: (V, 3) metres, Z up. subject: a key of SIZES. unit: metres that were taken for one unit of the file.
    """
    sides = np.ptp(template, 0)
    longest, (least, most) = float(sides.max()), SIZES[subject]
    if not least <= longest <= most:
        what = {"body": "no body", "head": "no head", "other": "hardly anything"}[subject]
        found = f"is {_metres(longest)} {'tall' if sides[2] == longest else 'long'}, as {what} is"
        raise SemantifyError(f"{path}: {found}: say how many metres a unit is, {_advice(longest / unit, subject)}")


def check_basis(path: object, components: int, vertices: int) -> None:
    """Raise SemantifyError before memory is taken for more than one model may have: files of a few bytes ask for it."""
    if 24 * components * vertices > BASIS_BYTES:
        most = BASIS_BYTES // (24 * vertices)
        raise SemantifyError(
            f"{path}: {components} shapes of {vertices} vertices are too much: give --components {most}"
        )


def check_upright(path: object, template: np.ndarray, subject: str, rotation: np.ndarray) -> None:
    """Raise SemantifyError, with the option to give, for a model that lies down.

    template: (V, 3) metres, Z up, facing −Y, by the rotation (3, 3) from the file's axes.
    """
    found = lying(template, subject)
    if found is None:
        return
    # the file's axis that came to lie along the longest side
    letter = "xyz"[int(np.abs(rotation[found]).argmax())]
    now = "xyz"[int(np.abs(rotation[2]).argmax())]
    raise SemantifyError(
        f"{path}: lies down, {_metres(float(np.ptp(template[:, found])))} long and "
        f"{_metres(float(np.ptp(template[:, 2])))} tall with {now} up: say --up {letter} (or "
        f"--up=-{letter}), or --up {now} if that is right"
    )


def lying(template: np.ndarray, subject: str) -> int | None:
    """The axis along which a subject lies, None for one that stands."""
    width, depth, tall = np.ptp(template, 0)
    if depth > _DEEP[subject] * tall and depth >= width:
        return 1
    return 0 if width > _WIDE[subject] * tall else None


def _advice(units: float, subject: str) -> str:
    """units: the longest side in units of the file."""
    if not units > 0:
        return "with --scale"
    low, high = SIZES[subject]
    fitting = [unit for unit in _UNITS if low <= units * unit <= high]
    if not fitting:
        return f"--scale {_TYPICAL[subject] / units:.3g} makes it {_TYPICAL[subject]:g} m"
    best = min(fitting, key=lambda unit: abs(math.log(units * unit / _TYPICAL[subject])))
    return f"--scale {best:g} for {_UNITS[best]}"


def _metres(length: float) -> str:
    return f"{length:,.0f} m" if length >= 20 else f"{length:.2g} m"
