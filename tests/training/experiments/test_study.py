"""The simulated user and its statistics, on cases whose answers are known."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.errors import SemantifyError
from semantify_blender.training.evaluation.quality import vertex_error
from semantify_blender.training.experiments import study
from semantify_blender.training.experiments.simulated_user import Distance, move_sliders
from semantify_blender.training.mapper.recipe import Recipe
from semantify_blender.training.verbs import fit_mapper, score_words
from tests.synthetic import synthetic_mapper
from tests.training.evaluation.test_quality import linear_mapper
from tests.training.helpers import coloured_dataset, tiny_clip_folder


def targets_of(model, count=12, seed=0, components=2):
    xi = np.zeros((count, model.component_count), np.float32)
    xi[:, :components] = np.random.default_rng(seed).uniform(-2, 2, (count, components))
    return xi


def test_distance_is_the_mean_vertex_distance(model):
    xi, other = targets_of(model), targets_of(model, seed=1)
    distance = Distance(model, model.vertices(xi))
    np.testing.assert_allclose(distance(other), vertex_error(model, other, xi), rtol=1e-4)
    np.testing.assert_allclose(distance(other[3:5], np.array([3, 4])), vertex_error(model, other, xi)[3:5], rtol=1e-4)


def test_a_user_finds_what_the_sliders_can_make(model):
    distance = Distance(model, model.vertices(targets_of(model)))
    curve = move_sliders(study.raw_sliders(model), 2, distance, moves=120)
    assert curve.shape == (12, 121)
    assert (np.diff(curve, axis=1) <= 0).all()  # a perfect eye never takes a worse shape
    assert curve[:, -1].max() < 0.05 * curve[:, 0].max()


def test_every_trial_is_a_move_and_all_users_start_at_rest(model):
    """One slider, target at +1.5 of ±3: half way up is it. First move up: found; the moves after it are taken back."""
    xi = np.zeros((1, model.component_count), np.float32)
    xi[0, 0] = 1.5
    curve = move_sliders(study.raw_sliders(model), 1, Distance(model, model.vertices(xi)), moves=4)[0]
    assert curve[0] == pytest.approx(vertex_error(model, xi, 0 * xi)[0], rel=1e-4)
    np.testing.assert_allclose(curve[1:], 0, atol=1e-6)


def test_the_other_way_is_tried_before_the_next_slider(model):
    xi = np.zeros((1, model.component_count), np.float32)
    xi[0, 0] = -1.5
    curve = move_sliders(study.raw_sliders(model), 2, Distance(model, model.vertices(xi)), moves=2)[0]
    assert curve[1] == curve[0]
    assert curve[2] == pytest.approx(0, abs=1e-6)


def test_a_slider_at_its_end_costs_no_move(model):
    """Both targets lie beyond the ends. Two moves bring slider 0 to its end, so the third is already slider 1's."""
    xi = np.zeros((1, model.component_count), np.float32)
    xi[0, :2] = 9
    curve = move_sliders(study.raw_sliders(model), 2, Distance(model, model.vertices(xi)), moves=4)[0]
    ends = np.zeros((4, model.component_count), np.float32)
    ends[:, 0], ends[:, 1] = [1.5, 3, 3, 3], [0, 0, 1.5, 3]
    np.testing.assert_allclose(curve[1:], vertex_error(model, ends, np.repeat(xi, 4, 0)), rtol=1e-4)


def test_a_dull_eye_ends_farther_away(model):
    distance = Distance(model, model.vertices(targets_of(model, 60, components=4)))
    sharp = move_sliders(study.raw_sliders(model), 4, distance, 60)
    dull = move_sliders(study.raw_sliders(model), 4, distance, 60, noticeable=0.01)
    assert dull[:, -1].mean() > 1.5 * sharp[:, -1].mean()
    gained = -np.diff(dull, axis=1)
    assert (gained[gained != 0] > 0.01).all()  # what the eye cannot see is taken back


def test_raw_sliders_respect_a_models_ranges(model):
    ranges = np.tile(np.array([[0.0, 1.0]], np.float32), (model.component_count, 1))
    shape = study.raw_sliders(replace(model, ranges=ranges))
    xi = shape(np.array([[-1.0, 1.0], [0.0, 0.5]]))
    np.testing.assert_allclose(xi[:, :2], [[0, 1], [0, 0.5]])
    assert (xi[:, 2:] == 0).all()


