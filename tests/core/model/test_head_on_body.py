"""A head's components on the body that it was cut from."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.head_on_body import EXPRESSION, FACE, HeadOnBody, layer_of
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.synthetic import dressed_model, synthetic_head, synthetic_model

BODY = synthetic_model()


def displaced(body: MorphableModel, head: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """(R, 3) metres that a head adds to a body's rows."""
    on = HeadOnBody.of(body, head)
    rows = body.vertex_count + sum(part.vertex_count for part in body.parts.values())
    found = np.zeros((rows, 3), np.float32)
    found[on.rows] = np.einsum("k,kni->ni", coefficients, on.basis)
    return found


def test_far_from_the_cut_the_body_moves_as_the_head_does():
    head = synthetic_head(BODY)
    numbers = head.extra["body_vertices"]
    coefficients = np.float32([1.0, -0.5, 0.7])
    moved = displaced(BODY, head, coefficients)
    cut = numbers[BODY.template[numbers, 2] < BODY.template[numbers, 2].min() + 1e-4]
    shape = head.vertices(coefficients) - head.template
    shift = shape[np.isin(numbers, cut)].mean(0)
    top = BODY.template[numbers, 2] > 0.7
    assert np.abs(moved[numbers[top]] - (shape[top] - shift)).max() < 1e-6
    assert np.abs(moved[cut]).max() == 0
    assert not moved[np.setdiff1d(np.arange(BODY.vertex_count), numbers)].any()


def test_between_cut_and_head_it_rises_without_a_step():
    head = replace(synthetic_head(BODY), basis=np.ones((1, len(synthetic_head(BODY).template), 3), np.float32))
    numbers = head.extra["body_vertices"]
    cut = BODY.template[numbers, 2] < BODY.template[numbers, 2].min() + 1e-4
    # a cut that stays and all else that moves by one
    head.basis[:, cut] = 0.0
    moved = displaced(BODY, head, np.float32([1.0]))[numbers, 0]
    order = np.argsort(BODY.template[numbers, 2])
    levels = np.unique(np.round(moved[order], 3))
    assert (levels[0], levels[-1]) == (0.0, 1.0)
    assert (np.diff(moved[order]) > -1e-5).all()


def test_parts_that_both_have_move_as_the_heads_do():
    body = dressed_model(BODY)
    head = synthetic_head(body)
    coefficients = np.float32([0.4, 1.0, -1.0])
    moved = displaced(body, head, coefficients)
    begin = body.vertex_count
    for name, part in body.parts.items():
        found = moved[begin : begin + part.vertex_count]
        assert found.any() == (name == "tongue")
        begin += part.vertex_count
    away = found - np.einsum("k,kni->ni", coefficients, head.parts["tongue"].basis)
    assert np.ptp(away, axis=0).max() < 1e-6, "but for the shift that keeps the cut where it is"


def test_a_head_closed_by_vertices_of_its_own():
    head = synthetic_head(BODY)
    count = head.vertex_count
    ring = np.flatnonzero(head.template[:, 2] < head.template[:, 2].min() + 1e-4)
    cap = np.stack([ring, np.roll(ring, -1), np.full(len(ring), count)], 1).ravel()
    closed = replace(
        head,
        template=np.concatenate([head.template, head.template[ring].mean(0, keepdims=True)]).astype(np.float32),
        basis=np.concatenate([head.basis, head.basis[:, ring].mean(1, keepdims=True)], 1),
        corner_vertices=np.concatenate([head.corner_vertices, cap]).astype(np.int32),
        face_offsets=np.concatenate(
            [head.face_offsets, head.face_offsets[-1] + 3 * np.arange(1, len(ring) + 1)]
        ).astype(np.int32),
        extra={"body_vertices": np.append(head.extra["body_vertices"], -1).astype(np.int32)},
    )
    coefficients = np.float32([1.0, 0.5, -0.5])
    assert np.array_equal(displaced(BODY, closed, coefficients), displaced(BODY, head, coefficients))


def test_what_a_head_adds():
    assert layer_of(synthetic_head(BODY)) == FACE
    assert layer_of(synthetic_head(BODY, "expression")) == EXPRESSION
    own = replace(synthetic_head(BODY), metadata={"family": "mine"})
    assert layer_of(own) == FACE
    ranges = np.tile(np.float32([0, 1]), (own.component_count, 1))
    assert layer_of(replace(own, ranges=ranges)) == EXPRESSION


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (None, "does not say of which body it is the head"),
        (np.arange(3), "does not give each of its"),
        ("doubled", "does not give each of its"),
        ("none", "does not give each of its"),
        ("floats", "does not give each of its"),
        ("beyond", "was not cut from the body 'synthetic'"),
        ("shuffled", "was not cut from the body 'synthetic'"),
    ],
)
def test_other_heads_are_refused_in_a_sentence(numbers: object, said: str):
    head = synthetic_head(BODY)
    right = head.extra["body_vertices"]
    wrong = {
        "doubled": np.zeros_like(right),
        "none": np.full_like(right, -1),
        "floats": right.astype(np.float32),
        "beyond": right + BODY.vertex_count,
        "shuffled": np.random.default_rng(0).permutation(right),
    }
    extra = (
        {}
        if numbers is None
        else {"body_vertices": wrong.get(numbers, numbers) if isinstance(numbers, str) else numbers}
    )
    with pytest.raises(SemantifyError, match=said):
        HeadOnBody.of(BODY, replace(head, extra=extra))
