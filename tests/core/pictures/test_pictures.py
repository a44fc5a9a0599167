"""From a picture to the square around its figure: resizing, parts of a mask, backdrops, alpha, crop boxes."""

import numpy as np
import pytest

from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.pictures.components import box_sums, grown, highest_near, label_parts, shrunk
from semantify_blender.core.pictures.crop import FILL, GREY, Crop, cut_figure
from semantify_blender.core.pictures.figure import find_figure, resample_mask
from semantify_blender.core.pictures.picture import Picture, upright, upright_box
from semantify_blender.core.pictures.resize import average
from tests import picture_files as files


def _picture(pixels: np.ndarray) -> Picture:
    return Picture(pixels, "test.png")


def _mask(picture: Picture) -> tuple[np.ndarray | None, str]:
    """The mask (H, W) of the figure that is found, and by what; None and "" where there is none."""
    found = find_figure(picture)
    if found is None:
        return None, ""
    return resample_mask(found, (0, 0, picture.width, picture.height), picture.pixels.shape[:2]), found.source


def _agreement(mask: np.ndarray, truth: np.ndarray) -> float:
    one, other = mask > 0.5, truth > 0.5
    return float((one & other).sum() / (one | other).sum())


# --- resizing ---


def test_average_of_whole_blocks_is_their_mean() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (60, 40, 4), dtype=np.uint8)
    values, coverage = average(pixels, (0, 0, 40, 60), (12, 10))
    assert np.allclose(values, pixels.reshape(12, 5, 10, 4, 4).mean((1, 3)), atol=1e-3)
    assert (coverage == 1).all()


def test_average_splits_pixels_between_cells() -> None:
    pixels = np.array([[[0.0], [90.0], [30.0]]], np.float32)
    values, _ = average(pixels, (0, 0, 3, 1), (1, 2))
    assert np.allclose(values[0, :, 0], [45 / 1.5, 75 / 1.5])


def test_average_outside_is_empty_and_enlarging_is_smooth() -> None:
    pixels = np.full((10, 10, 1), 200, np.uint8)
    values, coverage = average(pixels, (-5, 0, 5, 10), (4, 4))
    assert np.allclose(coverage, [[0, 0, 1, 1]] * 4)
    assert np.allclose(values[..., 0], 200 * coverage)
    assert not average(pixels, (40, 40, 50, 50), (3, 3))[1].any()
    ramp = np.arange(8, dtype=np.float32)[None, :, None]
    steps = np.diff(average(ramp, (0, 0, 8, 1), (1, 32))[0][0, :, 0])
    assert (steps >= 0).all()
    assert steps.max() <= 0.2501


def test_premultiplied_average_ignores_colours_that_cannot_be_seen() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:, :2] = (10, 20, 30, 255)
    pixels[:, 2:] = (250, 250, 250, 0)
    values, _ = average(pixels, (0, 0, 4, 4), (1, 1), premultiply=True)
    assert np.allclose(values[0, 0], [5, 10, 15, 127.5])


# --- parts of a mask ---


def _flooded(mask: np.ndarray, diagonal: bool) -> np.ndarray:
    """The slow and simple way to number parts, to compare with."""
    labels, count = np.zeros(mask.shape, int), 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        todo = [start]
        while todo:
            y, x = todo.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = count
                todo += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1) if diagonal or not (i and j)]
    return labels


@pytest.mark.parametrize("diagonal", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.45, 0.6, 0.9, 1.0])
def test_parts_are_those_of_a_flood_fill(share: float, diagonal: bool) -> None:
    mask = np.random.default_rng(1).random((37, 41)) < share
    labels, areas = label_parts(mask, diagonal)
    expected = _flooded(mask, diagonal)
    assert len(areas) - 1 == expected.max()
    assert len(set(zip(labels.ravel(), expected.ravel(), strict=True))) == len(np.unique(expected))
    assert np.array_equal(areas[1:], np.bincount(labels.ravel(), minlength=len(areas))[1:])


