"""Figures of clothes: what lies inside the skin, what skin comes through, holes beside hems."""

from dataclasses import replace

import numpy as np
import pytest

from scripts.anny import seen as seen_module
from scripts.anny.seen import seen
from scripts.anny.worn import Surface, Worn
from tests.synthetic import dressed_model, synthetic_model

STILL = np.zeros(4)


@pytest.fixture(autouse=True)
def two_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_module, "CAMERAS", ((0, 0.0), (60, -25.0)))


def worn(covers: bool) -> Worn:
    """A lathe in shirt and shorts, with or without its skin under them."""
    model = dressed_model()
    parts = {name: part if covers else replace(part, covers=None) for name, part in model.parts.items()}
    return Worn.of(replace(model, parts=parts), "day")


def test_garments_are_what_outfits_name_and_a_model_needs_a_rig() -> None:
    assert set(worn(True).garments) == {"shirt", "shorts"}
    with pytest.raises(ValueError, match="has no rig"):
        Worn.of(synthetic_model(), "day")


def test_the_depth_of_points_counts_inside_only() -> None:
    model = synthetic_model()
    skin = Surface(model.template, model.triangles)
    outward = model.template[3 * 16] * [1, 1, 0]
    outward /= np.linalg.norm(outward)
    points = model.template[3 * 16] + outward * np.array([[-0.02], [0.02]])
    inside, outside = skin.depth(points)
    assert inside == pytest.approx(0.02, rel=0.2)
    assert outside == 0


def test_skin_that_is_left_out_up_to_the_hem_is_a_hole_from_below_and_whole_skin_is_none() -> None:
    for covers in (True, False):
        figure = worn(covers)
        body, cloth = figure.posed(STILL, {})
        found = seen(figure, body, cloth, figure.below(STILL))
        assert found.cloth > 1000
        assert found.through == 0
        assert (found.holes > 0) == covers


def test_skin_in_front_of_its_cloth_came_through() -> None:
    figure = worn(False)
    body, cloth = figure.posed(STILL, {})
    below = figure.below(STILL)
    assert 0.2 < below.mean() < 0.7
    tight = {name: vertices * [0.9, 0.9, 1] for name, vertices in cloth.items()}
    assert seen(figure, body, tight, below).through > 500
