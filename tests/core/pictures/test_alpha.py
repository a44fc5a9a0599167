"""What alpha channels of pictures as people have them show: figures cut out anyhow, and rims that are no figures."""

import numpy as np
import pytest

from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.figure import Found, Several, find_figure, resample_mask
from semantify_blender.core.pictures.picture import Picture
from tests import picture_files as files
from tests.drawn_people import backdrop, person, photograph

SIZE = 240


def _picture(alpha: np.ndarray, seed: int = 0) -> Picture:
    """Mottled colours under an alpha (h, w) 0..1; what alpha hides is black, as in most files."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(30, 220, (-(-alpha.shape[0] // 9), -(-alpha.shape[1] // 9), 3))
    colours = np.kron(blocks, np.ones((9, 9, 1)))[: alpha.shape[0], : alpha.shape[1]]
    return Picture(np.dstack([colours * (alpha > 0)[..., None], 255 * alpha]).astype(np.uint8), "test.png")


def _grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    return x - 0.5, y


def _portrait(width: float = 0.17, shoulders: float = 0.5, top: float = 0.3) -> np.ndarray:
    """A head with neck and shoulders down to the picture's lower edge."""
    x, y = _grid()
    head = (x / width) ** 2 + ((y - top) / (1.35 * width)) ** 2 < 1
    neck = (abs(x) < 0.55 * width) & (y > top)
    breast = (y > 0.72) & (abs(x) < shoulders * np.sqrt(((y - 0.72) / 0.28).clip(0, 1)) + 0.02)
    return head | neck | breast


def _doll() -> np.ndarray:
    return person(SIZE, SIZE)[..., 3] > 128