def test_growing_shrinking_sums_and_maxima() -> None:
    dot = np.zeros((9, 9), bool)
    dot[4, 4] = True
    assert grown(dot, 2).sum() == 13
    assert np.array_equal(shrunk(grown(dot, 2), 2), dot)
    assert shrunk(np.ones((5, 5), bool)).all()
    values = np.random.default_rng(2).random((12, 15))
    for y, x in ((0, 0), (5, 7), (11, 14)):
        around = values[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4]
        assert highest_near(values, 3)[y, x] == around.max()
        assert box_sums(values[..., None], 3)[y, x, 0] == pytest.approx(around.sum())


# --- turning ---


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_turns_with_its_picture(orientation: int) -> None:
    stored = np.zeros((40, 60, 4), np.uint8)
    stored[5:12, 20:50] = 255
    turned = upright(stored, orientation)
    left, top, right, bottom = (int(value) for value in upright_box((20, 5, 50, 12), 60, 40, orientation))
    assert (turned[top:bottom, left:right] == 255).all()
    assert turned.sum() == turned[top:bottom, left:right].sum()


# --- figure ---


@pytest.mark.parametrize("backdrop", ["plain", "gradient"])
@pytest.mark.parametrize("size", [(150, 200), (300, 400), (600, 800)])
def test_plain_backdrops_show_the_figure(backdrop: str, size: tuple[int, int]) -> None:
    doll = files.figure(*size)
    mask, source = _mask(_picture(files.over(doll, backdrop)))
    assert source == "background"
    assert mask is not None
    assert mask.shape == doll.shape[:2]
    assert mask.dtype == np.float32
    assert 0 <= mask.min() <= mask.max() <= 1
    assert _agreement(mask, doll[..., 3] / 255) > 0.9


def test_busy_backdrops_show_nothing() -> None:
    for seed in range(5):
        assert _mask(_picture(files.over(files.figure(), "busy", seed))) == (None, "")
    noise = np.random.default_rng(0).integers(0, 256, (120, 90, 4), dtype=np.uint8)
    noise[..., 3] = 255
    assert _mask(_picture(noise)) == (None, "")


def test_a_figure_cut_off_below_is_found_and_noted() -> None:
    doll = files.figure()[:300]
    picture = _picture(files.over(doll, "gradient"))
    mask, _ = _mask(picture)
    assert mask is not None
    assert _agreement(mask, doll[..., 3] / 255) > 0.9
    assert any("cut off at the bottom" in note for note in cut_figure(picture, 64).notes)


def test_a_figure_in_its_backdrop_s_colours_is_not_taken_for_found() -> None:
    doll = files.figure()
    shown = doll[..., 3] > 0
    doll[shown, :3] = (215, 215, 210) + 0.03 * (doll[shown, :3].astype(float) - 128)
    mask, _ = _mask(_picture(files.over(doll, "plain")))
    assert mask is None


def test_frames_are_no_figures() -> None:
    y, x = np.mgrid[:200, :200]
    for inside in ((abs(x - 100) < 60) & (abs(y - 100) < 80), (x - 100) ** 2 + (y - 100) ** 2 < 80**2):
        noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
        framed = np.where(inside[..., None], noise, 240).astype(np.uint8)
        alpha = np.full((200, 200), 255, np.uint8)
        assert _mask(_picture(np.dstack([framed, alpha]))) == (None, "")
        assert _mask(_picture(np.dstack([noise, (inside * 255).astype(np.uint8)])))[1] != "alpha"


def test_alpha_comes_first_and_specks_do_not_count() -> None:
    doll = files.figure()
    doll[2:5, 2:5] = 255
    mask, source = _mask(_picture(doll))
    assert source == "alpha"
    assert mask is not None
    assert not mask[:10, :10].any()
    doll[2:5, 2:5] = 0
    assert _agreement(mask, doll[..., 3] / 255) > 0.9


# --- cut ---


def test_the_figure_fills_the_cut_in_the_middle() -> None:
    doll = files.figure()
    for pixels, source in ((doll, "alpha"), (files.over(doll, "gradient"), "background")):
        cut = cut_figure(_picture(pixels), 128)
        assert cut.source == source
        assert cut.mask is not None
        rows, columns = np.flatnonzero((cut.mask > 0.5).any(1)), np.flatnonzero((cut.mask > 0.5).any(0))
        assert (rows[-1] + 1 - rows[0]) / 128 == pytest.approx(FILL, abs=0.03)
        assert (rows[-1] + rows[0] + 1) / 2 == pytest.approx(64, abs=2)
        assert (columns[-1] + columns[0] + 1) / 2 == pytest.approx(64, abs=2)
        assert (cut.pixels[cut.mask == 0] == GREY).all()
        assert cut.pixels.dtype == np.uint8
        assert cut.pixels.shape == (128, 128, 3)


