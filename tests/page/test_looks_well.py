"""On a phone and on a desk, in light and dark: screenshots to be looked at (out/page), and axe finds nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from .browser import DESK, PHONE, opened
from .conftest import OUT
from .tier import CHROMIUM

assert CHROMIUM
SETTLED = 600
"""Milliseconds after which a picture is as fine as it gets."""
SIZES: dict[str, dict[str, Any]] = {"360": PHONE, "1440": DESK}
SCENES = {
    "body": ("model=anny-body-neutral&tall=0.4&fat=-0.2", ""),
    "preset": ("model=anny-body-female", "document.querySelector('.chips .chip').click()"),
    "heat": ("model=anny-body-male", "document.querySelector('.row .small').click()"),
    "ends": ("model=anny-face-shape", "document.querySelector('.row .small + .small').click()"),
    "measured": ("model=quadruped&horse=0.6", "document.querySelectorAll('summary').forEach(s => s.click())"),
}


@contextmanager
def scene(browser: Browser, file: Path, name: str, size: str, scheme: str) -> Iterator[Page]:
    look, act = SCENES[name]
    with opened(browser, file, look, color_scheme=scheme, **SIZES[size]) as page:
        page.evaluate(act or "0")
        page.wait_for_timeout(SETTLED)
        yield page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_cut_off_and_a_figure_is_seen(browser: Browser, everything: Path, name: str, size: str):
    with scene(browser, everything, name, size, "dark" if name == "heat" else "light") as page:
        OUT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=OUT / f"{name}_{size}.png")
        wide = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        assert page.evaluate("document.querySelector('.panel').scrollWidth") <= wide
        box = page.get_by_role("application").bounding_box()
        page.screenshot(path=OUT / "view.png", clip=box)
        pixels = np.asarray(Image.open(OUT / "view.png").convert("RGB")).astype(int)
        rows, columns = np.array(pixels.shape[:2]) // 10
        corner = pixels[:rows, :columns].reshape(-1, 3).mean(0)
        # a figure is in the middle and, whole, not at the sides
        assert np.abs(pixels[3 * rows : 7 * rows, 4 * columns : 6 * columns] - corner).sum(-1).max() > 120
        (OUT / "view.png").unlink()


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [
        ("body", "1440", "light"),
        ("heat", "1440", "dark"),
        ("ends", "360", "light"),
        ("measured", "1440", "light"),
        ("measured", "360", "dark"),
    ],
)
def test_axe_finds_nothing(browser: Browser, everything: Path, workshop: Path, name: str, size: str, scheme: str):
    source = (workshop / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
    with scene(browser, everything, name, size, scheme) as page:
        # in a world of its own, where the page's policy does not hold
        tools = page.context.new_cdp_session(page)
        frame = tools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        world = tools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
        script = (
            source
            + ";axe.run().then(found => JSON.stringify(found.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"
        )
        options = {"expression": script, "contextId": world, "awaitPromise": True, "returnByValue": True}
        assert tools.send("Runtime.evaluate", options)["result"]["value"] == "[]"


def test_a_slider_changes_the_shape_within_4_ms(browser: Browser, everything: Path):
    with opened(browser, everything, "model=anny-body-neutral") as page:
        took = page.evaluate("""async () => {
            const { desk, display } = semantify.app.place, took = [];
            for (let i = 0; i < 240; i++) {
                desk.set(i % desk.words.length, Math.sin(i));
                took.push(display.took);
                if (i % 20 === 0) await new Promise(requestAnimationFrame);
            }
            return took.slice(40).sort((a, b) => a - b);
        }""")
        print(f"a slider's change: median {took[len(took) // 2]:.2f} ms, least {took[0]:.2f} ms")
        assert page.evaluate("semantify.app.place.display.geometry.count") > 13700
        assert took[0] <= 4
