"""How far height, weight and girths of fitted shapes are off, against what their covariance says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...core.fitting.fit import fit_pictures
from ...core.fitting.fitter import Fitter
from ...core.fitting.known import Known
from ...core.fitting.refine import refine
from ...core.fitting.sizes import FITTED, PHOTOGRAPHED, REFINED
from ...core.mapper import Mapper
from ...core.model.gradients import GENDER, GIRTHS, HEIGHT, WEIGHT, Measurement, measurements_of
from ...core.model.measurements import BODY_DENSITY, measure, volume
from ...core.model.morphable_model import MorphableModel
from ...core.model.posing import Rig
from ..telling import Teller
from .picture_encoder import PictureEncoder
from .unseen_pictures import FOUND, REFINED_BEHIND, PicturedShape, cuts_of

SHARE = 0.683
"""Of true values that lie within one standard deviation."""
SLOW = ("plain", FOUND)
"""Backdrops before which a finder looks for the figure."""
_FACTORS = np.geomspace(0.7, 3.0, 33)
"""Never so small that what is known, or another picture, would not make a fit surer."""
_LEAST = np.linspace(0.0, 1.0, 41)
"""What is off at the least, in standard deviations of the errors."""


@dataclass
class Errors:
    """By name of a measurement: how far fits are off, and one deviation as their covariance has it; metres and kg."""

    off: dict[str, list[float]] = field(default_factory=dict)
    told: dict[str, list[float]] = field(default_factory=dict)

    def add(
        self,
        measurements: Mapping[str, Measurement],
        coefficients: np.ndarray,
        covariance: np.ndarray,
        truth: Mapping[str, float],
        known: Known,
    ) -> None:
        """One more fit: coefficients (K,), covariance (K, K). What was given is not counted."""
        for name, measurement in measurements.items():
            if name in truth and name not in known.sizes:
                value, slope = measurement(coefficients)
                self.off.setdefault(name, []).append(value - truth[name])
                told = float(np.sqrt(max(slope @ np.asarray(covariance, np.float64) @ slope, 0.0)))
                self.told.setdefault(name, []).append(told)

    def join(self, other: "Errors") -> None:
        """Take in those of another part of the subjects."""
        for mine, theirs in ((self.off, other.off), (self.told, other.told)):
            for name, values in theirs.items():
                mine.setdefault(name, []).extend(values)

    def spread(self) -> dict[str, tuple[float, float]]:
        """Name -> factor and least (`sizes.Spread`)."""
        return {name: spread_of(np.array(off), np.array(self.told[name])) for name, off in self.off.items()}


def spread_of(off: np.ndarray, told: np.ndarray) -> tuple[float, float]:
    """Factor and least for which `SHARE` of the errors lie within one deviation hypot(factor · told, least).

    Which of the two it is is what makes the errors likeliest. off, told: (n,).
    """
    scale = float(np.sqrt(np.mean(off**2))) or 1.0
    best, chosen = np.inf, (1.0, 0.0)
    for factor in _FACTORS:
        for least in _LEAST * scale:
            deviations = np.maximum(np.hypot(factor * told, least), 1e-9 * scale)
            cost = float((np.log(deviations) + 0.5 * (off / deviations) ** 2).sum())
            if cost < best:
                best, chosen = cost, (float(factor), float(least))
    deviations = np.maximum(np.hypot(chosen[0] * told, chosen[1]), 1e-9 * scale)
    # a few errors far out make all deviations likelier to be wide than they have to be
    share = float(np.quantile(np.abs(off) / deviations, SHARE))
    return round(share * chosen[0], 4), round(share * chosen[1], 5)


def true_sizes(model: MorphableModel, vertices: np.ndarray) -> dict[str, float]:
    """What a true shape (V, 3) measures, which the model need not be able to make."""
    found = measure(model, vertices, np.zeros(model.component_count))
    sizes = {HEIGHT: float(found["height"][0])}
    if model.closed:
        sizes[WEIGHT] = BODY_DENSITY * float(volume(model, vertices[None])[0])
    return sizes | {name: float(found[f"{loop} girth"][0]) for name, loop in GIRTHS.items() if f"{loop} girth" in found}


def sizes_measured(model: MorphableModel) -> dict[str, Measurement]:
    """The measurements that have a spread."""
    return {name: one for name, one in measurements_of(model).items() if name != GENDER}


def measure_spread(
    model: MorphableModel,
    mapper: Mapper,
    fitter: Fitter,
    encoder: PictureEncoder,
    subjects: Sequence[PicturedShape],
    truth: np.ndarray,
    teller: Teller,
    slow: int = 10**6,
) -> dict[str, Errors]:
    """Fit subjects that training never saw: one picture and two, with the height known and not.

    truth: (N, V, 3) metres. slow: how many subjects are looked at where it takes long: with a finder, and refined.
    Subjects whose pictures are refused do not count. Returns errors by kind of fit, as `Fitter.spread` has them.
    """
    errors: dict[str, Errors] = {}
    measurements, rig = sizes_measured(model), Rig.of(model)
    for done, subject in enumerate(subjects if measurements else (), 1):
        true = true_sizes(model, truth[subject.number].astype(np.float32))
        for backdrop in subject.pictures:
            refined = backdrop in REFINED_BEHIND and done <= slow
            if backdrop in SLOW and done > slow:
                continue
            cuts = cuts_of(subject, backdrop, model, encoder.size, refined) or []
            for count in range(1, len(cuts) + 1):
                outlined = PHOTOGRAPHED if any(cut.photographed for cut in cuts[:count]) else REFINED
                for known in (Known(), Known(height=true[HEIGHT])):
                    fit = fit_pictures(cuts[:count], encoder, fitter, mapper, model, known)
                    kind = FITTED if fit.unsettled is None else outlined
                    own = errors.setdefault(kind, Errors())
                    own.add(measurements, fit.coefficients, fit.covariance, true, known)
                    if refined:
                        found = refine(model, rig, cuts[:count], fit.estimate, known)
                        own = errors.setdefault(outlined, Errors())
                        own.add(measurements, found.coefficients, found.covariance, true, known)
        teller.images(done, len(subjects), 0.0)
    return errors
