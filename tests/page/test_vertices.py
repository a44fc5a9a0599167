"""What the page computes is what Python computes, within the error that it states."""

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

import semantify_blender as sb
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.page.exactness import SETTINGS, error_settings
from semantify_blender.core.page.small_shape import coarseness

from .browser import opened
from .conftest import EMBEDDED
from .tier import CHROMIUM

assert CHROMIUM
ROUNDING = 0.01
"""Millimetres that single precision may add."""
ALL = """settings => settings.map(values => {
    semantify.app.place.desk.setAll(values);
    const bytes = new Uint8Array(semantify.vertices().buffer);
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
})"""
STEP = 10
"""Settings that are asked for at once: 26,000 vertices of each."""


def expected(model: MorphableModel, coefficients: np.ndarray) -> np.ndarray:
    """(N, 3) metres: the body, then all parts."""
    parts = [part.template + np.einsum("k,kvc->vc", coefficients, part.basis) for part in model.parts.values()]
    return np.concatenate([model.vertices(coefficients), *parts])


@pytest.mark.parametrize("name", EMBEDDED)
def test_vertices_of_the_page_are_pythons(browser: Browser, everything: Path, name: str):
    mapper, model = sb.load_mapper(name), sb.load_model(name)
    settings = error_settings(mapper)
    assert len(settings) == SETTINGS == 50
    cloth = np.repeat(
        [False, *(step > 1 for step in coarseness(model))],
        [model.vertex_count, *(part.vertex_count for part in model.parts.values())],
    )
    with opened(browser, everything, f"model={name}") as page:
        stated = page.evaluate("semantify.app.place.desk.header.shape.error")
        assert page.evaluate("semantify.app.place.desk.header.name") == name
        worst = worst_cloth = 0.0
        for start in range(0, SETTINGS, STEP):
            given = page.evaluate(ALL, settings[start : start + STEP].tolist())
            for text, values in zip(given, settings[start : start + STEP], strict=True):
                found = np.frombuffer(base64.b64decode(text), np.float32).reshape(-1, 3)
                wanted = expected(model, mapper.coefficients(mapper.scores_from_sliders(values)))
                off = 1000 * np.linalg.norm(found - wanted, axis=1)
                worst = max(worst, off[~cloth].max())
                worst_cloth = max(worst_cloth, off[cloth].max(initial=0))
    print(f"{name}: {worst:.3f} mm, garments {worst_cloth:.3f} mm")
    assert worst <= stated["largest"] + ROUNDING
    assert worst_cloth <= stated["garments"] + ROUNDING
    assert stated["largest"] < 1


def test_the_page_is_as_small_as_promised(everything: Path):
    assert everything.stat().st_size <= 8_000_000
