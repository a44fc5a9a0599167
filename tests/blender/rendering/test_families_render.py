"""Every research family goes the same way as the embedded models: convert, save, load, sample, render, read back."""

from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.families import Conversion, convert
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import default_k
from semantify_blender.core.model.separation import interpenetrates
from tests import licensed_files as files
from tests.blender.render_helpers import pixels, silhouette, small_spec
from tests.blender.tier import bpy  # noqa: F401 - skips where Blender is missing

CASES = {
    "smpl": Conversion(),
    "smplx": Conversion(pose="t"),
    "flame-shape": Conversion(family="flame-shape"),
    "flame-expression": Conversion(jaw=True),
    "smal": Conversion(animal="cow"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("licensed")
    files.write_smpl(folder / "smpl.npz", "npz")
    files.write_smplx(folder / "smplx.npz", columns=20)
    files.write_flame(folder / "flame-shape.pkl", "npz", columns=20)
    files.write_flame(folder / "flame-expression.pkl", "npz", columns=20)
    files.write_smal(folder / "smal.npz", folder / "smal_CVPR2017_data.pkl", layout="npz")
    for path in folder.glob("*.pkl.npz"):
        path.rename(path.with_suffix(""))
    return folder


@pytest.mark.parametrize("family", CASES)
def test_a_converted_model_renders_like_any_other(family: str, folder: Path, tmp_path: Path) -> None:
    from semantify_blender.rendering.dataset import render_samples
    from semantify_blender.rendering.shape_sources import coefficients_source

    (path,) = [path for path in folder.iterdir() if path.stem == family]
    convert(path, CASES[family]).save(tmp_path / "a.model.npz")
    model = MorphableModel.load(tmp_path / "a.model.npz")
    assert model.metadata["family"] == family
    spec = small_spec(model, samples=3, size=64, k=default_k(model))
    render_samples(spec, model, coefficients_source(spec, model), tmp_path / "data")
    dataset = Dataset.open(tmp_path / "data")
    assert not interpenetrates(model, dataset.coefficients()).any()
    seen = [silhouette(pixels(data, tmp_path)) for _, _, data in dataset.images()]
    assert len(seen) == 6
    for figure in seen:
        assert 0.03 < figure.mean() < 0.7
        border = np.concatenate([figure[0], figure[:, 0], figure[:, -1]])
        assert not border.any()
    assert len({figure.tobytes() for figure in seen}) == 6
