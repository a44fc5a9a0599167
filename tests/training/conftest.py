import pytest

from semantify_blender.training.scoring.clip import Clip, load_clip
from tests.synthetic import synthetic_model
from tests.training.helpers import tiny_clip_folder


@pytest.fixture(scope="session")
def model():
    return synthetic_model()


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    return tiny_clip_folder(tmp_path_factory.mktemp("clip") / "tiny")


@pytest.fixture(scope="session")
def tiny_clip(tiny_folder) -> Clip:
    return load_clip(f"local-dir:{tiny_folder}", "cpu")
