"""Pages as tests open them: ready, and telling of all that goes wrong in them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

WITHOUT_WEBGL = ("--disable-gpu", "--disable-software-rasterizer", "--disable-3d-apis")
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1440, "height": 900}}
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


@contextmanager
def opened(browser: Browser, file: Path, look: str = "", **context: Any) -> Iterator[Page]:
    """The file in a page of its own, ready; AssertionError afterwards for any error in it, or a request for more."""
    with browser.new_context(**{**DESK, **context}) as kept:
        page = kept.new_page()
        wrong: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri() + (f"#{look}" if look else ""))
        page.evaluate("semantify.ready")
        page.evaluate(DRAWN)
        yield page
        assert not wrong
        outside = [
            url for url in asked if not url.startswith(("data:", "blob:")) and url.split("#")[0] != file.as_uri()
        ]
        assert not outside


def until(page: Page, expression: str, patience: float = 10) -> None:
    """Wait until an expression is true; Playwright's own way of waiting would need the page to allow `eval`."""
    deadline = time.monotonic() + patience
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def sliders(page: Page) -> list[float]:
    """The values of all sliders of the model that is open."""
    return page.evaluate("[...semantify.app.place.desk.sliders]")


def middle(box: dict[str, float] | None) -> tuple[float, float]:
    """The middle of an element's box."""
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
