"""Statistics against values known by hand, and by how often they hold."""

import numpy as np
import pytest

from semantify_blender.training.statistics import bootstrap_interval, paired_p_values, spearman


def test_spearman_shares_ranks_between_ties():
    assert spearman(np.arange(5), np.exp(np.arange(5))) == pytest.approx(1)
    assert spearman(np.arange(5), -np.arange(5)) == pytest.approx(-1)
    assert spearman(np.arange(4), np.array([1, 1, 2, 2])) == pytest.approx(0.8944, abs=1e-4)
    assert spearman(np.arange(4), np.zeros(4)) == 0


def test_the_interval_covers_the_mean_as_often_as_it_says():
    """95 % intervals of 40 normal values hold the true mean in most of 200 trials; known seeds, so it never wavers."""
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(200):
        low, high = bootstrap_interval(rng.standard_normal(40) + 3, seed=trial, draws=400)
        held += low <= 3 <= high
    assert 180 <= held <= 198


def test_every_column_has_its_interval_as_if_alone():
    columns = np.random.default_rng(2).standard_normal((30, 3))
    low, high = bootstrap_interval(columns, seed=5)
    for i, column in enumerate(columns.T):
        np.testing.assert_allclose((low[i], high[i]), bootstrap_interval(column, seed=5))


def test_the_paired_test_knows_a_difference_from_noise():
    rng = np.random.default_rng(1)
    assert paired_p_values(rng.standard_normal(50) + 1) == pytest.approx(1 / 10_001)
    assert paired_p_values(np.tile([1.0, -1.0], 25)) == pytest.approx(1)
    # 5 differences of one sign: 2 of 32 sign patterns are as far from 0
    assert paired_p_values(np.ones(5)) == pytest.approx(2 / 32)
