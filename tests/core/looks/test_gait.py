"""Gaits of animals without a rig."""

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.looks.gait import KINDS, Legs, random_gait
from semantify_blender.core.model.morphable_model import MorphableModel
from tests.synthetic import synthetic_model


@pytest.fixture(scope="module")
def animal() -> MorphableModel:
    return load_model("quadruped")


def test_gaits_depend_on_their_seed_alone_and_standing_ones_are_small() -> None:
    def drawn(kind: str | None) -> np.ndarray:
        return np.array([random_gait(np.random.default_rng(i), kind) for i in range(60)])

    np.testing.assert_array_equal(drawn(None), drawn(None))
    typical = [np.abs(drawn(kind)[..., 0]).mean() for kind in KINDS]
    assert typical == sorted(typical)
    assert typical[0] < 6 < 12 < typical[2]
    assert (drawn("standing")[..., 1] == 0).all(), "on straight legs"


def test_a_leg_swings_alone_and_keeps_its_length(animal: MorphableModel) -> None:
    legs = Legs.of(animal)
    assert legs is not None
    rng = np.random.default_rng(0)
    for _ in range(3):
        at = animal.vertices(rng.uniform(-1, 1, animal.component_count).astype(np.float32))
        np.testing.assert_array_equal(legs.posed(at, np.zeros((4, 2))), np.asarray(at, np.float32))
        for leg in range(4):
            angles = np.zeros((4, 2))
            angles[leg] = (25, 0)
            moved = legs.posed(at, angles) - at
            assert np.abs(moved[legs.upper[leg] == 0]).max() == 0
            foot = (legs.upper[leg] > 0.999) & (animal.template[:, 2] < animal.template[:, 2].min() + 0.15)
            assert moved[foot, 1].max() < -0.02, "forwards is -Y"
            assert np.abs(moved[:, 0]).max() == 0, "not aside"
            sole = foot & (at[:, 2] < at[foot, 2].min() + 0.03)
            size = np.ptp(at[sole], 0), np.ptp(at[sole] + moved[sole], 0)
            assert np.abs(np.linalg.norm(size[0]) - np.linalg.norm(size[1])) < 0.02


def test_what_does_not_stand_on_four_feet_has_no_legs() -> None:
    assert Legs.of(synthetic_model()) is None
    assert Legs.of(load_model("anny-face-shape")) is None
