from dataclasses import replace

import numpy as np
import pytest
import torch

from semantify_blender.cli.options import RECIPE_NAMES
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.mapper import Mapper
from semantify_blender.training.mapper.recipe import DEFAULT, PAPER, RECIPES, Recipe, recipe_named
from semantify_blender.training.mapper.surrogate import train_surrogate
from semantify_blender.training.mapper.torch_mapper import TorchMapper
from semantify_blender.training.mapper.train import split, train_mapper

WORDS = ("tall", "fat")
QUICK = Recipe(hidden=(48, 48), epochs=25, batch=64, patience=None)


def toy(samples=500, entangled=0.0, seed=0):
    """Coefficients (N, 4) and scores around 20 with the small spread of real CLIP, from the first two coefficients."""
    xi = np.random.default_rng(seed).uniform(-2, 2, (samples, 4)).astype(np.float32)
    first, second = xi[:, 0], entangled * xi[:, 0] + np.sqrt(1 - entangled**2) * xi[:, 1]
    return xi, (20 + 0.5 * np.stack([np.tanh(first / 2), second / 2], 1)).astype(np.float32)


def test_a_toy_that_can_be_inverted_is_inverted(model):
    xi, scores = toy()
    fit = train_mapper(scores, xi, WORDS, model, QUICK)
    r2 = fit.mapper.figures["fit"]["r2"]
    assert min(r2[:2]) > 0.97
    assert max(r2[2:]) < 0.2  # nothing in the scores tells the other two
    predicted = fit.mapper.coefficients(scores[fit.held_out])
    assert np.abs(predicted[:, :2] - xi[fit.held_out, :2]).mean() < 0.2


def test_the_same_seed_gives_the_same_mapper_and_another_seed_another(model):
    xi, scores = toy(120)
    recipe = Recipe(hidden=(8,), epochs=3, batch=32)
    state = torch.random.get_rng_state()
    a, b = (train_mapper(scores, xi, WORDS, model, recipe).mapper for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)  # nobody else's randomness is touched
    c = train_mapper(scores, xi, WORDS, model, recipe_named("default", hidden=(8,), epochs=3, batch=32, seed=1)).mapper
    np.testing.assert_array_equal(a.layers[0][0], b.layers[0][0])
    assert not np.array_equal(a.layers[0][0], c.layers[0][0])


def test_the_papers_recipe_is_the_papers(model):
    assert (PAPER.hidden, PAPER.epochs, PAPER.batch, PAPER.learning_rate) == ((500, 800), 50, 1500, 1e-4)
    assert (PAPER.standardise, PAPER.cycle, PAPER.bound, PAPER.validation) == (False, 0.0, None, 0.2)
    xi, scores = toy(60)
    fit = train_mapper(scores, xi, WORDS, model, PAPER)
    assert [layer[0].shape for layer in fit.mapper.layers] == [(500, 2), (800, 500), (4, 800)]
    np.testing.assert_array_equal(fit.mapper.score_mean, 0)
    np.testing.assert_array_equal(fit.mapper.coefficient_scale, 1)
    assert fit.surrogate is None
    assert len(fit.history) == 50


def test_raw_scores_teach_the_papers_recipe_nothing_and_standardised_ones_do(model):
    """Real CLIP's scores spread by about one around twenty."""
    xi, scores = toy(400)
    paper = train_mapper(scores, xi, WORDS, model, PAPER).mapper.figures["fit"]["relative_mse"]
    ours = train_mapper(scores, xi, WORDS, model, QUICK).mapper.figures["fit"]["relative_mse"]
    assert paper > 0.9
    assert ours < 0.65


def test_the_cycle_term_lowers_cross_talk_and_keeps_the_fit(model):
    """Two entangled words: moving one alone asks for scores no sample had."""
    xi, scores = toy(600, entangled=0.8)
    cross, mse = {}, {}
    for cycle in (0.0, DEFAULT.cycle):
        recipe = recipe_named("default", hidden=(48, 48), epochs=30, batch=64, cycle=cycle, hold=1.0)
        mapper = train_mapper(scores, xi, WORDS, model, recipe).mapper
        asked = np.tile(mapper.default, (11, 1))
        asked[:, 0] = np.linspace(mapper.low[0], mapper.high[0], 11)
        moved = mapper.coefficients(asked)
        second = 0.8 * moved[:, 0] + 0.6 * moved[:, 1]
        cross[cycle] = np.ptp(second)
        mse[cycle] = mapper.figures["fit"]["validation_mse"]
    assert cross[DEFAULT.cycle] < 0.7 * cross[0.0]
    assert mse[DEFAULT.cycle] < 1.1 * mse[0.0]


