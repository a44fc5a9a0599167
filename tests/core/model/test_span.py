"""A span gives what the whole basis gives, however little of it is multiplied."""

from dataclasses import replace

import numpy as np

from semantify_blender.core import library
from semantify_blender.core.model.grounded import Grounded
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.span import TOLERANCE, Span
from tests.synthetic import synthetic_model


def furthest(span: Span, seed: int = 0) -> float:
    """The largest error in metres of coefficients up to three deviations."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(20):
        coefficients = rng.uniform(-3, 3, len(span.basis)).astype(np.float32)
        exact = (coefficients.astype(np.float64) @ span.basis).reshape(-1, 3)
        found.append(np.abs(span.added(coefficients) - exact).max())
    return max(found)


def test_a_symmetric_body_is_multiplied_by_half():
    model = MorphableModel.load(library.available("models")["anny-body-neutral"])
    grounded = Grounded.of(replace(model, parts={}))
    span = Span.of(grounded.basis, grounded.points)
    assert span.kept.shape[1] < 0.6 * span.basis.shape[1]
    assert furthest(span) < TOLERANCE + 1e-6


def test_vertices_that_mirror_nothing_are_kept_exactly():
    grounded = Grounded.of(synthetic_model())
    basis = grounded.basis.copy()
    basis[1, 3 * 40 : 3 * 80] += 0.01
    span = Span.of(basis, grounded.points)
    assert span.source is not None
    assert furthest(span) < TOLERANCE + 1e-6
    whole = Span.of(grounded.basis, grounded.points)
    assert whole.kept.shape[1] < span.kept.shape[1] < basis.shape[1]


def test_of_vertices_that_never_move_one_is_multiplied():
    rng = np.random.default_rng(1)
    basis, points = np.zeros((3, 60), np.float32), rng.normal(size=(20, 3)).astype(np.float32)
    basis[:, 30:45] = rng.normal(size=(3, 15))
    span = Span.of(basis, points)
    assert span.kept.shape == (3, 3 * 6)
    assert furthest(span) < 1e-5
    assert not span.added(np.float32([1, 1, 1]))[:10].any()
    grounded = Grounded.of(synthetic_model())
    half = grounded.basis.copy()
    half[:, : half.shape[1] // 2] = 0.0
    span = Span.of(half, grounded.points)
    assert span.kept.shape[1] < 0.4 * half.shape[1]
    assert furthest(span) < TOLERANCE + 1e-6


def test_a_shape_without_symmetry_is_multiplied_whole():
    rng = np.random.default_rng(0)
    basis = rng.normal(size=(3, 60)).astype(np.float32)
    span = Span.of(basis, rng.normal(size=(20, 3)).astype(np.float32))
    assert span.kept is basis
    assert furthest(span) < 1e-5


def test_fewer_coefficients_than_components_leave_the_rest_at_0():
    grounded = Grounded.of(synthetic_model())
    span = Span.of(grounded.basis, grounded.points)
    few = np.float32([0.5, -1.0])
    assert np.allclose(span.added(few), span.added(np.float32([0.5, -1.0, 0.0, 0.0])))


def test_no_vertices_and_one_vertex():
    for count in (0, 1):
        span = Span.of(np.ones((2, 3 * count), np.float32), np.ones((count, 3), np.float32))
        assert span.added(np.float32([1, 1])).shape == (count, 3)
