"""A model of 300 components through selection, training and evaluation: converted, scored and fitted as any other."""

import resource
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.mapper import Mapper
from semantify_blender.training import verbs
from semantify_blender.training.mapper.recipe import Recipe
from semantify_blender.training.selection.selection import SelectionOptions
from tests.free_model_files import figure
from tests.training.helpers import coloured_dataset, tiny_clip_folder

COMPONENTS = 300
WORDS = ["tall", "angry", "horse", "wide", "small"]


@pytest.fixture
def model_path(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    template, basis, faces = figure(1.7, 3, 1)
    many = rng.normal(0, 0.001, (COMPONENTS, *template.shape))
    many[:3] = basis
    np.savez(tmp_path / "many.npz", template=template, basis=many, faces=faces)
    model = convert(tmp_path / "many.npz", Conversion(components=COMPONENTS))
    path = tmp_path / f"{model.name}.model.npz"
    model.save(path)
    return path


def test_300_components_go_through_the_line(model_path: Path, tmp_path: Path) -> None:
    from semantify_blender.core.model.morphable_model import MorphableModel

    model = MorphableModel.load(model_path)
    dataset = coloured_dataset(tmp_path / "dataset", model, samples=150)
    clip = f"local-dir:{tiny_clip_folder(tmp_path / 'tiny')}"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scores = verbs.score_words(dataset, WORDS, model=model_path, clip=clip)
    options = SelectionOptions(preset=("tall", "wide"), count=2, keep_non_directional=True)
    selection = verbs.select_descriptors(dataset, scores, options, model=model_path, clip=clip)
    assert selection.chosen == ("tall", "wide")
    path = tmp_path / "words.mapper.npz"
    verbs.fit_mapper(dataset, scores, selection, model=model_path, recipe=Recipe(epochs=3), out=path)
    found = verbs.evaluate(path, dataset, tmp_path / "report", model=model_path, clip=clip, rendered=False)
    mapper = Mapper.load(path)
    assert mapper.component_count == COMPONENTS
    assert np.isfinite(model.vertices(mapper.coefficients(mapper.high))).all()
    assert found.files["report"].exists()
    assert np.isfinite(found.figures["coverage"]["coverage"])
    # KiB; the terms of all products alone would be 54 MB for so few samples, and 15 GiB for 40,000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600_000
