"""Shapes that a fit keeps: inside the mapper's population; locked sliders beyond the usual ends."""

import dataclasses

import numpy as np

from semantify_blender.core.fitting.solve import limited, offset_coefficients, solve_sliders
from tests.synthetic import crowd, synthetic_mapper, synthetic_model

MAPPER = dataclasses.replace(synthetic_mapper(synthetic_model()), inside=crowd(4).inside)


def test_an_offset_does_not_lead_out_of_the_population() -> None:
    inside, scores = MAPPER.inside, MAPPER.default
    far = np.full(4, 30, np.float32)
    assert inside.distance(offset_coefficients(MAPPER, scores, far)) <= inside.radius * (1 + 1e-5)
    near = np.full(4, 0.1, np.float32)
    shape = MAPPER.coefficients(scores) + near
    np.testing.assert_array_equal(offset_coefficients(MAPPER, scores, near), shape)
    assert limited(MAPPER, far).dtype == np.float32


def test_a_locked_slider_stays_beyond_the_usual_end_and_free_ones_end_there() -> None:
    sliders, locked = np.array([1.4, 1.4, 0.0]), np.array([True, False, False])
    target = np.full(4, 9.0, np.float32)
    found, offset = solve_sliders(MAPPER, target, np.ones(4), locked, sliders)
    assert found[0] == np.float32(1.4)
    assert np.abs(found[1:]).max() <= 1
    np.testing.assert_allclose(MAPPER.coefficients(MAPPER.scores_from_sliders(found)) + offset, target, atol=1e-4)
