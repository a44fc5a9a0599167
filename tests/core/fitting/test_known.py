"""What people know of a subject: each alone is met, several together, in any order, and what cannot be is told."""

import itertools

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.fitting.conditions import Condition, Conditions, conditioned
from semantify_blender.core.fitting.gaussian import Gaussian
from semantify_blender.core.fitting.known import FAR_OFF, GIRTH_DEVIATION, SEXES, Known
from semantify_blender.core.library import load_model
from semantify_blender.core.model.gradients import measurements_of
from semantify_blender.core.model.measurements import BODY_DENSITY, measure, volume
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.synthetic import synthetic_model

K = load_model("anny-body-neutral").component_count
WIDE = np.tile([-3.5, 3.5], (K, 1))


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return load_model("anny-body-neutral")


def random_prior(seed: int) -> Gaussian:
    """About what a fitter gives of a picture: some directions well known, others hardly."""
    rng = np.random.default_rng(seed)
    spread = np.linalg.qr(rng.standard_normal((K, K)))[0] * rng.uniform(0.1, 0.9, K)
    return Gaussian(rng.normal(0, 0.8, K), spread @ spread.T)


def random_known(seed: int, names: tuple[str, ...]) -> Known:
    """Values of one random body, so that they go together."""
    shape = measurements(load_model("anny-body-neutral"), np.random.default_rng([seed, 1]).normal(0, 0.7, K))
    return Known(**{name: shape[name] for name in names})


def measurements(model: MorphableModel, coefficients: np.ndarray) -> dict[str, float]:
    return {name: one(coefficients)[0] for name, one in measurements_of(model).items()}


def test_measurements_are_those_of_the_mesh(body: MorphableModel) -> None:
    xi = np.random.default_rng(0).normal(0, 1, K)
    vertices = body.vertices(xi)
    wanted, found = measure(body, vertices, xi), measurements(body, xi)
    assert found["height"] == pytest.approx(float(wanted["height"][0]), abs=1e-5)
    assert found["weight"] == pytest.approx(BODY_DENSITY * float(volume(body, vertices[None])[0]), rel=1e-4)
    for name, loop in (("chest", "chest girth"), ("waist", "waist girth"), ("hips", "hip girth")):
        assert found[name] == pytest.approx(float(wanted[loop][0]), abs=1e-5)
    assert np.clip(found["gender"], 0, 1) == pytest.approx(float(wanted["gender"][0]), abs=1e-6)


@pytest.mark.parametrize("name", ["height", "weight", "chest", "waist", "hips", "gender"])
def test_gradients_agree_with_differences(body: MorphableModel, name: str) -> None:
    one = measurements_of(body)[name]
    xi = np.random.default_rng(1).normal(0, 1, K)
    value, slope = one(xi)
    step = 1e-2  # vertices are float32
    differences = [(one(xi + step * row)[0] - one(xi - step * row)[0]) / (2 * step) for row in np.eye(K)]
    np.testing.assert_allclose(slope, differences, rtol=2e-3, atol=2e-3 * abs(value) * 0.05)


@pytest.mark.parametrize("name", ["height", "weight", "chest", "waist", "hips"])
@pytest.mark.parametrize("seed", range(4))
def test_each_alone_is_met(body: MorphableModel, name: str, seed: int) -> None:
    known = random_known(seed, (name,))
    conditions = known.conditions(body)
    found = conditioned(random_prior(seed), conditions, WIDE)
    assert abs(conditions.each[0].off(found.mean)) < 1
    # and as sure as it was given
    slope = conditions.each[0].measurement(found.mean)[1]
    assert np.sqrt(slope @ found.covariance @ slope) < 1.01 * conditions.each[0].deviation
    assert known.unmet(body, found.mean) == ""


@pytest.mark.parametrize("sex", SEXES)
def test_sex_is_met_and_leaves_the_rest_open(body: MorphableModel, sex: str) -> None:
    prior = random_prior(5)
    found = conditioned(prior, Known(sex=sex).conditions(body), WIDE)
    assert measurements(body, found.mean)["gender"] == pytest.approx(SEXES[sex], abs=0.15)
    assert np.linalg.eigvalsh(prior.covariance - found.covariance).min() > -1e-9


