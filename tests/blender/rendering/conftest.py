"""The folder that the tests of `fit` look into."""

from pathlib import Path

import pytest

from tests.blender.rendering.small_fit import random_encoder, random_fitter
from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    model = synthetic_model()
    mapper = synthetic_mapper(model, provenance=TRAINED)
    encoder = random_encoder(mapper.descriptors)
    model.save(folder / "models" / "synthetic.model.npz")
    mapper.save(folder / "mappers" / "synthetic.mapper.npz")
    encoder.save(folder / "encoders" / "body.encoder.npz")
    random_fitter(model, encoder).save(folder / "fitters" / "synthetic.fitter.npz")
    return folder


@pytest.fixture
def here(data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("SEMANTIFY_DATA", str(data))
    return tmp_path