def test_the_three_slider_sets(model):
    mapper = linear_mapper(model, np.eye(model.component_count, 2))
    found = study.arms(mapper, model, study.DEVIATIONS)
    assert {name: count for name, (_, count) in found.items()} == {study.WORDS: 2, study.SAME: 2, study.ALL: 4}
    # this mapper's words are the components themselves over ±2
    np.testing.assert_allclose(found[study.WORDS][0](np.array([[0.5, -1.0]]))[0, :2], [1, -2])
    as_many = synthetic_mapper(model, tuple("abcd"))
    assert study.SAME not in study.arms(as_many, model)


def test_no_winner_is_named_while_the_ends_follow_two_rules(model):
    """Two raw sliders of ±3 beat the same two of ±2 that a mapper has: the ends decide, and the tables say so."""
    mapper = linear_mapper(model, np.eye(model.component_count, 2))
    xi = np.zeros((20, model.component_count), np.float32)
    xi[:, 0] = np.random.default_rng(0).choice([-1.5, 1.5], 20)
    rows = study.records_of({
        arm: 100 * move_sliders(shape, count, Distance(model, model.vertices(xi)), 40)
        for arm, (shape, count) in study.arms(mapper, model, study.DEVIATIONS).items()
    })  # fmt: skip
    rows = [{"mapper": "m", "targets": study.POPULATION, "noticeable_mm": 0.0, **row} for row in rows]
    assert rows[1]["mean_cm"][2] < rows[0]["mean_cm"][2]
    result = {"settings": {"moves": 40, "raw_ends": study.DEVIATIONS}, "records": rows}
    (table,) = study.tables(result)
    assert "do not say which sliders are better: their ends follow two rules" in table.note
    assert "±3 standard deviations" in table.note
    assert not table.best
    assert [row[0] for row in table.rows] == [study.WORDS, study.SAME, study.ALL]
    ElementTree.fromstring(study.chart(result))


def test_the_same_rule_gives_raw_and_word_sliders_the_same_ends(model):
    """A mapper whose words are the components, of shapes uniform in ±2: ends at ±1.92 for both, and the same curves."""
    mapper = linear_mapper(model, np.eye(model.component_count, 2))
    share = np.float32(1.92 / 2)
    low, high = (mapper.default + share * (end - mapper.default) for end in (mapper.low, mapper.high))
    mapper = replace(mapper, low=low, high=high)
    np.testing.assert_allclose(study.common_ends(mapper, model)[:2], [[-1.92, 1.92]] * 2, atol=0.06)
    distance = Distance(model, model.vertices(targets_of(model, 30)))
    words, same, _ = (
        move_sliders(shape, count, distance, 30).mean(0) for shape, count in study.arms(mapper, model).values()
    )
    np.testing.assert_allclose(words, same, atol=0.02 * words[0])
    narrow = replace(mapper, provenance={"recipe": {"low": 25.0, "high": 75.0}})
    np.testing.assert_allclose(study.common_ends(narrow, model)[0], [-1, 1], atol=0.1)


def test_a_coefficient_that_hardly_leaves_rest_keeps_its_whole_range(model, monkeypatch):
    monkeypatch.setattr(study, "sample_shape", lambda *_: np.zeros(model.component_count, np.float32))
    ends = study.common_ends(linear_mapper(model, np.eye(model.component_count, 2)), model)
    np.testing.assert_array_equal(ends, np.tile([-3.0, 3.0], (model.component_count, 1)))


def test_ends_that_were_given_have_no_common_rule(model):
    mapper = replace(synthetic_mapper(model), provenance={"recipe": {"low_score": 15.0}})
    with pytest.raises(SemantifyError, match=r"end at scores that were given.*--raw-ends deviations"):
        study.arms(mapper, model)
    assert study.arms(mapper, model, study.DEVIATIONS)


