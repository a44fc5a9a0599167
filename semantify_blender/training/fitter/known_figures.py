"""What it is worth to know something of a subject: one picture of each, cut out, fitted with it and without."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...core.fitting.fit import Fit
from ...core.fitting.known import SEXES, Known, variant_of
from ...core.model.gradients import GENDER, GIRTHS, HEIGHT, WEIGHT, measurements_of
from ...core.model.measurements import project
from ...core.model.morphable_model import MorphableModel
from ...core.pictures.crop import Cut
from .spread import true_sizes
from .unseen_pictures import PicturedShape, cuts_of

BACKDROP = "alpha"
CASES: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "sex": (GENDER,),
    "weight": (WEIGHT,),
    "height": (HEIGHT,),
    "height, weight": (HEIGHT, WEIGHT),
    "height, chest, waist, hips": (HEIGHT, *GIRTHS),
}
"""What is told -> the measurements that it is."""


def known_figures(
    model: MorphableModel,
    fit: Callable[[Sequence[Cut], Known], Fit],
    subjects: Sequence[PicturedShape],
    truth: np.ndarray,
    size: int,
) -> dict[str, dict[str, float]]:
    """What is known -> mean errors over the subjects: of vertices in mm, centroids aligned, and of sizes in m and kg.

    truth: (N, V, 3) metres. size: pixels of a cut. Cases that the model has no measure for are left out, and so are
    errors of what is given. The sex is the one that the model's own trait sees in the true shape.
    """
    able = measurements_of(model)
    if variant_of(model) in SEXES:  # which needs no telling
        able.pop(GENDER, None)
    errors: dict[str, dict[str, list[float]]] = {}
    for subject in subjects:
        cuts = cuts_of(subject, BACKDROP, model, size)
        if cuts is None:
            continue
        shape = truth[subject.number].astype(np.float32)
        true = true_sizes(model, shape)
        sex = _sex(model, shape) if GENDER in able else None
        for case, given in CASES.items():
            if not all(name in able for name in given):
                continue
            told: dict[str, Any] = {name: true[name] for name in given if name != GENDER}
            found = fit(cuts[:1], Known(sex=sex if GENDER in given else None, **told))
            own = errors.setdefault(case, {})
            own.setdefault("vertices", []).append(_apart(model.vertices(found.coefficients), shape))
            for name, value in true.items():
                if name not in given and name in able:
                    own.setdefault(name, []).append(abs(able[name](found.coefficients)[0] - value))
    return {case: {name: float(np.mean(each)) for name, each in own.items()} for case, own in errors.items()}


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(1000 * np.linalg.norm(one - one.mean(0) - (other - other.mean(0)), axis=1).mean())


def _sex(model: MorphableModel, shape: np.ndarray) -> str:
    coefficients = project(model, (shape - shape.mean(0) + model.template.mean(0))[None])[0]
    return "female" if measurements_of(model)[GENDER](coefficients)[0] > 0.5 else "male"