NAMES = ("height", "weight", "chest", "waist", "hips")


@pytest.mark.parametrize("names", [*itertools.combinations(NAMES, 2), NAMES])
def test_several_are_met_together(body: MorphableModel, names: tuple[str, ...]) -> None:
    for seed in range(2):
        known = random_known(seed, names)
        conditions = known.conditions(body)
        found = conditioned(random_prior(seed), conditions, WIDE)
        assert max(abs(one.off(found.mean)) for one in conditions.each) < 1.5
        # nothing new is learnt by saying it again
        again = conditioned(found, conditions, WIDE)
        assert max(abs(one.off(again.mean)) for one in conditions.each) < 1.5
        assert np.abs(again.mean - found.mean).max() < 0.1


def test_order_does_not_matter(body: MorphableModel) -> None:
    each = random_known(3, NAMES).conditions(body).each
    found = [conditioned(random_prior(3), Conditions(order), WIDE) for order in (each, each[::-1])]
    np.testing.assert_allclose(found[0].mean, found[1].mean, atol=1e-6)
    np.testing.assert_allclose(found[0].covariance, found[1].covariance, atol=1e-6)


def test_nothing_known_changes_nothing(body: MorphableModel) -> None:
    prior = random_prior(4)
    found = conditioned(prior, Known().conditions(body), WIDE)
    np.testing.assert_array_equal(found.mean, prior.mean)
    np.testing.assert_allclose(found.covariance, prior.covariance)


def test_a_linear_condition_is_kalmans_update() -> None:
    """The height of a model whose top and bottom stay: one step, exactly that of `Gaussian.given`."""
    row, prior = np.array([0.3, -0.2, 0.5]), Gaussian(np.array([0.1, 0.2, -0.3]), np.diag([0.5, 1.0, 0.2]))

    def measurement(xi: np.ndarray) -> tuple[float, np.ndarray]:
        return float(row @ xi), row

    one = Condition("height", measurement, 0.4, 0.1)
    found = conditioned(prior, Conditions((one,)), np.tile([-9.0, 9.0], (3, 1)))
    wanted = prior.given(row[None], np.array([0.4]), np.array([0.1]))
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-9)
    np.testing.assert_allclose(found.covariance, wanted.covariance, atol=1e-9)


@pytest.mark.parametrize(
    ("known", "asked"),
    [
        (Known(height=2.0, weight=3.0), "height 2.00 m and weight 3 kg do not go together"),
        (Known(weight=400.0), "weight 400 kg is more than model 'anny-body-neutral' can show"),
        (Known(waist=0.5, weight=200.0, sex="female"), "weight 200 kg, waist 50 cm and sex female do not go together"),
        (Known(height=0.31), "height 0.31 m is more than"),
    ],
)
def test_what_cannot_be_ends_finite_and_is_told(body: MorphableModel, known: Known, asked: str) -> None:
    for seed in range(3):
        found = conditioned(random_prior(seed), known.conditions(body), WIDE)
        assert np.isfinite(found.mean).all()
        assert np.isfinite(found.covariance).all()
        assert (np.abs(found.mean) < 3.6).all()
        told = known.unmet(body, found.mean)
        assert told.startswith(asked)
        assert "the nearest shape has" in told
        assert np.isfinite(body.vertices(found.mean)).all()


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (Known(height=2.0, weight=20.0), "a body mass index of 5, and people have 11 to 80"),
        (Known(height=1.5, weight=190.0), "a body mass index of 84, and people have 11 to 80"),
        (Known(height=2.0, weight=50.0), ""),
        (Known(height=1.5, weight=170.0), ""),
        (Known(height=2.0), ""),
        (Known(weight=20.0), ""),
    ],
)
def test_what_the_model_can_show_and_nobody_is_is_told(body: MorphableModel, known: Known, told: str) -> None:
    """Forty components reach far: whether a shape meets what was asked for says nothing of people."""

    class Met(Known):
        """Whatever is asked for, some shape has it."""

        def conditions(self, model: MorphableModel) -> Conditions:
            return Conditions(())

    said = Met(known.height, weight=known.weight).unmet(body, np.zeros(K))
    assert told in said
    assert bool(told) == bool(said)


