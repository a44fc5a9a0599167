"""Where the camera stands, by name or by angle."""

import numpy as np
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


def test_what_a_view_was_made_of_makes_it_again() -> None:
    rng = np.random.default_rng(0)
    angles = [22.12345, 1 / 3, 1e6, -0.0, *rng.uniform(-720, 720, 200), *rng.integers(-360, 360, 50)]
    for text in ["front", "side", "back", "left", "three_quarter", *(f"az:{float(angle)!r}" for angle in angles)]:
        view = View.parse(text)
        assert View.parse(view.text) == view
    assert View.parse("az:45.0").text == "az:45"
