"""A page opens from disk, alone, and as its address says; how quickly, benchmarks/page.py measures."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from scripts.chromium import launched

from .browser import DESK, WITHOUT_WEBGL, opened, sliders, until
from .conftest import EMBEDDED
from .tier import CHROMIUM

assert CHROMIUM


def test_a_file_opens_twice_from_a_folder_with_a_space(browser: Browser, everything: Path):
    assert " " in str(everything)
    with opened(browser, everything, "model=quadruped&horse=0.5") as first, opened(browser, everything) as second:
        assert first.evaluate("semantify.app.place.desk.header.name") == "quadruped"
        assert second.evaluate("semantify.app.place.desk.header.name") == EMBEDDED[0]
        first.get_by_role("slider", name="lion").fill("0.3")
        assert sum(map(abs, sliders(second))) == 0


def test_the_address_has_the_look_and_gives_it_back(browser: Browser, everything: Path):
    look = "model=anny-body-female&tall=0.4&fat=-0.2&outfit=dress&colour.skin=825c43"
    with opened(browser, everything, look) as page:
        assert sliders(page)[:2] == [0.4, -0.2]
        assert page.evaluate("semantify.app.place.desk.outfit") == "dress"
        assert page.evaluate("semantify.app.place.desk.colours.get('skin')") == "#825c43"
        assert page.evaluate("semantify.app.place.desk.colours.get('lips')") != "#b26661"
        page.get_by_role("slider", name="tall").fill("0.75")
        until(page, "location.hash.includes('tall=0.75')")
        assert page.evaluate("location.hash.slice(1)") == look.replace("tall=0.4", "tall=0.75")
        page.evaluate("location.hash = '#model=quadruped&cow=1'")
        until(page, "semantify.app.place.desk.header.name === 'quadruped'")
        until(page, "[...semantify.app.place.desk.sliders].includes(1)")


@pytest.mark.parametrize(
    "look",
    [
        "%E0%A4%A=1&tall",
        "tall=nan&fat=1e999",
        "model=nobody",
        "outfit=%3Cb%3E&colour.skin=zz",
        "colour.constructor=aabbcc&__proto__=1",
    ],
)
def test_an_address_that_cannot_be_read_is_the_usual_look(browser: Browser, synthetic_page: Path, look: str):
    with opened(browser, synthetic_page, look) as page:
        assert all(abs(value) <= 1 for value in sliders(page))
        expect(page.get_by_role("slider", name="tall")).to_be_visible()


def test_every_model_opens_in_its_tab(browser: Browser, everything: Path):
    with opened(browser, everything) as page:
        tabs = page.get_by_role("navigation", name="Models").get_by_role("button")
        assert tabs.count() == len(EMBEDDED)
        for i, name in enumerate(EMBEDDED):
            tabs.nth(i).click()
            until(page, f"semantify.app.place.desk.header.name === '{name}'")
            expect(tabs.nth(i)).to_have_attribute("aria-current", "page")
        assert page.evaluate("Math.max(...semantify.vertices())") < 3


def test_without_webgl_there_is_the_sheet_and_a_sentence(playwright: Playwright, synthetic_page: Path):
    started = launched(playwright, WITHOUT_WEBGL)
    try:
        page = started.new_context(**DESK).new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(synthetic_page.as_uri())
        page.evaluate("semantify.ready")
        assert page.evaluate("document.createElement('canvas').getContext('webgl2')") is None
        expect(page.get_by_text("This browser cannot draw in 3D")).to_be_visible()
        picture = page.locator(".sheet img")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") > 20
        assert picture.get_attribute("alt")
        assert not wrong
    finally:
        started.close()


def test_a_page_that_is_cut_off_says_so(browser: Browser, synthetic_page: Path, tmp_path: Path):
    text = synthetic_page.read_text(encoding="utf-8")
    start = text.index("<", text.index('id="data-0"')) - 400
    path = tmp_path / "damaged.html"
    path.write_text(text[:start] + text[start + 200 :], encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(path.as_uri())
        expect(page.get_by_role("alert")).to_contain_text("could not be read")
