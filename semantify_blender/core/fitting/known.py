"""What the user knows about the subject beside its pictures, as conditions on the coefficients."""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import SemantifyError
from ..model.gradients import GENDER, GIRTHS, HEIGHT, WEIGHT, measurements_of
from ..model.morphable_model import MorphableModel
from .conditions import Condition, Conditions
from .fitter import Estimate, Fitter
from .gaussian import Gaussian

HEIGHT_DEVIATION = 0.003
"""Metres: how exactly a height is taken."""
GIRTH_DEVIATION = 0.005
"""Metres: how exactly a girth is taken; two people with one tape differ by more."""
WEIGHT_DEVIATION = 0.01
"""Share of the weight: how exactly it is taken. People's densities differ by as much."""
SEXES = {"female": 0.9, "male": 0.1}
"""Population means of the trait "gender", as of the embedded bodies of one sex."""
SEX_DEVIATION = 0.1
"""Spread of that trait within a sex, and how well coefficients tell it."""
SCORE_DEVIATION = 0.25
"""How exactly a locked slider's score is taken, in standard deviations of what the pictures leave open."""
FAR_OFF = 3.0
"""Deviations from what was given at which the user is told."""
INDICES = (11.0, 80.0)
"""kg/m²: the body mass indices between which people live. A model of many components can be bent well beyond them."""
_RANGES = {HEIGHT: (0.3, 5.0), WEIGHT: (5.0, 500.0)} | dict.fromkeys(GIRTHS, (0.3, 3.0))


@dataclass(frozen=True)
class Known:
    """What is known of a subject; None where nothing is.

    height: metres from the soles to the top of the head. sex: "female" or "male". weight: kg. chest, waist, hips:
    girths in metres.
    """

    height: float | None = None
    sex: str | None = None
    weight: float | None = None
    chest: float | None = None
    waist: float | None = None
    hips: float | None = None

    @property
    def sizes(self) -> dict[str, float]:
        """Name -> what was given in metres or kg: all but the sex."""
        values = {name: getattr(self, name) for name in (HEIGHT, WEIGHT, *GIRTHS)}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def girths(self) -> tuple[float | None, float | None, float | None]:
        """Chest, waist and hips in metres."""
        return self.chest, self.waist, self.hips

    def check(self, model: MorphableModel) -> None:
        """Raise SemantifyError for what nobody has, or what this model cannot be asked for."""
        # first, lest another value is asked for that would be refused, too
        if self.sizes and not model.framing.floor:
            raise SemantifyError(f"model {model.name!r} does not stand on a floor: leave the {_listed(self.sizes)} out")
        for name, value in self.sizes.items():
            _check_size(name, value)
        able = measurements_of(model) if self.sizes else {}
        if missing := [name for name in self.sizes if name not in able]:
            raise SemantifyError(f"{_listed(missing)} cannot be measured on model {model.name!r}: leave that out")
        if self.sex is not None:
            self._check_sex(model)

    def conditions(self, model: MorphableModel) -> Conditions:
        """All of it as conditions; whatever this model has no measure for is left out."""
        able = measurements_of(model)
        found = [
            Condition(name, able[name], value, _deviation(name, value))
            for name, value in self.sizes.items()
            if name in able
        ]
        # a model of one sex has it in all of its shapes
        if self.sex is not None and GENDER in able and variant_of(model) != self.sex:
            found.append(Condition(GENDER, able[GENDER], SEXES[self.sex], SEX_DEVIATION))
        return Conditions(tuple(found))

    def unmet(self, model: MorphableModel, coefficients: np.ndarray) -> str:
        """A sentence about a shape (K,) that is not as was asked for, or of what nobody is; else an empty one."""
        conditions = self.conditions(model).each
        far = [one for one in conditions if abs(one.off(coefficients)) > FAR_OFF]
        if not far:
            return self._impossible()
        asked = [_text(one.name, one.value) for one in conditions]
        nearest = [_text(one.name, one.measurement(coefficients)[0]) for one in far]
        what = "do not go together" if len(asked) > 1 else f"is more than model {model.name!r} can show"
        return f"{_listed(asked)} {what}: the nearest shape has {_listed(nearest)}"

    def _impossible(self) -> str:
        """A sentence about a height and a weight that no person has together, else an empty one."""
        if self.height is None or self.weight is None:
            return ""
        index, (least, most) = self.weight / self.height**2, INDICES
        if least <= index <= most:
            return ""
        return (
            f"{_text(HEIGHT, self.height)} and {_text(WEIGHT, self.weight)} do not go together: "
            f"that is a body mass index of {index:.0f}, and people have {least:.0f} to {most:.0f}"
        )

    def _check_sex(self, model: MorphableModel) -> None:
        variant = variant_of(model)
        if self.sex not in SEXES:
            raise SemantifyError(f"the sex is {self.sex!r}: give {' or '.join(SEXES)}, or leave it out")
        if variant in SEXES and variant != self.sex:
            raise SemantifyError(f"model {model.name!r} is {variant}: choose a {self.sex} or a neutral one")
        if variant != self.sex and f"trait/{GENDER}" not in model.extra:
            raise SemantifyError(f"model {model.name!r} does not tell women from men: leave the sex out")