def test_a_lead_counts_where_every_training_has_it():
    """Three trainings: after 1 move words lead by 1.0, 1.1 and 1.2 cm; after 2 moves by 1, −1 and 0."""
    raw = np.tile([4.0, 3.0, 2.0], (5, 1))
    seeds = [np.tile([4.0, 3.0 - a, 2.0 - b], (5, 1)) for a, b in ((1.0, 1.0), (1.1, -1.0), (1.2, 0.0))]
    records = study.records_of({study.WORDS: np.mean(seeds, 0), study.ALL: raw}, 0, seeds)
    assert "lead_cm" not in records[0]
    np.testing.assert_allclose(records[1]["lead_cm"], [0, 1.1, 0], atol=1e-9)
    assert records[1]["lead_low_cm"][1] == pytest.approx(1.1 - 4.3027 * 0.1 / 3**0.5, abs=1e-3)
    assert records[1]["lead_low_cm"][2] < 0 < records[1]["lead_high_cm"][2]
    rows = [{"mapper": "m", "targets": study.POPULATION, "noticeable_mm": 0.0, **row} for row in records]
    result = {"settings": {"moves": 2, "raw_ends": study.PERCENTILES}, "records": rows}
    curves, lead = study.tables(result)
    assert "Ends follow one rule" in curves.note
    assert lead.rows == ((f"against {study.ALL}", "+0.00 (-2.48 to +2.48)"),)
    assert lead.note.endswith("None is clearly nearer.")


def test_the_command_trains_again_with_other_seeds(capsys, model, tmp_path):
    model.save(tmp_path / "synthetic.model.npz")
    dataset = coloured_dataset(tmp_path / "data", model)
    clip = f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}"
    fit_mapper(dataset, score_words(dataset, ["tall", "fat"], model=tmp_path / "synthetic.model.npz", clip=clip),
               ["tall", "fat"], model=tmp_path / "synthetic.model.npz", recipe=Recipe(hidden=(8,), epochs=1, cycle=0.0),
               out=tmp_path / "mine.mapper.npz")  # fmt: skip
    mine = tmp_path / "mine.mapper.npz"
    verb = ["study", "--mapper", mine, "--model", tmp_path / "synthetic.model.npz", "--moves", 4, "--noticeable", 0]
    verb += ["--targets", 5, "--data", f"{mine}={tmp_path / 'data'}", "--clip", clip, "--out", tmp_path / "out"]
    assert main([*map(str, verb), "--json"]) == 0, capsys.readouterr().err
    result = json.loads(capsys.readouterr().out)
    assert result["settings"]["training_seeds"] == {str(mine): [0, 1, 2]}
    assert len(list((tmp_path / "out" / "fits").iterdir())) == 3
    assert len(result["records"][-1]["lead_cm"]) == 5
    assert main([*map(str, verb), "--clip", "small"]) == 2
    assert "give the same one" in capsys.readouterr().err
    assert main([*map(str, verb[:-4]), "--data", "other=x"]) == 2
    assert "--data other=…: that mapper is not in the study" in capsys.readouterr().err


def test_the_command_with_given_shapes(capsys, model, tmp_path):
    model.save(tmp_path / "synthetic.model.npz")
    synthetic_mapper(model).save(tmp_path / "mine.mapper.npz")
    shapes = model.vertices(targets_of(model, 5)).astype(np.float32)
    np.save(tmp_path / "shapes.npy", shapes)
    verb = ["study", "--mapper", tmp_path / "mine.mapper.npz", "--model", tmp_path / "synthetic.model.npz"]
    verb += [
        "--moves",
        6,
        "--noticeable",
        0,
        "--shapes",
        f"{tmp_path / 'mine.mapper.npz'}={tmp_path / 'shapes.npy'}",
        "--out",
        tmp_path / "out",
    ]
    assert main([*map(str, verb), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert {record["targets"] for record in result["records"]} == {study.POPULATION, study.GIVEN}
    first, second, *_ = [record for record in result["records"] if record["targets"] == study.GIVEN]
    assert first["shapes"] == 5
    expected = 100 * Distance(model, shapes)(np.zeros((5, model.component_count))).mean()
    mapper_rest = synthetic_mapper(model).coefficients(synthetic_mapper(model).default)[None].repeat(5, 0)
    assert first["mean_cm"][0] == pytest.approx(100 * Distance(model, shapes)(mapper_rest).mean(), rel=1e-4)
    assert second["mean_cm"][0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (np.zeros((3, 5, 3), np.float32), "shape \\(3, 5, 3\\)"),
        (np.full((3, 194, 3), np.nan, np.float32), "finite"),
        (np.zeros((3, 194, 3), "U1"), "finite"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(model, shapes, message):
    assert model.vertex_count == 194
    with pytest.raises(SemantifyError, match=message):
        study.checked_shapes(shapes, model)