def test_coefficients_at_their_limits_leave_the_rest_to_others(body: MorphableModel) -> None:
    """A height that one coefficient would have to leave its range for is met by all together."""
    prior = Gaussian(np.zeros(K), np.diag([1.0] + [0.3] * (K - 1)))
    known = Known(height=1.95)
    alone = conditioned(prior, known.conditions(body), WIDE)
    reach = np.abs(alone.mean).max()
    limits = np.tile([-0.8 * reach, 0.8 * reach], (K, 1))
    held = conditioned(prior, known.conditions(body), limits)
    assert np.abs(held.mean).max() <= 0.8 * reach + 1e-3

    def off(mean: np.ndarray) -> float:
        return abs(measurements(body, np.clip(mean, *limits.T))["height"] - 1.95)

    assert off(held.mean) < 0.012 < 0.03 < off(alone.mean)


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (Known(height=180.0), "the height is 180 m: give metres between 0.3 and 5"),
        (Known(height=float("nan")), "the height is nan m"),
        (Known(weight=700.0), "the weight is 700 kg: give kilograms between 5 and 500"),
        (Known(waist=85.0), "the waist girth is 8500 cm: give centimetres between 30 and 300"),
        (Known(waist=0.0085), r"the waist girth is 0.85 cm: .* \(0.85 m are 85 cm\)"),
        (Known(hips=-1.0), "the hips girth is -100 cm"),
        (Known(sex="other"), "the sex is 'other': give female or male, or leave it out"),
    ],
)
def test_what_nobody_has_is_refused(body: MorphableModel, known: Known, message: str) -> None:
    with pytest.raises(SemantifyError, match=message):
        known.check(body)


@pytest.mark.parametrize(
    ("model", "known", "message"),
    [
        ("anny-face-shape", Known(height=1.7, waist=0.8), "does not stand on a floor: leave the height and waist out"),
        ("anny-face-shape", Known(height=0.25), "does not stand on a floor: leave the height out"),
        ("anny-face-expression", Known(sex="male"), "does not tell women from men: leave the sex out"),
        ("quadruped", Known(chest=0.9), "chest cannot be measured on model 'quadruped': leave that out"),
        ("quadruped", Known(sex="male"), "does not tell women from men"),
        ("anny-body-male", Known(sex="female"), "'anny-body-male' is male: choose a female or a neutral one"),
    ],
)
def test_what_a_model_cannot_be_asked_is_refused(model: str, known: Known, message: str) -> None:
    with pytest.raises(SemantifyError, match=message):
        known.check(load_model(model))


def test_a_model_of_one_sex_has_it_already() -> None:
    model, known = load_model("anny-body-male"), Known(sex="male")
    known.check(model)
    assert known.conditions(model).each == ()
    face = load_model("anny-face-shape")
    known.check(face)
    assert [one.name for one in known.conditions(face).each] == ["gender"]


def test_height_and_weight_of_a_model_without_loops() -> None:
    model = synthetic_model()
    known = Known(height=1.9)
    known.check(model)
    found = conditioned(Gaussian(np.zeros(4), np.eye(4)), known.conditions(model), np.tile([-9.0, 9.0], (4, 1)))
    assert measurements(model, found.mean)["height"] == pytest.approx(1.9, abs=0.003)


def test_told_from_three_deviations_on(body: MorphableModel) -> None:
    xi = np.zeros(K)
    waist = measurements(body, xi)["waist"]
    assert Known(waist=waist + 0.9 * FAR_OFF * GIRTH_DEVIATION).unmet(body, xi) == ""
    assert Known(waist=waist + 1.1 * FAR_OFF * GIRTH_DEVIATION).unmet(body, xi) != ""


def test_an_estimate_that_cannot_be_shown_does_not_outweigh_what_is_known(body: MorphableModel) -> None:
    prior = Gaussian(np.full(K, 20.0), 0.2 * np.eye(K))
    found = conditioned(prior, Known(height=1.75).conditions(body), WIDE)
    assert measurements(body, np.clip(found.mean, *WIDE.T))["height"] == pytest.approx(1.75, abs=0.02)
