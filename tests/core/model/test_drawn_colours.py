"""Painted lines as one picture for other programs."""

import numpy as np

from semantify_blender.core.model.drawn_colours import FLUSH, drawn_colours


def test_lines_lie_over_each_other_and_rows_begin_at_the_top() -> None:
    low = np.zeros((8, 8), np.uint8)
    low[:2] = 255
    corner = np.zeros((8, 8), np.uint8)
    corner[:2, :2] = 255
    picture = drawn_colours({"hair": low, "lips": corner}, {"": (0, 0, 0), "hair": (1, 0, 0), "lips": (0, 1, 0)})
    assert picture[7, 0].tolist() == [0, 255, 0], "v = 0 is the lowest row"
    assert picture[7, 7].tolist() == [255, 0, 0]
    assert picture[0].tolist() == [[0, 0, 0]] * 8


def test_the_flush_is_laid_on_softly_and_what_is_not_named_not_at_all() -> None:
    flush = np.full((4, 4), 255, np.uint8)
    paint = {"flush": flush, "iris": flush}
    picture = drawn_colours(paint, {"": (0, 0, 0), "flush": (1, 0, 0), "iris": (0, 0, 1)}, ("hair", "lips"))
    np.testing.assert_allclose(picture, np.broadcast_to([255 * FLUSH, 0, 0], picture.shape), atol=1)
