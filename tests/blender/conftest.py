"""A fresh file and a registered add-on for every test in Blender's process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model


@pytest.fixture(scope="session")
def synthetic_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds one small model and its mapper, both called "synthetic"."""
    folder = tmp_path_factory.mktemp("data")
    model = synthetic_model()
    model.save(folder / "models" / "synthetic.model.npz")
    synthetic_mapper(model, provenance=TRAINED).save(folder / "mappers" / "synthetic.mapper.npz")
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
