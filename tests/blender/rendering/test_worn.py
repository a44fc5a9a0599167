"""Layers over outfits in pictures of look wild: who wears what, and that it shows whatever was rendered before."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.library import load_model
from semantify_blender.core.looks.layers import BARE, SKIRT_SHARES, Layers
from semantify_blender.core.looks.look import PLAIN
from semantify_blender.core.looks.wild import wild_look
from semantify_blender.core.model.clothes import Clothes
from semantify_blender.core.model.gradients import measurements_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.view import View
from semantify_blender.rendering.dataset import render_samples
from semantify_blender.rendering.shape_sources import coefficients_source
from semantify_blender.rendering.stage.garments import OPENING, with_garments
from semantify_blender.rendering.stage.scene import Stage
from semantify_blender.rendering.wardrobe import Wardrobe
from semantify_blender.rendering.worn import Worn
from tests.blender.render_helpers import small_spec
from tests.blender.rendering.test_render_wild import rgba

LOUD = (0.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return load_model("anny-body-neutral")


def test_men_seldom_wear_skirts_and_what_is_worn_is_the_samples_own(body: MorphableModel) -> None:
    gender = measurements_of(body)["gender"]
    value, slope = gender(np.zeros(body.component_count))
    outfits = Clothes.of(body.metadata).outfits or {}
    with Stage(with_garments(body), 8, engine_samples=1, image_format="png", transparent=True) as stage:
        wardrobe = Wardrobe(stage, small_spec(body, look="wild"))
        for wanted, share in zip((0.05, 0.95), SKIRT_SHARES, strict=True):
            person = ((wanted - value) * slope / (slope @ slope)).astype(np.float32)
            worn = []
            for sample in range(300):
                wardrobe.dress(sample, person)
                regions = stage.dressed.model.regions
                worn.append("skirt" if {"skirt", "dress"} & set(regions) else "top" if "top" in regions else "none")
            assert np.mean([one == "skirt" for one in worn]) == pytest.approx(share * 0.9, abs=0.08)
            assert 0.04 < np.mean([one == "none" for one in worn]) < 0.17
        look = wild_look(np.random.default_rng(0))
        bald = replace(look, palette=look.palette | {"hair": look.palette["skin"]})
        assert all(wardrobe.layers(sample, 0, bald).hanging == 0 for sample in range(40)), "no hair of skin"
        unseen = Wardrobe(stage, DatasetSpec.of(body, samples=4, look="unseen"))
        assert unseen.layers(0, 0, look) == BARE
    assert set(outfits) >= {"none", "skirt", "dress"}


def test_what_is_carried_shows_and_is_put_down_again(body: MorphableModel, tmp_path: Path) -> None:
    at = np.zeros(body.component_count, np.float32)
    with Stage(with_garments(body), 96, engine_samples=1, image_format="png", transparent=True) as stage:
        worn = Worn(stage, stage.wear("casual"))
        hat = Layers(hat=(0.12, 0.14), hat_colour=LOUD, bag=("left", (0.3, 0.15, 0.3)), bag_colour=LOUD)
        jacket = Layers(padding=0.03, sleeves=True, opening=LOUD)
        seen = {}
        for name, layers in (("bare", BARE), ("carrying", hat), ("jacket", jacket), ("bare again", BARE)):
            look = worn.show(worn.posed(worn.vertices(at), layers, {}), layers, PLAIN)
            stage.aim(0.0, look)
            picture = rgba(stage.render(), tmp_path)
            green = (picture[..., 1] > 1.5 * picture[..., 0]) & (picture[..., 1] > 1.5 * picture[..., 2])
            seen[name] = (int((green & (picture[..., 3] > 0.9)).sum()), int((picture[..., 3] > 0.5).sum()))
        assert OPENING in stage.dressed.model.regions
    assert seen["bare"] == seen["bare again"]
    assert seen["bare"][0] == 0
    assert seen["carrying"][0] > 30
    assert seen["carrying"][1] > seen["bare"][1] + 30
    assert seen["jacket"][0] > 10, "the open front"
    assert seen["jacket"][1] > seen["bare"][1], "a padded figure is wider"


def test_pictures_are_the_same_whatever_was_rendered_before(body: MorphableModel, tmp_path: Path) -> None:
    def pictures(folder: Path, **changes: object) -> dict[tuple[int, str], bytes]:
        spec = small_spec(
            body, **({"samples": 6, "look": "wild", "size": 40, "views": (View("front", 0.0),)} | changes)
        )
        render_samples(spec, body, coefficients_source(spec, body), folder, part=(0, 1))
        return {(sample, view): data for sample, view, data in Dataset.open(folder).images()}

    whole = pictures(tmp_path / "whole")
    spec = small_spec(body, samples=6, look="wild", size=40, views=(View("front", 0.0),), shard_size=1)
    folder = tmp_path / "parts"
    for number in reversed(range(6)):
        render_samples(spec, body, coefficients_source(spec, body), folder, part=(number, 6))
    parts = {(sample, view): data for sample, view, data in Dataset.open(folder).images()}
    assert parts == whole
