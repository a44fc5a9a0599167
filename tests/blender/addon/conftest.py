"""A mesh with shape keys of its own, and a mapper for them."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def head() -> Any:
    from tests.blender.keyed_mesh import keyed_head

    return keyed_head()


@pytest.fixture
def mapper_path(head: Any, tmp_path: Path) -> Path:
    from tests.blender.keyed_mesh import saved_mapper

    return saved_mapper(head, tmp_path, exclude="jawL*, jawR*")