def test_no_slider_setting_leaves_the_bound(model):
    xi, scores = toy(200, entangled=0.9)
    mapper = train_mapper(scores, xi, WORDS, model, recipe_named("default", hidden=(16,), epochs=3, bound=1.5)).mapper
    far = mapper.coefficients(20 + 50 * np.random.default_rng(0).standard_normal((100, 2)))
    assert np.abs(far).max() <= 1.5


def test_slider_ranges_are_percentiles_of_the_scores(model):
    xi, scores = toy(200)
    recipe = recipe_named("default", hidden=(8,), epochs=1, low=10.0, high=90.0, cycle=0.0)
    mapper = train_mapper(scores, xi, WORDS, model, recipe).mapper
    np.testing.assert_allclose(mapper.low, np.percentile(scores, 10, axis=0), rtol=1e-5)
    np.testing.assert_allclose(mapper.default, np.median(scores, axis=0), rtol=1e-5)
    np.testing.assert_allclose(mapper.high, np.percentile(scores, 90, axis=0), rtol=1e-5)


def test_slider_ends_may_be_scores_of_all_words_or_of_one(model):
    xi, scores = toy(200)
    common = {"low_score": 15.0, "high_score": 30.0, "rest_score": 20.0, "cycle": 0.0}
    recipe = recipe_named("default", hidden=(8,), epochs=1, **common, score_ends=(("fat", 0.0, 50.0, None),))
    mapper = train_mapper(scores, xi, WORDS, model, recipe).mapper
    np.testing.assert_array_equal(mapper.low, [15, 0])
    np.testing.assert_array_equal(mapper.default, [20, 20])
    np.testing.assert_array_equal(mapper.high, [30, 50])
    mixed = recipe_named("default", **common, ends=(("fat", 10.0, 90.0),))
    low, rest, high = mixed.slider_ends(WORDS, scores)
    assert (low[0], high[0]) == (15, 30)
    np.testing.assert_allclose([low[1], rest[1], high[1]], np.percentile(scores[:, 1], [10, 50, 90]), rtol=1e-5)
    assert mixed.gives_rest(WORDS).tolist() == [True, False]


def test_slider_ends_that_do_not_rise_are_a_sentence(model):
    xi, scores = toy(50)
    with pytest.raises(SemantifyError, match=r"slider of 'tall' would go from 500 over .* give --low-score"):
        train_mapper(scores, xi, WORDS, model, recipe_named("default", low_score=500.0))
    with pytest.raises(SemantifyError, match="low_score, rest_score, high_score is out of range"):
        recipe_named("authors", low_score=40.0)
    with pytest.raises(SemantifyError, match="ends of 'hairy', which is no slider"):
        recipe_named("default", score_ends=(("hairy", 1.0, 2.0, None),)).check_ends(WORDS)


def test_the_authors_recipe_is_the_papers_with_their_numbers(model):
    paper, authors = recipe_named("paper"), recipe_named("authors")
    assert (authors.hidden, authors.low_score, authors.rest_score, authors.high_score) == ((800, 500), 15, 20, 30)
    assert replace(authors, hidden=paper.hidden, low_score=None, rest_score=None, high_score=None) == paper
    assert tuple(RECIPES) == RECIPE_NAMES
    xi, scores = toy(60)
    mapper = train_mapper(scores, xi, WORDS, model, replace(authors, epochs=1)).mapper
    assert [layer[0].shape[0] for layer in mapper.layers] == [800, 500, model.component_count]


