"""A fresh file and a registered add-on for every test in Blender's process."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import TRAINED, dressed_model, synthetic_mapper, synthetic_model


@pytest.fixture(scope="session")
def synthetic_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two small models and their mappers: "synthetic", and "dressed", the same with clothes."""
    folder = tmp_path_factory.mktemp("data")
    model = synthetic_model()
    model.save(folder / "models" / "synthetic.model.npz")
    synthetic_mapper(model, provenance=TRAINED).save(folder / "mappers" / "synthetic.mapper.npz")
    dressed = replace(dressed_model(), name="dressed")
    dressed.save(folder / "models" / "dressed.model.npz")
    synthetic_mapper(dressed, provenance=TRAINED).save(folder / "mappers" / "dressed.mapper.npz")
    return folder


@pytest.fixture
def addon(synthetic_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty file, the add-on registered, and the synthetic data where core.library looks."""
    import bpy

    import semantify_blender

    monkeypatch.setenv("SEMANTIFY_DATA", str(synthetic_data))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semantify_blender.register()
    yield
    semantify_blender.unregister()
    bpy.ops.wm.read_factory_settings(use_empty=True)
