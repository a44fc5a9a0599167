"""Lips that pass through each other: found on the paired vertices, judged against the template, drawn again."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import default_k, sample_coefficients, sample_shape
from semantify_blender.core.model.separation import TOLERANCE, interpenetrates
from semantify_blender.core.model.separation_pairs import separation_pairs
from tests.synthetic import synthetic_model


def model_with_lips(opening: float = 0.002) -> MorphableModel:
    """Two pairs of vertices, `opening` metres apart along Z; the first coefficient moves the upper ones up by 1 cm."""
    model = synthetic_model()
    template, basis = model.template.copy(), np.zeros_like(model.basis)
    upper, lower = np.array([40, 41]), np.array([60, 61])
    template[upper, 2] = 0.3
    template[lower, 2] = 0.3 - opening
    basis[0, upper, 2] = 0.01
    basis[1, :, 2] = 0.01  # all of it: moves nothing against anything
    return replace(
        model,
        template=template,
        basis=basis,
        extra={"separation/lips/upper": upper, "separation/lips/lower": lower},
    )


def test_an_upper_vertex_a_millimetre_below_its_partner_interpenetrates() -> None:
    model = model_with_lips(opening=0.002)
    closed, touching, through = -0.002 / 0.01, -0.0029 / 0.01, -0.0031 / 0.01
    found = interpenetrates(model, np.array([[0, 0], [closed, 0], [touching, 9], [through, 0], [1, -9]]))
    assert found.tolist() == [False, False, False, True, False]
    assert interpenetrates(model, np.array([[through]])).tolist() == [True]
    assert pytest.approx(1e-3) == TOLERANCE


def test_lips_that_overlap_in_the_template_are_judged_against_it() -> None:
    model = model_with_lips(opening=-0.004)
    assert not interpenetrates(model, np.zeros((1, 4)))[0]
    assert not interpenetrates(model, np.array([[-0.09]]))[0]
    assert interpenetrates(model, np.array([[-0.11]]))[0]


def test_a_model_without_pairs_never_interpenetrates() -> None:
    model = synthetic_model()
    assert separation_pairs(model.name, model.vertex_count, model.extra) == {}
    assert not interpenetrates(model, np.full((3, 4), 50.0)).any()


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("upper", np.array([40])),
        ("upper", np.array([40, 10**6])),
        ("upper", np.array([-1, 3])),
        ("lower", np.array([60.0, 61.0])),
        ("lower", np.array([[60, 61]])),
    ],
)
def test_bad_pairs_are_named(name: str, array: np.ndarray) -> None:
    model = model_with_lips()
    model.extra[f"separation/lips/{name}"] = array
    with pytest.raises(SemantifyError, match=r"'synthetic': extra separation/lips/upper: expected"):
        interpenetrates(model, np.zeros((1, 4)))


def test_samples_are_drawn_again_until_nothing_interpenetrates() -> None:
    model = model_with_lips()
    shapes = np.stack([sample_shape(model, "uniform", 5, i, 2.0) for i in range(200)])
    plain = np.stack([sample_coefficients("uniform", 5, i, 4, 2.0) for i in range(200)])
    broken = interpenetrates(model, plain)
    assert 40 < broken.sum() < 160
    assert not interpenetrates(model, shapes).any()
    # only those that had to be are other ones
    assert np.array_equal(shapes[~broken], plain[~broken])
    assert (shapes[broken] != plain[broken]).all()
    assert np.array_equal(sample_shape(model, "uniform", 5, 17, 2.0), shapes[17])


def test_a_model_that_always_interpenetrates_is_told() -> None:
    model = model_with_lips(opening=0.002)
    model.basis[0, [40, 41], 2] = 0.0
    ranged = replace(model, ranges=np.array([[-4, -3], [0, 1], [0, 1], [0, 1]], np.float32))
    ranged.basis[0, [40, 41], 2] = 0.01
    with pytest.raises(SemantifyError, match=r"'synthetic': 1000 random shapes in a row .* lower k"):
        sample_shape(ranged, "uniform", 0, 0, 2.0)


def test_expressions_are_sampled_within_four_deviations() -> None:
    model = synthetic_model()
    assert default_k(model) == 2.0
    for family in ("flame-expression", "anny-face-expression"):
        assert default_k(replace(model, metadata={"family": family})) == 4.0