def test_a_saved_mapper_gives_the_same_shapes(tmp_path, model):
    xi, scores = toy(100)
    recipe = recipe_named("default", hidden=(8,), epochs=2)
    mapper = train_mapper(scores, xi, WORDS, model, recipe, {"clip": "x"}).mapper
    mapper.save(tmp_path / "m.mapper.npz")
    back = Mapper.load(tmp_path / "m.mapper.npz")
    np.testing.assert_array_equal(back.coefficients(scores), mapper.coefficients(scores))
    assert back.provenance["clip"] == "x"
    assert back.provenance["recipe"]["epochs"] == 2
    torch_says = TorchMapper(back)(torch.as_tensor(scores)).numpy()
    np.testing.assert_allclose(torch_says, back.coefficients(scores), atol=1e-5)


def test_the_surrogate_predicts_scores_of_shapes_it_has_not_seen():
    xi, scores = toy(600, entangled=0.5)
    surrogate = train_surrogate(xi, scores, split(600, 0.2, 0), epochs=40)
    assert surrogate.r2.min() > 0.97
    other_xi, other_scores = toy(100, entangled=0.5, seed=9)
    assert np.abs(surrogate.scores(other_xi) - other_scores).mean() < 0.1 * other_scores.std()


def test_the_split_depends_on_count_and_seed_only():
    assert split(100, 0.2, 0).sum() == 20
    np.testing.assert_array_equal(split(100, 0.2, 3), split(100, 0.2, 3))
    assert (split(100, 0.2, 3) != split(100, 0.2, 4)).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda xi, s: (xi[:-1], s), "do not fit"),
        (lambda xi, s: (xi[:5], s[:5]), "too few"),
        (lambda xi, s: (xi, s * [1, 0]), "'fat': the score is the same"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_a_sentence(model, change, message):
    xi, scores = change(*toy(50))
    with pytest.raises(SemantifyError, match=message):
        train_mapper(scores, xi, WORDS, model, QUICK)


def test_recipes_refuse_nonsense():
    with pytest.raises(SemantifyError, match="unknown recipe"):
        recipe_named("secret")
    with pytest.raises(SemantifyError, match="epochs"):
        recipe_named("default", epochs=0)
    assert recipe_named("default", epochs=None) == DEFAULT


@pytest.mark.parametrize(("which", "value"), [("scores", np.nan), ("coefficients", np.inf)])
def test_what_is_not_finite_is_refused_and_the_sample_named(model, which, value):
    xi, scores = toy(60)
    {"scores": scores, "coefficients": xi}[which][17, 1] = value
    with pytest.raises(SemantifyError, match=f"sample 17: its {which} are not finite"):
        train_mapper(scores, xi, WORDS, model, QUICK)


def test_training_that_runs_away_is_told_and_gives_no_mapper(model):
    xi, scores = toy(60)
    recipe = Recipe(hidden=(8,), epochs=3, batch=32, cycle=0.0)
    with pytest.raises(SemantifyError, match=r"ran away \(validation MSE .*lower --learning-rate"):
        train_mapper(scores, np.float32(1e30) * xi, WORDS, model, replace(recipe, standardise=False))


def test_single_words_have_ends_of_their_own(model):
    xi, scores = toy(120)
    own = replace(Recipe(hidden=(8,), epochs=2, batch=32, cycle=0.0), ends=((WORDS[1], 20.0, 90.0),))
    mapper = train_mapper(scores, xi, WORDS, model, own).mapper
    for i, word in enumerate(WORDS):
        low, high = (20, 90) if word == WORDS[1] else (2, 98)
        assert mapper.low[i] == pytest.approx(np.percentile(scores[:, i], low), rel=1e-5)
        assert mapper.high[i] == pytest.approx(np.percentile(scores[:, i], high), rel=1e-5)
        assert mapper.default[i] == pytest.approx(np.percentile(scores[:, i], 50), rel=1e-5)


def test_ends_of_no_slider_and_out_of_range_are_refused(model):
    xi, scores = toy(120)
    with pytest.raises(SemantifyError, match="ends of 'thin', which is no slider: choose among"):
        train_mapper(scores, xi, WORDS, model, Recipe(ends=(("thin", 5.0, 95.0),)))
    for ends in (((WORDS[0], 60.0, 95.0),), ((WORDS[0], 5.0, 95.0), (WORDS[0], 2.0, 98.0))):
        with pytest.raises(SemantifyError, match="training recipe: ends is out of range"):
            Recipe(ends=ends)