def variant_of(model: MorphableModel) -> str:
    """ "female", "male", "neutral" or whatever else a model says of itself; empty where it says nothing."""
    return str(model.metadata.get("variant") or "")


def with_scores(found: Gaussian, constant: np.ndarray, slope: np.ndarray, scores: np.ndarray) -> Gaussian:
    """Condition a shape on the scores of locked sliders.

    constant (n,), slope (n, K): the words' scores as a linear function of ξ. scores: (n,) wanted.
    """
    open_ = np.sqrt(np.maximum(np.einsum("nk,kl,nl->n", slope, found.covariance, slope), 1e-12))
    return found.given(slope, scores - constant, SCORE_DEVIATION * open_)


def with_usual_height(found: Estimate, fitter: Fitter, model: MorphableModel) -> Estimate:
    """Hold the height of a shape from a photograph to that of the population that the fitter learned from.

    A cut shows no size, and what an encoder takes from proportions in renders it overrates in photographs: legs in
    water are no sign of a child. As it is for models without a floor.
    """
    able = measurements_of(model)
    if HEIGHT not in able or not model.framing.floor:
        return found
    usual, slope = able[HEIGHT](fitter.prior_mean.astype(np.float64))
    spread = float(np.sqrt(slope @ fitter.prior_covariance.astype(np.float64) @ slope))
    value, slope = able[HEIGHT](found.coefficients.astype(np.float64))
    shape = Gaussian(found.coefficients.astype(np.float64), found.covariance.astype(np.float64)).given(
        slope[None], np.array([usual - value + slope @ found.coefficients]), np.array([spread])
    )
    return replace(found, coefficients=shape.mean.astype(np.float32), covariance=shape.covariance.astype(np.float32))


def _text(name: str, value: float) -> str:
    """What was asked for, or what a shape has, in words."""
    match name:
        case "gender":
            return "sex " + ("female" if value > 0.65 else "male" if value < 0.35 else "between both")
        case "height":
            return f"height {value:.2f} m"
        case "weight":
            return f"weight {value:.0f} kg"
    return f"{name} {100 * value:.0f} cm"


def _deviation(name: str, value: float) -> float:
    if name == HEIGHT:
        return HEIGHT_DEVIATION
    return WEIGHT_DEVIATION * value if name == WEIGHT else GIRTH_DEVIATION


def _check_size(name: str, value: float) -> None:
    low, high = _RANGES[name]
    if np.isfinite(value) and low <= value <= high:
        return
    if name in GIRTHS:
        cm = 100 * value
        # the usual mistake
        other = f" ({cm:g} m are {100 * cm:g} cm)" if low <= cm <= high else ""
        raise SemantifyError(
            f"the {name} girth is {cm:g} cm: give centimetres between {100 * low:g} and {100 * high:g}{other}"
        )
    unit, word = ("m", "metres") if name == HEIGHT else ("kg", "kilograms")
    raise SemantifyError(f"the {name} is {value:g} {unit}: give {word} between {low:g} and {high:g}")


def _listed(names: "list[str] | dict[str, float]") -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
