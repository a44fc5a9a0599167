"""Paper section 3.3 against hand-built scores in which every rule must bite."""

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.selection import selection as s
from semantify_blender.training.selection.clusters import Clusters, find_clusters, vote
from semantify_blender.training.selection.directional import how_directional
from semantify_blender.training.selection.lexicon import Lexicon
from semantify_blender.training.selection.selector import select_descriptors

NO_LEXICON = Lexicon({}, {})
N = 300


def independent(count, seed=0):
    """(N, count) exactly uncorrelated columns of unit variance."""
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((N, count + 1)) - 0.0)
    q = q - q.mean(0)
    q, _ = np.linalg.qr(q)
    return q[:, :count] * np.sqrt(N)


def mixed(a, b, correlation):
    return correlation * a + np.sqrt(1 - correlation**2) * b


def select(columns, words, lexicon=NO_LEXICON, coefficients=None, embeddings=None, lexicon_=s.STRICT, **options):
    scores = 20 + np.stack(columns, 1)
    if embeddings is None:
        embeddings = np.random.default_rng(1).standard_normal((N, 4))
    return select_descriptors(
        scores, words, embeddings, coefficients, s.SelectionOptions(clusters=1, lexicon=lexicon_, **options), lexicon
    )


def decision(selection, word):
    return next(d for d in selection.decisions if d.word == word)


def test_words_are_taken_by_descending_variance():
    q = independent(3)
    found = select([q[:, 0], 3 * q[:, 1], 2 * q[:, 2]], ["low", "high", "middle"], threshold=0.5)
    assert found.chosen == ("high", "middle", "low")


def test_a_correlated_word_is_dropped_for_the_one_of_larger_variance():
    q = independent(3)
    columns = [2 * q[:, 0], -mixed(q[:, 0], q[:, 1], 0.83), q[:, 2]]
    found = select(columns, ["first", "opposite", "free"], threshold=0.6)
    assert found.chosen == ("first", "free")
    dropped = decision(found, "opposite")
    assert (dropped.reason, dropped.other) == (s.CORRELATED, "first")
    assert dropped.value == pytest.approx(-0.83, abs=1e-6)
    assert "first (-0.83" in dropped.text


def test_the_threshold_is_the_median_of_all_pairs_unless_given():
    q = independent(3)
    columns = [3 * q[:, 0], 2 * mixed(q[:, 0], q[:, 1], 0.3), mixed(q[:, 0], q[:, 2], 0.7)]
    found = select(columns, ["a", "b", "c"])
    assert found.threshold == pytest.approx(0.3, abs=1e-6)  # pairs: 0.3, 0.7, 0.21
    assert found.chosen == ("a", "b")
    assert select(columns, ["a", "b", "c"], threshold=0.6).chosen == ("a", "b")
    assert select(columns, ["a", "b", "c"], threshold=0.75).chosen == ("a", "b", "c")
    assert select(columns, ["a", "b", "c"], threshold=0.25).chosen == ("a",)


def test_synonyms_and_antonyms_of_a_taken_word_are_skipped():
    q = independent(4)
    lexicon = Lexicon({"tall": frozenset({"lofty"})}, {"broad": frozenset({"narrow"})})
    words = ["tall", "lofty", "narrow shoulders", "broad shoulders"]
    found = select([4 * q[:, 0], 3 * q[:, 1], 2 * q[:, 2], q[:, 3]], words, lexicon, threshold=0.5)
    assert found.chosen == ("tall", "narrow shoulders")
    assert decision(found, "lofty").text == "synonym of tall"
    assert decision(found, "broad shoulders").text == "antonym of narrow shoulders"


