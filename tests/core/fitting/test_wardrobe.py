"""Clothes in outlines: tried on, told apart, and taken off the shape that is found."""

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import ViewAngles, camera_of_cut
from semantify_blender.core.fitting.joint_angles import JointAngles
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.fitting.refine import refine
from semantify_blender.core.fitting.silhouette import silhouette
from semantify_blender.core.fitting.wardrobe import Wardrobe, wardrobe_of
from semantify_blender.core.library import load_model
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, limb_rotations
from tests.core.fitting.test_refine import SIZE, Cut, error, estimate
from tests.synthetic import synthetic_model


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return load_model("anny-body-neutral")


@pytest.fixture(scope="module")
def angles(body: MorphableModel) -> JointAngles:
    return JointAngles.of(Rig.of(body), body.template)


def test_clothes_are_held_as_the_rig_of_the_dressed_model_holds_them(body: MorphableModel, angles: JointAngles) -> None:
    rng = np.random.default_rng(2)
    coefficients, held = rng.normal(0, 1, body.component_count), rng.uniform(-30, 30, angles.count)
    wardrobe = Wardrobe(body, angles)
    found = wardrobe.of_photographs
    assert wardrobe.all == found[: len(wardrobe.all)]
    outfits = ["", *(o for o, p in body.metadata["clothes"]["outfits"].items() if p)]
    assert [one.outfit for one in found] == [*outfits, "casual", "dress", "skirt"]
    assert [one.layered for one in found] == [False] * len(outfits) + [True] * 3
    jacket, plain = found[-3].model, next(one.model for one in found if one.outfit == "casual")
    off = np.linalg.norm(jacket.template - plain.template, axis=1)
    assert 0.015 < np.quantile(off, 0.95) < 0.03
    assert (off == 0).mean() > 0.2
    for worn in found[: len(outfits)]:
        model = body.dressed(worn.outfit).model if worn.outfit else body
        rig = Rig.of(model)
        assert rig is not None
        wanted = rig.pose(model.vertices(coefficients), angles.rotations(held))
        # joints are sought from the dressed vertices there, from the body's own here
        np.testing.assert_allclose(worn.posed(coefficients, held), wanted, atol=1.5e-3)


def test_a_model_without_clothes_is_bare() -> None:
    lathe = synthetic_model()
    found = Wardrobe(lathe, JointAngles(None))
    assert found.all == [found.bare]
    assert found.bare.outfit == ""
    np.testing.assert_array_equal(found.bare.posed(np.zeros(lathe.component_count), np.zeros(0)), lathe.template)
    assert wardrobe_of(lathe, JointAngles(None)).all[0].model is lathe


def test_hems_are_no_ends_of_the_figure(body: MorphableModel, angles: JointAngles) -> None:
    for worn in (wardrobe := Wardrobe(body, angles)).all:
        assert not wardrobe.rim(worn).open.any(), worn.outfit


def pictured(model: MorphableModel, outfit: str, truth: np.ndarray, view: ViewAngles) -> Cut:
    """The outline of a shape in an outfit, its arms a little away from the body."""
    drawn = model.dressed(outfit).model if outfit else model
    rig = Rig.of(drawn)
    assert rig is not None
    posed = rig.pose(drawn.vertices(truth), limb_rotations({"upperarm.L": (-12, 4), "upperarm.R": (-9, 0)}))
    camera = camera_of_cut(posed, view)
    mask = silhouette(drawn, camera.project(posed, SIZE), SIZE)
    return Cut((mask[..., None] * 60 + 128).astype(np.uint8), mask)


def test_the_shape_below_is_found_in_any_outfit(body: MorphableModel) -> None:
    rig, left, hits = Rig.of(body), [], 0
    for number, outfit in enumerate(("dress", "skirt", "casual", "smart", "sportswear", "")):
        rng = np.random.default_rng(number)
        truth = 0.7 * rng.standard_normal(body.component_count)
        view = ViewAngles(10, 3)
        start = estimate(truth, rng, (view,))
        found = refine(body, rig, [pictured(body, outfit, truth, view)], start, Known())
        left.append(error(body, found.coefficients, truth) / error(body, start.coefficients, truth))
        hits += found.worn == (outfit,)
    assert np.median(left) < 0.75
    assert max(left) < 1.0
    assert hits >= 4  # trousers below a T-shirt or below long sleeves are hardly told apart
