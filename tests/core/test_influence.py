"""The normalised displacement of paper section 5.1."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.influence import influence
from tests.synthetic import linear_mapper, synthetic_mapper, synthetic_model


def test_influence_is_normalised_displacement() -> None:
    model = synthetic_model()
    mapper = synthetic_mapper(model)
    delta = influence(mapper, model)
    assert delta.shape == (3, model.vertex_count)
    assert delta.dtype == np.float32
    np.testing.assert_allclose(delta.max(1), 1.0, rtol=1e-6)
    scores = np.stack([mapper.default, mapper.default])
    scores[0, 1], scores[1, 1] = mapper.low[1], mapper.high[1]
    low, high = model.vertices(mapper.coefficients(scores))
    moved = np.linalg.norm(high - low, axis=1)
    np.testing.assert_allclose(delta[1], moved / moved.max(), atol=1e-5)


def test_influence_is_the_basis_itself_for_a_straight_mapper() -> None:
    model = synthetic_model()
    delta = influence(linear_mapper(model, np.eye(model.component_count, 2)), model)
    expected = np.linalg.norm(model.basis[:2], axis=-1)
    np.testing.assert_allclose(delta, expected / expected.max(1, keepdims=True), atol=1e-4)


def test_a_descriptor_that_moves_nothing_has_no_influence() -> None:
    model = synthetic_model()
    delta = influence(linear_mapper(model, np.diag([1.0, 0.0, 0.0, 0.0])[:, :2]), model)
    assert delta[0].max() == pytest.approx(1.0)
    assert not delta[1].any()


def test_a_mapper_of_another_model_is_refused() -> None:
    model = synthetic_model()
    with pytest.raises(SemantifyError, match="model"):
        influence(replace(synthetic_mapper(model), model_checksum="0" * 64), model)
