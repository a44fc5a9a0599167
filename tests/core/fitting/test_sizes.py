"""Sizes of a fitted shape and how far they may be off: as the covariance says, and as it was measured."""

import numpy as np
import pytest

from semantify_blender.core.fitting.known import Known
from semantify_blender.core.fitting.sizes import Size, size_text, sizes_of
from semantify_blender.core.library import load_model
from semantify_blender.core.model.gradients import measurements_of

SPREAD = dict.fromkeys(("height", "weight", "chest", "waist", "hips"), (1.0, 0.0))

K = load_model("anny-body-neutral").component_count


def test_deviations_are_those_of_drawn_shapes() -> None:
    model, rng = load_model("anny-body-neutral"), np.random.default_rng(0)
    mean, root = rng.normal(0, 0.5, K), 0.3 * rng.normal(0, 1, (K, K)) / np.sqrt(K)
    drawn = mean + rng.normal(0, 1, (300, K)) @ root.T
    found = sizes_of(model, mean, root @ root.T, Known(), SPREAD)
    assert list(found) == ["height", "weight", "chest", "waist", "hips"]
    measured = measurements_of(model)
    for name, size in found.items():
        values = [measured[name](xi)[0] for xi in drawn]
        assert size.deviation == pytest.approx(np.std(values), rel=0.15)
        assert size.value == pytest.approx(np.mean(values), rel=0.02)


def test_factor_and_least_widen() -> None:
    model, xi, covariance = load_model("anny-body-neutral"), np.zeros(K), 0.04 * np.eye(K)
    plain = sizes_of(model, xi, covariance, Known(), SPREAD)["chest"].deviation
    wide = sizes_of(model, xi, covariance, Known(), {"chest": (2.0, 0.03)})
    assert wide["chest"].deviation == pytest.approx(np.hypot(2 * plain, 0.03))
    assert wide["waist"].deviation is None


def test_what_is_given_has_no_deviation_nor_has_what_nobody_measured() -> None:
    model, xi, covariance = load_model("anny-body-neutral"), np.zeros(K), np.eye(K)
    given = sizes_of(model, xi, covariance, Known(height=1.7, waist=0.8), SPREAD)
    assert [name for name, size in given.items() if size.deviation is None] == ["height", "waist"]
    assert all(size.deviation is None for size in sizes_of(model, xi, covariance, Known()).values())
    assert sizes_of(load_model("anny-face-shape"), xi, covariance, Known(), SPREAD) == {}
    assert Size(1.70004, 0.08996).told() == {"value": 1.7, "deviation": 0.09}


@pytest.mark.parametrize(
    ("size", "imperial", "text"),
    [
        (("height", 1.712, 0.0912), False, "height 1.71 ± 0.09 m"),
        (("height", 1.712, None), False, "height 1.71 m"),
        (("height", 1.712, 0.001), False, "height 1.71 ± 0.01 m"),
        (("waist", 0.844, 0.06), False, "waist 84 ± 6 cm"),
        (("weight", 71.6, 8.2), False, "weight 72 ± 8 kg"),
        (("height", 1.712, 0.0912), True, "height 67.4 ± 3.6 in"),
        (("weight", 71.6, 8.2), True, "weight 158 ± 18 lb"),
    ],
)
def test_text(size: tuple, imperial: bool, text: str) -> None:
    assert size_text(*size, imperial) == text