def test_alpha_and_backdrop_give_nearly_the_same_cut() -> None:
    doll = files.figure(450, 600)
    one = cut_figure(_picture(doll), 96)
    other = cut_figure(_picture(files.over(doll, "gradient")), 96)
    assert np.abs(one.pixels.astype(int) - other.pixels).mean() < 3


def test_the_same_pixels_give_the_same_cut() -> None:
    picture = _picture(files.over(files.figure(), "gradient"))
    first, second = cut_figure(picture, 64), cut_figure(picture, 64)
    assert np.array_equal(first.pixels, second.pixels)
    assert first.crop == second.crop


def test_a_small_figure_is_looked_at_from_near_by() -> None:
    doll = files.figure(120, 160)
    wide = np.zeros((900, 1200, 4), np.uint8)
    wide[500:660, 700:820] = doll
    cut = cut_figure(_picture(files.over(wide, "gradient")), 128)
    assert cut.source == "background"
    expected = cut_figure(_picture(doll), 128)
    assert cut.crop.left == pytest.approx(expected.crop.left + 700, abs=4)
    assert cut.crop.size == pytest.approx(expected.crop.size, abs=6)
    assert np.abs(cut.pixels.astype(int) - expected.pixels).mean() < 6


def test_without_figure_the_whole_is_letterboxed() -> None:
    pixels = files.over(files.figure(), "busy")
    cut = cut_figure(_picture(pixels), 100)
    assert (cut.source, cut.mask) == ("whole", None)
    assert cut.crop == Crop(-50.0, 0.0, 400.0)
    assert "drag a crop box" in cut.notes[0]
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])[:, :3].mean(0)
    assert np.abs(cut.pixels[:, :12] - rim).max() <= 1
    assert np.abs(cut.pixels[:, 13:87].mean((0, 1)) - pixels[..., :3].mean((0, 1))).max() < 4


def test_a_box_is_searched_first_and_else_used_as_it_is() -> None:
    doll = files.figure()
    scene = np.concatenate([files.over(doll, "busy"), files.over(doll, "plain")], 1)
    assert cut_figure(_picture(scene), 64).source == "whole"
    inside = cut_figure(_picture(scene), 64, (305, 5, 595, 395))
    assert inside.source == "background"
    assert "inside the crop box" in inside.notes[0]
    expected = cut_figure(_picture(files.over(doll, "plain")), 64)
    assert inside.crop.left == pytest.approx(expected.crop.left + 300, abs=2)
    plain = cut_figure(_picture(scene), 64, (20, 10, 280, 390))
    assert (plain.source, plain.mask) == ("box", None)
    assert plain.crop == Crop(-40.0, 10.0, 380.0)


def test_a_box_may_reach_outside_but_not_miss() -> None:
    picture = _picture(files.over(files.figure(), "gradient"))
    assert cut_figure(picture, 64, (-500, -500, 900, 900)).source == "background"
    for box in ((900, 900, 990, 990), (10, 10, 12, 300), (50, 50, 20, 20), (float("nan"), 0, 10, 10)):
        with pytest.raises(SemantifyError, match=r"test\.png.*crop box"):
            cut_figure(picture, 64, box)


def test_pictures_that_show_nothing_are_refused() -> None:
    clear, flat = np.zeros((50, 50, 4), np.uint8), np.full((50, 50, 4), 255, np.uint8)
    with pytest.raises(SemantifyError, match=r"test\.png.*transparent everywhere"):
        cut_figure(_picture(clear), 64)
    with pytest.raises(SemantifyError, match=r"test\.png.*one colour"):
        cut_figure(_picture(flat), 64)


@pytest.mark.parametrize("shape", [(16, 16), (16, 900), (900, 16), (17, 33)])
def test_odd_sizes_never_fail(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 4), dtype=np.uint8)
    for alpha in (pixels[..., 3], np.full(shape, 255, np.uint8)):
        cut = cut_figure(_picture(np.dstack([pixels[..., :3], alpha])), 32)
        assert cut.pixels.shape == (32, 32, 3)
