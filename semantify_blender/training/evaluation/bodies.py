"""What sliders do to a body that no score tells: whether muscles grow, how heavy *fat* is, what becomes of arms."""

from typing import Any

import numpy as np

from ...core.mapper import Mapper
from ...core.model.morphable_model import MorphableModel
from .sweeps import measure_shapes

MUSCULAR, FAT = "muscular", "fat"
MOTION = "muscle motion"
"""Action of a body model: how far a shape lies along the source's own motion from no muscle to full, seen at the rest
body: the projection of its vertices' displacement on that motion's, in lengths of that motion."""
ARMS = ("upper arm girth", "forearm girth")


def body_figures(mapper: Mapper, model: MorphableModel) -> dict[str, Any]:
    """What there is to tell of a body model that has the measurements, and a mapper that has the words; else empty.

    muscle_motion: share of the source's own muscle motion that *muscular* goes through from end to end.
    fat_bmi: body mass index at the ends of *fat*. arms: girths in metres at rest, and with *fat* at its low and
    *muscular* at its high end, which must not be thinner.
    """
    words = mapper.descriptors
    found: dict[str, Any] = {}
    if MUSCULAR in words and f"action/{MOTION}" in model.extra:
        low, high = _measured(mapper, model, {MUSCULAR: -1}, {MUSCULAR: 1})[MOTION]
        found["muscle_motion"] = float(high - low)
    if FAT in words:
        ends = _measured(mapper, model, {FAT: -1}, {}, {FAT: 1})
        if "bmi" in ends:
            found["fat_bmi"] = dict(zip(("low", "rest", "high"), ends["bmi"].tolist(), strict=True))
    if {MUSCULAR, FAT} <= set(words):
        measured = _measured(mapper, model, {}, {FAT: -1, MUSCULAR: 1})
        found["arms"] = {
            name: dict(zip(("rest", "lean_and_muscular"), measured[name].tolist(), strict=True))
            for name in ARMS
            if name in measured
        }
    return {name: value for name, value in found.items() if value != {}}


def _measured(mapper: Mapper, model: MorphableModel, *settings: dict[str, float]) -> dict[str, np.ndarray]:
    sliders = np.array([[one.get(word, 0.0) for word in mapper.descriptors] for one in settings])
    return measure_shapes(model, mapper.coefficients(mapper.scores_from_sliders(sliders)))