def test_presets_start_the_set_whatever_their_variance_and_are_never_dropped():
    q = independent(3)
    columns = [3 * q[:, 0], 0.1 * mixed(q[:, 0], q[:, 1], 0.9), 2 * q[:, 2]]
    found = select(columns, ["loud", "mine", "free"], threshold=0.5, preset=("mine",))
    assert found.chosen == ("mine", "free")
    assert decision(found, "loud").other == "mine"
    assert decision(found, "mine").reason == s.PRESET
    assert select(columns, ["loud", "mine", "free"], threshold=0.5, preset=("mine",), count=1).chosen == ("mine",)


def test_a_count_drops_from_the_bottom_or_adds_back_by_variance():
    q = independent(4)
    columns = [4 * q[:, 0], 3 * mixed(q[:, 0], q[:, 1], 0.9), 2 * q[:, 2], mixed(q[:, 0], q[:, 3], 0.8)]
    words = ["a", "a2", "b", "a3"]
    assert select(columns, words, threshold=0.5).chosen == ("a", "b")
    fewer = select(columns, words, threshold=0.5, count=1)
    assert fewer.chosen == ("a",)
    assert decision(fewer, "b").reason == s.SURPLUS
    more = select(columns, words, threshold=0.5, count=3)
    assert more.chosen == ("a", "a2", "b")
    assert decision(more, "a2").reason == s.ADDED_BACK
    gentle = select(columns, words, threshold=0.5, count=3, add_back="least correlated")
    assert gentle.chosen == ("a", "b", "a3")


def test_synonyms_never_come_back_to_fill_the_count():
    q = independent(2)
    lexicon = Lexicon({"tall": frozenset({"lofty"})}, {})
    found = select([2 * q[:, 0], q[:, 1]], ["tall", "lofty"], lexicon, count=2)
    assert found.chosen == ("tall",)
    assert "only 1 word is left" in found.note


