"""page_picture.py OUT.webp: the page in motion, as README shows it: sliders, heat, both ends of a word, an animal.

Filmed in Chromium ($CHROMIUM, or the system's) from a page of a body and of the animals.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import semantify_blender as sb
from scripts.chromium import chromium, launched

MODELS = ("anny-body-neutral", "quadruped")
SIZE = (1080, 680)
SCALE = 0.8
"""Of the pictures that are kept."""
LARGEST = 1_500_000
QUALITIES = (84, 72, 60, 50, 40)
FRAME = 80
"""Milliseconds."""
STAY = 8
"""Frames that something is looked at."""
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
SET = "([word, value]) => { const { desk } = semantify.app.place; desk.set(desk.words.indexOf(word), value); }"
TURN = "angle => semantify.app.studio.camera.orbit(angle, 0, 1)"
SHARP = "() => semantify.app.studio.sharpen(1)"


def eased(start: float, end: float, frames: int) -> Iterator[float]:
    """From start to end, slow at both."""
    for step in range(1, frames + 1):
        yield start + (end - start) * (0.5 - 0.5 * math.cos(math.pi * step / frames))


class Film:
    """Pictures of a page, one after the other."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.frames: list[Image.Image] = []

    def take(self, times: int = 1) -> None:
        """A picture of what is there now, shown so many times as long."""
        self.page.evaluate(SHARP)
        self.page.evaluate(DRAWN)
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames += [picture.resize([round(SCALE * side) for side in SIZE], Image.Resampling.LANCZOS)] * times

    def slide(self, word: str, start: float, end: float, frames: int = 7) -> None:
        """A slider is dragged."""
        for value in eased(start, end, frames):
            self.page.evaluate(SET, [word, value])
            self.take()

    def press(self, name: str, times: int = STAY, nth: int = 0) -> None:
        """A button is pressed, and looked at what it does."""
        self.page.get_by_role("button", name=name).nth(nth).click()
        self.page.wait_for_timeout(300)
        self.take(times)

    def turn(self, degrees: float, frames: int = 7) -> None:
        """The figure is turned."""
        before = 0.0
        for angle in eased(0.0, math.radians(degrees), frames):
            self.page.evaluate(TURN, angle - before)
            before = angle
            self.take()


def film(page: Any) -> list[Image.Image]:
    """What README shows."""
    shot = Film(page)
    shot.take(STAY)
    shot.slide("tall", 0, 0.9)
    shot.slide("fat", 0, 0.9)
    shot.slide("fat", 0.9, -0.4)
    shot.slide("muscular", 0, 1)
    shot.turn(-70)
    shot.press("Where “muscular” acts", 2 * STAY)
    shot.press("Close", 1)
    shot.turn(70)
    shot.press("Grandma", 2 * STAY)
    shot.press("“fat” low, at rest and high", 2 * STAY)
    shot.press("Close", 1)
    page.get_by_role("navigation", name="Models").get_by_role("button").nth(1).click()
    page.wait_for_timeout(1500)
    shot.take(STAY)
    shot.slide("horse", 0, 1)
    shot.slide("horse", 1, 0, 5)
    shot.slide("lion", 0, 1)
    shot.take(2 * STAY)
    return shot.frames


def save(frames: list[Image.Image], out: Path) -> None:
    """Write an animated WebP that is as good as fits into `LARGEST` bytes."""
    pictures, durations = [frames[0]], [FRAME]
    for frame in frames[1:]:
        if frame is pictures[-1]:
            durations[-1] += FRAME
        else:
            pictures.append(frame)
            durations.append(FRAME)
    for quality in QUALITIES:
        pictures[0].save(
            out, save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=quality, method=4
        )
        if out.stat().st_size <= LARGEST:
            break
    print(f"{out}: {len(pictures)} pictures, {sum(durations) / 1000:.0f} s, {out.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Make the page, film it, write the picture that the only argument names."""
    if not chromium():
        sys.exit("no Chromium to film with: install it, or set CHROMIUM")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "page.html"
        sb.page(MODELS, path, title="Shape with words")
        browser = launched(playwright)
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light")
        page.goto(path.as_uri())
        page.evaluate("semantify.ready")
        save(film(page), Path(sys.argv[1]))
        browser.close()


if __name__ == "__main__":
    main()
