"""Whom finders find in pictures, how well, and what they refuse."""

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.finders.mirror import SWAPPED, apart, both
from semantify_blender.core.finders.subjects import (
    ANIMAL,
    BODY,
    HEAD,
    finder_for,
    kind_of,
    seek_body,
    seek_head,
    seek_nothing,
)
from semantify_blender.core.library import load_model
from semantify_blender.core.pictures.crop import FILL, cut_figure
from semantify_blender.core.pictures.found import resample_mask
from semantify_blender.core.pictures.landmarks import BODY_POINTS, BodyLandmarks
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.core.pictures.seeking import Finder, NoSubjectError
from tests import picture_files as files
from tests.core.finders.scenes import TRUTH, cup, landscape, scene

BODIES, HEADS, NOTHING = Finder(seek_body, True), Finder(seek_head, True), Finder(seek_nothing, False)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.minimum(one, other).sum() / np.maximum(one, other).sum())


@pytest.mark.parametrize(
    ("tall", "x", "y", "least"), [(0.9, 0.5, 0.5, 0.85), (0.5, 0.25, 0.6, 0.82), (0.15, 0.7, 0.6, 0.7)]
)
def test_a_person_is_found_large_and_small(tall: float, x: float, y: float, least: float):
    picture = scene(("person", tall, x, y), width=1200, height=900, kind="brown")
    seen = seek_body(picture)
    mask = resample_mask(seen.found, (0, 0, 1200, 900), (900, 1200))
    assert overlap(mask, TRUTH[id(picture)]) > least
    assert seen.found.source == "finder"
    # the joints are on the person, the head above the feet
    assert seen.body is not None
    left, top, right, bottom = seen.found.bounds
    assert ((seen.body.points > [left - 9, top - 9]) & (seen.body.points < [right + 9, bottom + 9])).all(1).mean() > 0.9
    assert seen.body.points[0, 1] < seen.body.points[27, 1]


def test_the_cut_holds_figure_and_joints_together():
    picture = scene(("person", 0.6, 0.3, 0.6), width=900, height=600)
    cut = cut_figure(picture, 128, finder=BODIES)
    assert cut.source == "finder"
    assert cut.mask is not None
    assert cut.body is not None
    rows = np.flatnonzero(cut.mask.max(1) > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(FILL * 128, abs=3)
    assert (cut.pixels[cut.mask == 0] == 128).all()
    # every joint that is seen lies on or beside the figure
    near = cut.mask.astype(bool)
    places = cut.body.points[cut.body.seen > 0.8].astype(int).clip(1, 126)
    assert np.mean([near[y - 1 : y + 2, x - 1 : x + 2].any() for x, y in places]) > 0.9


def test_a_crop_box_comes_first_and_picks_one_of_two():
    picture = scene(("person", 0.8, 0.25, 0.5), ("person", 0.75, 0.75, 0.5), width=900, height=600)
    with pytest.raises(NoSubjectError, match=r"photo\.jpg: it shows several people of like size: draw a crop box"):
        cut_figure(picture, 96, finder=BODIES)
    for box in ((0, 0, 440, 600), (460, 0, 900, 600)):
        cut = cut_figure(picture, 96, box, BODIES)
        assert cut.source == "finder"
        assert box[0] < cut.crop.left + cut.crop.size / 2 < box[2]


def test_a_small_bystander_does_not_matter():
    picture = scene(("person", 0.9, 0.4, 0.5), ("person", 0.3, 0.85, 0.5), width=900, height=600)
    cut = cut_figure(picture, 96, finder=BODIES)
    assert cut.crop.left + cut.crop.size / 2 < 500


def crowd() -> Picture:
    return scene(*[("person", 0.5, 0.1 + 0.16 * i, 0.5 + 0.03 * (i % 2)) for i in range(6)], width=1000, height=600)


@pytest.mark.parametrize(
    ("picture", "finder", "sentence"),
    [
        (cup(plain=True), BODIES, "cup.jpg: no person was found"),
        (cup(plain=False), BODIES, "cup.jpg: no person was found"),
        (cup(plain=True), HEADS, "cup.jpg: no face was found"),
        (landscape(), BODIES, "hills.jpg: no person was found"),
        (landscape(1), HEADS, "hills.jpg: no face was found"),
        (landscape(2), NOTHING, "hills.jpg: there is no finder for what this mapper shapes"),
        (crowd(), BODIES, "several people of like size"),
        (scene(("head", 1.1, 0.5, 0.55)), BODIES, "it shows a head and not a body"),
        (scene(("person", 0.9, 0.5, 0.5), width=1000, height=800), HEADS, "it shows a whole person"),
        (scene(("head", 0.7, 0.25, 0.5), ("head", 0.7, 0.75, 0.5)), HEADS, "several faces of like size"),
    ],
)
def test_what_is_refused(picture: Picture, finder: Finder, sentence: str):
    with pytest.raises(NoSubjectError) as refusal:
        cut_figure(picture, 64, finder=finder)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)
    insisted = cut_figure(picture, 64, finder=finder, force=True)
    assert insisted.pixels.shape == (64, 64, 3)
    inside = cut_figure(picture, 64, (0, 0, picture.width, picture.height), finder)
    assert inside.pixels.shape == (64, 64, 3)