def _trimmed(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


FIGURES = {
    "portrait down to the edge": (_portrait(shoulders=0.4), ("bottom",)),
    "shoulders at both sides": (_portrait(0.2, 0.7), ("left", "right", "bottom")),
    "close portrait": (_portrait(0.27, 0.9, 0.4)[:, 20:-20], ("left", "right", "bottom")),
    "hair at the top too": (_portrait(0.25, 0.6)[24:], ("left", "right", "bottom", "top")),
    "cut at the knees": (_doll()[:180], ("bottom",)),
    "cut at the hips, to the left": (_doll()[:130, 100:], ("left", "bottom")),
    "whole": (_doll(), ()),
    "trimmed": (_trimmed(_doll()), ()),
    "trimmed at the thighs": (_trimmed(_doll()[:140, 60:180]), ("bottom",)),
    "small": (np.pad(_trimmed(_doll()), ((800, 100), (900, 300))), ()),
}


@pytest.mark.parametrize("kind", FIGURES)
def test_figures_cut_out_anyhow_are_found(kind: str) -> None:
    figure, cut_off = FIGURES[kind]
    picture = _picture(figure.astype(float))
    found = find_figure(picture)
    assert isinstance(found, Found)
    assert found.source == "alpha"
    mask = resample_mask(found, (0, 0, picture.width, picture.height), figure.shape) > 0.5
    assert (mask & figure).sum() > 0.93 * (mask | figure).sum()
    cut = cut_figure(picture, 64)
    assert set(cut.cut_off) == set(cut_off)
    assert any("cut off" in note for note in cut.notes) == bool(cut_off)


def _rounded(radius: float, margin: float) -> np.ndarray:
    """(SIZE, SIZE) distance in shares of the side to a rounded rectangle, negative inside."""
    x, y = _grid()
    dx, dy = abs(x) - (0.5 - margin - radius), abs(y - 0.5) - (0.5 - margin - radius)
    return np.hypot(dx.clip(0, None), dy.clip(0, None)) + np.minimum(np.maximum(dx, dy), 0) - radius


def _window() -> np.ndarray:
    """Opaque with round corners, and a soft shadow around that is darker below."""
    distance = _rounded(0.03, 0.12)
    _, y = _grid()
    shadow = 0.75 * np.exp(-(((distance - 0.03 * y) / 0.05).clip(0, None) ** 2))
    return np.where(distance < 0, 1, shadow)


def _rims() -> dict[str, np.ndarray]:
    x, y = _grid()
    y = y - 0.5
    radius = np.hypot(x, y)
    star = radius < 0.45 - 0.03 * np.cos(12 * np.arctan2(y, x))
    return {
        "rounded corners": _rounded(0.05, 0) < 0,
        "very round corners": _rounded(0.25, 0.02) < 0,
        "window with a soft shadow": _window(),
        "disc": radius < 0.4,
        "disc that reaches outside": radius < 0.56,
        "oval": (x / 0.3) ** 2 + (y / 0.45) ** 2 < 1,
        "badge": star,
        "vignette": (1.3 - 2 * radius).clip(0, 1),
        "turned": (abs(x + y) < 0.4) & (abs(x - y) < 0.5),
        "frame": _rounded(0.02, 0.2) > 0,
        "ring": (radius < 0.45) & (radius > 0.3),
        "mark in the middle": (abs(x) > 0.2) | (abs(y) > 0.05),
        "mark at a corner": (x < 0.25) | (y < 0.4),
        "strip above": y > -0.3,
        "bars": abs(y) > 0.3,
        "collage": (abs(abs(x) - 0.25) < 0.2) & (abs(y) < 0.4),
        "noise": np.random.default_rng(0).random((SIZE, SIZE)) < 0.6,
        "a pixel": (abs(x) < 0.003) & (abs(y) < 0.003),
        "a line": abs(x - y) < 0.005,
    }


@pytest.mark.parametrize("kind", _rims())
def test_rims_of_pictures_are_no_figures(kind: str) -> None:
    assert find_figure(_picture(_rims()[kind].astype(float))) is None


@pytest.mark.parametrize("kind", ["window with a soft shadow", "rounded corners", "disc", "vignette"])
def test_a_figure_is_looked_for_inside_the_rim(kind: str) -> None:
    figure = person(SIZE, SIZE, 1, tall=0.84 if kind == "rounded corners" else 0.5)
    alpha = _rims()[kind].astype(float)
    pixels = photograph(figure, backdrop("linear", SIZE, SIZE), 1)
    if kind != "vignette":
        pixels[alpha < 0.98, :3] = 0
    pixels[..., 3] = 255 * alpha
    found = find_figure(Picture(pixels, "test.png"))
    assert isinstance(found, Found)
    assert found.source == "background"
    mask = resample_mask(found, (0, 0, SIZE, SIZE), (SIZE, SIZE)) > 0.5
    truth = figure[..., 3] > 128
    assert (mask & truth).sum() > 0.93 * (mask | truth).sum()
    assert cut_figure(Picture(pixels, "test.png"), 64).cut_off == ()


def test_a_figure_that_leaves_its_window_is_cut_off() -> None:
    figure = np.roll(person(SIZE, SIZE, 1, tall=0.5), 60, 0)
    pixels = photograph(figure, backdrop("even", SIZE, SIZE), 1)
    pixels[..., 3] = 255 * _window()
    assert cut_figure(Picture(pixels, "test.png"), 64).cut_off == ("bottom",)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("shown", ["alpha", "background"])
def test_several_figures_are_told_from_one(shown: str, count: int) -> None:
    one = person(120, SIZE, 3, tall=0.7)
    rows, columns = _trimmed(one[..., 3] > 128).shape
    pixels = np.concatenate([one] * count, 1)
    if shown == "background":
        pixels = photograph(pixels, backdrop("linear", 120 * count, SIZE), 1)
    picture = Picture(pixels, "test.png")
    several = find_figure(picture)
    assert isinstance(several, Several)
    assert several.source == shown
    assert len(several.boxes) == count
    for i, (left, top, right, bottom) in enumerate(sorted(several.boxes)):
        assert 120 * i < left < right < 120 * (i + 1)
        assert (right - left, bottom - top) == pytest.approx((columns, rows), abs=8)
    cut = cut_figure(picture, 64)
    assert cut.source == "whole"
    assert f"{count} figures of like size" in cut.notes[0]
    inside = cut_figure(picture, 64, (0, 0, 120, SIZE))
    assert inside.source == several.source


def test_a_figure_in_pieces_or_with_a_small_one_beside_it_is_one_by_alpha() -> None:
    doll = files.figure(SIZE, SIZE)
    doll[110:114] = 0
    assert isinstance(find_figure(Picture(doll, "test.png")), Found)
    small = np.pad(files.figure(60, 60), ((SIZE - 60, 0), (0, 0), (0, 0)))
    assert isinstance(find_figure(Picture(np.concatenate([files.figure(SIZE, SIZE), small], 1), "test.png")), Found)


def test_a_crop_box_that_cuts_the_figure_says_so() -> None:
    picture = Picture(files.figure(300, 400), "test.png")
    cut = cut_figure(picture, 64, (0, 0, 300, 300))
    assert cut.cut_off == ()
    assert any("crop box's edge at the bottom" in note for note in cut.notes)


def test_alpha_of_hostile_pictures_is_harmless() -> None:
    for shape in ((8, 8), (1, 5000), (5000, 1), (8, 5000), (1, 1), (13, 9)):
        for seed in range(3):
            noise = np.random.default_rng(seed).integers(0, 256, (*shape, 4), dtype=np.uint8)
            assert not isinstance(find_figure(Picture(noise, "test.png")), Several)
            noise[..., 3] = 255 * (noise[..., 3] > 250)
            find_figure(Picture(noise, "test.png"))
            find_figure(Picture(noise * np.uint8(0), "test.png"))
