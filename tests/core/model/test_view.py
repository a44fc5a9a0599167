"""Where the camera stands, by name or by angle."""

import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.model.view import View


def test_views_are_parsed() -> None:
    assert View.parse("side") == View("side", 90.0)
    assert View.parse("az:45") == View("az45", 45.0)
    assert View.parse("az:-22.5") == View("az-22_5", -22.5)
    for text in ("top", "az:", "az:nan", "45"):
        with pytest.raises(SemantifyError, match="unknown view"):
            View.parse(text)