def test_the_crop_that_is_offered_is_the_heads():
    picture = scene(("person", 0.9, 0.4, 0.5), width=1000, height=800)
    with pytest.raises(NoSubjectError) as refusal:
        cut_figure(picture, 64, finder=HEADS)
    assert refusal.value.crop is not None
    cut = cut_figure(picture, 64, refusal.value.crop, HEADS)
    assert cut.face is not None
    stored = Picture(picture.pixels, picture.name, stored=(2000, 1600))
    with pytest.raises(NoSubjectError) as halved:
        cut_figure(stored, 64, finder=HEADS)
    assert halved.value.crop == pytest.approx([2 * side for side in refusal.value.crop])


def test_a_plain_background_needs_no_finder_for_animals_and_unknown_models():
    picture = Picture(files.over(files.figure(200, 300), "plain"), "doll.png")
    assert cut_figure(picture, 64, finder=NOTHING).source == "background"
    assert cut_figure(picture, 64, finder=Finder(seek_body, False)).source == "background"
    with pytest.raises(NoSubjectError, match="no person"):
        cut_figure(picture, 64, finder=BODIES)
    # in a thumbnail finders see too little to say so
    small = Picture(files.over(files.figure(60, 80), "plain"), "doll.png")
    assert cut_figure(small, 64, finder=BODIES).source in ("background", "finder")
    assert cut_figure(picture, 64, finder=BODIES, force=True).source == "background"


def test_alpha_is_believed_and_read_only_where_that_is_asked():
    figure = np.zeros((300, 300, 4), np.uint8)
    from tests.core.finders.scenes import render

    pixels = render("person")
    figure[20 : 20 + len(pixels), 60 : 60 + pixels.shape[1]] = pixels
    picture = Picture(figure, "cut out.png")
    quick, read = cut_figure(picture, 96, finder=BODIES), cut_figure(picture, 96, finder=BODIES, landmarks=True)
    assert quick.source == read.source == "alpha"
    assert quick.body is None
    assert read.body is not None
    np.testing.assert_array_equal(quick.pixels, read.pixels)
    doll = Picture(files.figure(200, 300), "doll.png")
    assert cut_figure(doll, 64, finder=BODIES, landmarks=True).body is None


def test_cut_off_at_the_border_is_told():
    picture = scene(("person", 1.3, 0.5, 0.75), width=900, height=600)
    cut = cut_figure(picture, 96, finder=BODIES)
    assert cut.cut_off == ("bottom",)
    assert any("cut off at the bottom" in note for note in cut.notes)


def test_a_head_that_goes_on_below_is_whole():
    cut = cut_figure(scene(("head", 1.1, 0.5, 0.75)), 96, finder=HEADS)
    assert "bottom" in cut.cut_off
    assert not any("cut off" in note for note in cut.notes)


def test_a_head_is_cut_at_the_neck_and_its_points_are_on_it():
    picture = scene(("head", 0.7, 0.4, 0.5), kind="foliage")
    cut = cut_figure(picture, 128, finder=HEADS)
    assert cut.face is not None
    assert cut.mask is not None
    places = cut.face.points[:, :2].astype(int).clip(0, 127)
    assert (cut.mask[places[:, 1], places[:, 0]] > 0.5).mean() > 0.95


def test_subjects_are_told_by_family():
    assert kind_of(load_model("anny-body-male")) == BODY
    assert kind_of(load_model("anny-face-expression")) == HEAD
    assert kind_of(load_model("quadruped")) == ANIMAL
    assert finder_for(load_model("quadruped")) == NOTHING


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (9, 9), (64, 64)], ids=lambda shape: f"{shape[0]}x{shape[1]}"
)
@pytest.mark.parametrize("finder", [BODIES, HEADS, NOTHING], ids=["body", "head", "nothing"])
def test_hostile_pictures_are_one_sentence(shape: tuple[int, int], finder: Finder):
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 4)).astype(np.uint8)
    for pixels in (noise, noise * np.uint8(0), np.full_like(noise, 255), noise | np.array([0, 0, 0, 255], np.uint8)):
        said, cut = "", None
        try:
            cut = cut_figure(Picture(pixels, "odd.png"), 32, finder=finder)
        except SemantifyError as refusal:
            said = str(refusal)
        if cut is None:
            assert "\n" not in said
            assert said.startswith("odd.png: ")
        else:  # alpha is believed, whatever it cuts out
            assert cut.source == "alpha"
            assert pixels[..., 3].min() < 128


def test_two_readings_are_compared_in_metres_whatever_the_pictures_scale():
    rng = np.random.default_rng(0)
    world = rng.normal(0, 0.4, (33, 3)).astype(np.float32)
    seen = rng.uniform(0.5, 1, 33).astype(np.float32)
    for scale in (1.0, 300.0):
        one = BodyLandmarks(world[:, :2] * scale + 40, seen, seen, world, 1.0)
        other = BodyLandmarks(one.points + np.array([0.05 * scale, 0], np.float32), seen, seen, world, 0.9)
        assert apart(one, one) == pytest.approx(0)
        assert apart(one, other) == pytest.approx(0.05, rel=1e-3)
        assert both(one, other).score == 0.9
        np.testing.assert_allclose(both(one, other).points, one.points + np.array([0.025 * scale, 0]), rtol=1e-5)
    assert apart(one, BodyLandmarks(-one.points, seen, seen, world, 1.0)) > 0.5
    assert [BODY_POINTS[i] for i in SWAPPED[:4]] == ["nose", "eye_inner.R", "eye.R", "eye_outer.R"]
    assert (SWAPPED[SWAPPED] == np.arange(33)).all()
