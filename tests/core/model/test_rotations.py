"""Rotation vectors: there and back, half turns, and what turns one direction into another."""

import numpy as np

from semantify_blender.core.model.posing import rotation
from semantify_blender.core.model.rotations import between, from_vectors, to_vectors


def test_vectors_come_back() -> None:
    rng = np.random.default_rng(0)
    axes = rng.standard_normal((300, 3))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    vectors = axes * np.r_[0.0, 1e-7, 1e-3, rng.uniform(0, 179.9, 297)][:, None]
    matrices = from_vectors(vectors)
    np.testing.assert_allclose(matrices @ matrices.transpose(0, 2, 1), np.tile(np.eye(3), (300, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-12)
    np.testing.assert_allclose(to_vectors(matrices), vectors, atol=1e-6)


def test_half_a_turn_keeps_its_axis() -> None:
    rng = np.random.default_rng(1)
    axes = np.concatenate([np.eye(3), rng.standard_normal((20, 3))])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    matrices = from_vectors(180 * axes)
    found = to_vectors(matrices)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 180, atol=1e-6)
    np.testing.assert_allclose(from_vectors(found), matrices, atol=1e-9)


def test_they_turn_as_the_axes_do() -> None:
    for i, axis in enumerate("xyz"):
        np.testing.assert_allclose(from_vectors(37.0 * np.eye(3)[i]), rotation(axis, 37.0), atol=1e-12)


def test_the_shortest_turn_between_directions() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        one, other = rng.standard_normal((2, 3))
        turned = between(one, other) @ one
        np.testing.assert_allclose(turned / np.linalg.norm(turned), other / np.linalg.norm(other), atol=1e-9)
    for one in (np.eye(3)[2], rng.standard_normal(3)):
        np.testing.assert_allclose(between(one, -one) @ one, -one, atol=1e-9)
        np.testing.assert_array_equal(between(one, 2 * one), np.eye(3))
