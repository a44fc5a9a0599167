"""Who counts as having most of what a word means, when the small CLIPs are judged."""

import numpy as np

from scripts.small_clip.train import top_quarter


def test_a_quarter_of_different_values_is_at_the_top() -> None:
    values = np.random.default_rng(0).permutation(1000)
    assert set(values[top_quarter(values)]) == set(range(750, 1000))


def test_where_many_have_all_there_is_they_are_the_top_and_the_others_are_not() -> None:
    values = np.concatenate([np.zeros(400), np.random.default_rng(0).uniform(-1, -0.1, 600)])
    assert (top_quarter(values) == (values == 0)).all()
