"""Training curves, and the samples that choose nothing."""

import csv
import sys

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.mapper.curves import check_tensorboard, write_curves, write_tensorboard
from semantify_blender.training.mapper.recipe import PAPER, recipe_named
from semantify_blender.training.mapper.surrogate import train_surrogate
from semantify_blender.training.mapper.train import split, test_rows, train_mapper
from tests.training.mapper.test_train import WORDS, toy

test_rows.__test__ = False  # it is no test, whatever its name
QUICK = recipe_named("default", hidden=(16,), epochs=4, batch=64, patience=None)


def test_every_epoch_is_a_row_and_one_is_kept(tmp_path, model):
    xi, scores = toy(120)
    trained = train_mapper(scores, xi, WORDS, model, QUICK)
    write_curves(trained, tmp_path / "mine.training.csv")
    rows = list(csv.DictReader((tmp_path / "mine.training.csv").read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4"]
    assert [row["kept"] for row in rows].index("1") == trained.kept
    assert float(rows[2]["validation_mse"]) == pytest.approx(trained.history[2][1], rel=1e-4)
    last = train_mapper(scores, xi, WORDS, model, recipe_named("paper", hidden=(16,), epochs=3))
    assert last.kept == 2


def test_tensorboard_that_is_missing_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(SemantifyError, match=r"needs the Python package 'tensorboard'.*\[tensorboard\]"):
        check_tensorboard()


def test_tensorboard_gets_the_curves(tmp_path, model):
    pytest.importorskip("tensorboard", reason="the extra [tensorboard] is not installed")
    xi, scores = toy(60)
    write_tensorboard(train_mapper(scores, xi, WORDS, model, QUICK), tmp_path / "log")
    (events,) = (tmp_path / "log").iterdir()
    assert events.stat().st_size > 500


@pytest.mark.parametrize(
    ("count", "share", "expected"), [(200, 0.5, 20), (20, 0.5, 2), (10, 0.5, 2), (5, 0.9, 1), (200, 0.0, 40)]
)
def test_the_test_samples_are_held_out_ones_and_never_all_unless_nothing_chooses(count, share, expected):
    held_out = split(count, 0.2, 3)
    test = test_rows(held_out, share, 3)
    assert test.sum() == expected
    assert not (test & ~held_out).any()
    np.testing.assert_array_equal(test, test_rows(held_out, share, 3))
    if count == 200 and share:
        assert (test != test_rows(held_out, share, 4)).any()


def test_test_samples_choose_neither_epoch_nor_surrogate_nor_weights(model):
    """Their scores and shapes may be anything: the mapper stays the same, only what is said of its fit changes."""
    xi, scores = toy(200)
    first = train_mapper(scores, xi, WORDS, model, QUICK)
    other = scores.copy()
    # each test sample's scores go to another one: their ends as percentiles stay as they are
    other[first.test] = np.roll(scores[first.test], 1, axis=0)
    second = train_mapper(other, xi, WORDS, model, QUICK)
    for (weight, bias), (same_weight, same_bias) in zip(first.mapper.layers, second.mapper.layers, strict=True):
        np.testing.assert_array_equal(weight, same_weight)
        np.testing.assert_array_equal(bias, same_bias)
    assert (first.kept, first.history) == (second.kept, second.history)
    fits = [one.mapper.figures["fit"] for one in (first, second)]
    assert fits[0]["relative_mse"] < fits[1]["relative_mse"]
    assert fits[0]["samples"] == {"train": 160, "choose": 20, "test": 20}


def test_a_recipe_that_chooses_nothing_is_measured_on_all_that_is_held_out(model):
    xi, scores = toy(200)
    trained = train_mapper(scores, xi, WORDS, model, recipe_named("paper", hidden=(8,), epochs=1))
    np.testing.assert_array_equal(trained.test, trained.held_out)
    assert PAPER.test == 0


def test_a_surrogates_r2_is_of_samples_that_did_not_choose(monkeypatch):
    xi, scores = toy(200)
    held_out = split(200, 0.2, 0)
    test = test_rows(held_out, 0.5, 0)
    shuffled = scores.copy()
    shuffled[test] = np.random.default_rng(0).permutation(scores[test])
    good, bad = (train_surrogate(xi, values, held_out, epochs=3, test=test) for values in (scores, shuffled))
    np.testing.assert_array_equal(good.scores(xi), bad.scores(xi))
    assert good.r2.min() > bad.r2.max()