def test_each_cluster_keeps_its_own_words_and_the_merged_list_is_filtered_again():
    """In its own cluster each of two alike words is taken first; only the merge can drop one."""
    q = independent(3)
    side = np.repeat([0, 1], N // 2)
    jump = np.where(side == 0, 0.0, 1.0)
    columns = [2 * q[:, 0] + 70 * (1 - jump), q[:, 1] + 60 * jump, 5 * jump]
    scores = 20 + np.stack(columns, 1)
    embeddings = np.stack([jump * 10, q[:, 2] * 0.01], 1)
    options = s.SelectionOptions(clusters=2, threshold=0.5, votes=1)
    found = select_descriptors(scores, ["left", "right", "jump"], embeddings, None, options, NO_LEXICON)
    a, b, _ = found.word_clusters
    assert a != b
    assert found.chosen == ("left",)
    assert decision(found, "right").other == "left"


def test_signed_correlation_keeps_words_that_fall_where_others_rise():
    """Within a cluster the paper's absolute values hold; the merge drops only what rises together."""
    q = independent(3)
    side = np.repeat([0.0, 1.0], N // 2)
    columns = [2 * q[:, 0] + 70 * (1 - side), q[:, 1] + 60 * side]
    embeddings = np.stack([side * 10, q[:, 2] * 0.01], 1)
    chosen = {}
    for signed in (False, True):
        options = s.SelectionOptions(clusters=2, threshold=0.5, votes=1, signed_correlation=signed)
        scores = 20 + np.stack(columns, 1)
        chosen[signed] = select_descriptors(scores, ["left", "right"], embeddings, None, options, NO_LEXICON).chosen
    assert chosen == {False: ("left",), True: ("left", "right")}


def test_how_strict_the_lexicon_is_can_be_chosen():
    q = independent(3)
    columns = [3 * q[:, 0], 2 * q[:, 1], q[:, 2]]
    words, lexicon = ["tall", "short", "free"], Lexicon({}, {"tall": frozenset({"short"})})
    chosen = {
        (strictness, count): select(columns, words, lexicon, threshold=0.5, lexicon_=strictness, count=count).chosen
        for strictness in s.LEXICONS
        for count in (None, 3)
    }
    assert chosen["strict", None] == chosen["paper", None] == chosen["strict", 3] == ("tall", "free")
    assert chosen["paper", 3] == chosen["off", None] == chosen["off", 3] == ("tall", "short", "free")
    back = select(columns, words, lexicon, threshold=0.5, lexicon_="paper", count=3)
    assert (decision(back, "short").reason, decision(back, "short").text) == (
        s.ADDED_BACK,
        "back to reach 3 words, though antonym of tall",
    )
    with pytest.raises(SemantifyError, match="lexicon is 'loose': choose one of strict, paper, off"):
        select(columns, words, lexicon_="loose")


def test_non_directional_words_are_left_out_unless_kept():
    rng = np.random.default_rng(0)
    xi = rng.uniform(-2, 2, (N, 5))
    columns = [xi[:, 0] + 0.1 * rng.standard_normal(N), -(xi**2).sum(1), rng.standard_normal(N)]
    words = ["tall", "average", "noise"]
    found = select(columns, words, coefficients=xi, threshold=0.9)
    assert found.chosen == ("tall",)
    assert decision(found, "average").reason == s.NON_DIRECTIONAL
    assert "distance from a shape" in decision(found, "average").text
    assert "hardly follows" in decision(found, "noise").text
    kept = select(columns, words, coefficients=xi, threshold=0.9, keep_non_directional=True)
    assert set(kept.chosen) == set(words)


def test_a_bent_but_monotone_word_counts_as_directional():
    xi = np.random.default_rng(0).uniform(-2, 2, (N, 3))
    (judged,) = how_directional(np.exp(0.8 * xi[:, :1]), xi)
    assert judged.directional
    assert judged.monotone > 0.95


def test_a_constant_word_is_dropped():
    q = independent(1)
    found = select([q[:, 0], np.zeros(N)], ["a", "flat"])
    assert found.chosen == ("a",)
    assert decision(found, "flat").reason == s.CONSTANT


def test_the_same_seed_gives_the_same_selection():
    rng = np.random.default_rng(3)
    scores = rng.standard_normal((80, 8)) @ rng.standard_normal((8, 12))
    embeddings = rng.standard_normal((80, 2, 6))
    words = [f"word{i}" for i in range(12)]
    a, b = (select_descriptors(scores, words, embeddings, options=s.SelectionOptions(seed=5)) for _ in range(2))
    assert a.to_json() == b.to_json()


def test_clusters_find_the_number_of_blobs():
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((4, 8)) * 5
    labels = np.repeat(np.arange(4), 30)
    found = find_clusters(centres[labels] + 0.3 * rng.standard_normal((120, 8)))
    assert found.count == 4
    assert set(found.silhouettes) == set(range(2, 11))
    assert sorted(found.sizes) == [30] * 4
    for k, samples in enumerate(found.examples):
        assert {found.labels[i] for i in samples} == {k}


def test_votes_weigh_one_over_cluster_size():
    labels = np.array([0, 0, 0, 1])
    clusters = Clusters(labels, np.array([3, 1]), {2: 1.0}, [[0], [3]])
    scores = np.array([[9, 8, 0, 1], [9, 1, 8, 0], [9, 8, 1, 0], [8, 1, 9, 0]], float)
    votes, assigned = vote(scores, clusters, votes=2)
    np.testing.assert_allclose(votes, [[1, 2 / 3, 1 / 3, 0], [1, 0, 1, 0]])
    assert assigned[:3].tolist() == [0, 0, 1]
    assert assigned[3] == 0  # nobody voted: where it stands highest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": ("unheard",)}, "'unheard'"),
        ({"count": 0}, "count is 0"),
        ({"add_back": "chance"}, "add_back"),
    ],
)
def test_bad_options_are_refused_in_a_sentence(options, message):
    with pytest.raises(SemantifyError, match=message):
        select([independent(1)[:, 0]], ["a"], **options)


def test_too_few_samples_are_refused():
    with pytest.raises(SemantifyError, match="too few"):
        find_clusters(np.zeros((2, 3)))
