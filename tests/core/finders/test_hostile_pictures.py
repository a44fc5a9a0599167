"""Pictures that nobody takes: nothing is found in them, at little cost and without an exception or a warning."""

import time
import tracemalloc
import warnings

import numpy as np
import pytest

from semantify_blender.core.finders import boxes, face, person
from semantify_blender.core.finders.regions import Region
from semantify_blender.core.pictures.picture import Picture

SECONDS, MEGABYTES = 30.0, 160


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)


def filled(height: int, width: int, *colour: int) -> np.ndarray:
    return np.full((height, width, 4), colour, np.uint8)


HOSTILE = {
    "one pixel": filled(1, 1, 9, 9, 9, 255),
    "a row": noise(1, 5000),
    "a column": noise(5000, 1),
    "black": filled(300, 200, 0, 0, 0, 255),
    "white": filled(200, 300, 255, 255, 255, 255),
    "clear": filled(300, 200, 40, 200, 80, 0),
    "noise": noise(240, 320),
}


SEARCHED = ("one pixel", "a row", "noise", "25 megapixels")
"""Those in which all parts are looked at one by one, too."""


@pytest.mark.parametrize("name", [*HOSTILE, "25 megapixels"])
def test_nothing_is_found_where_nobody_is(name: str) -> None:
    pixels = HOSTILE[name] if name in HOSTILE else filled(5000, 5000, 120, 100, 90, 255)
    picture = Picture(pixels, name)
    (all_,) = boxes.whole(picture)
    odd = [all_, Region(all_.x, all_.y, all_.side, 2.0), Region(1e6, -1e6, 3.0, 1.0), Region(0, 0, 1e-3)]
    start = time.process_time()
    tracemalloc.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            if name in SEARCHED:
                assert person.find_people(picture) == []
            assert face.find_faces(picture) == []
            assert all(person.read_person(picture, region) is None for region in odd)
            assert all(face.read_face(picture, region) is None for region in odd)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES << 20
    assert time.process_time() - start < SECONDS
