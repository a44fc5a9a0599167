"""What the steps refuse: data outside what was asked for, and scores of other pictures."""

from dataclasses import replace

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.training import steps
from semantify_blender.training.mapper.recipe import Recipe
from semantify_blender.training.scoring.scores import score_words
from semantify_blender.training.telling import Teller
from tests.training.helpers import drawn_dataset

RECIPE = Recipe(hidden=(8,), epochs=2, batch=32)


@pytest.fixture
def source(tmp_path, model):
    return steps.Source(drawn_dataset(tmp_path / "dataset", model), model, tmp_path / "model")


def rewritten(source, shard, change):
    """The source with a shard written again, its rows changed and its checksums right."""
    spec, folder = source.dataset.spec, source.dataset.folder
    rows = [(i, np.array(xi), images) for i, xi, images in spec.read_shard(folder, shard)]
    change(rows)
    spec.write_shard(folder, shard, rows)
    return replace(source, dataset=Dataset.open(folder))


def scores_of(source, clip):
    return steps.score(source.dataset, clip, ["tall", "fat"], Teller())


def test_coefficients_outside_the_samplers_range_are_refused_by_name(source, tiny_clip):
    scores = scores_of(source, tiny_clip)

    def beyond(rows):
        rows[4][1][2] = 2.5

    with pytest.raises(FileFormatError, match=r"shard-000001\.tar: sample 14: .*'uniform' cannot give"):
        steps.sampled_coefficients(rewritten(source, 1, beyond))
    with pytest.raises(SemantifyError, match="of other pictures"):
        steps.train(rewritten(source, 1, beyond), scores, ["tall"], RECIPE, Teller())


def test_coefficients_of_another_model_are_refused(source, tmp_path, model):
    spec = source.dataset.spec
    for shard in range(spec.shard_count):
        rows = [(i, xi[:3], images) for i, xi, images in spec.read_shard(source.dataset.folder, shard)]
        spec.write_shard(source.dataset.folder, shard, rows)
    with pytest.raises(SemantifyError, match="have 3 coefficients, model 'synthetic' has 4"):
        steps.sampled_coefficients(replace(source, dataset=Dataset.open(source.dataset.folder)))


def test_a_range_of_the_models_own_is_what_counts(source, model):
    rows = source.dataset.coefficients()
    ranges = np.stack([rows.min(0), rows.max(0)], 1)
    steps.sampled_coefficients(replace(source, model=replace(model, ranges=ranges)))
    ranges[1, 0] += 0.01
    with pytest.raises(FileFormatError, match="cannot give"):
        steps.sampled_coefficients(replace(source, model=replace(model, ranges=ranges)))


def test_scores_of_other_pictures_of_the_same_number_are_refused(source, tmp_path, model, tiny_clip):
    other = replace(source, dataset=drawn_dataset(tmp_path / "other", model, seed=5))
    scores = scores_of(other, tiny_clip)
    embeddings = steps.encode(source.dataset, tiny_clip, Teller())
    for call in (
        lambda: steps.train(source, scores, ["tall"], RECIPE, Teller()),
        lambda: steps.select(source.dataset, embeddings, scores, steps.SelectionOptions()),
    ):
        with pytest.raises(SemantifyError, match=r"of other pictures than the 24 in .*run semantify score"):
            call()
    own = score_words(tiny_clip, embeddings, ["tall", "fat"])
    assert steps.train(source, own, ["tall"], RECIPE, Teller()).descriptors == ("tall",)
