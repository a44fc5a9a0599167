"""Words that would be markup, and two hundred of them."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from .browser import PHONE, opened, sliders, until
from .tier import CHROMIUM

assert CHROMIUM


def test_words_are_words_whatever_they_hold(browser: Browser, hostile_page: Path):
    with opened(browser, hostile_page) as page:
        assert page.evaluate("window.broken") is None
        assert page.locator("#app script, #app b, #app img").count() == 0
        words = page.evaluate("semantify.app.place.desk.words")
        assert len(words) == 200
        assert page.get_by_role("slider").count() == 200
        assert page.locator(".row .word").all_text_contents() == words
        expect(page.get_by_role("heading", level=1)).to_have_text("<script>alert(1)</script>")
        page.get_by_role("slider", name="<img src=x").fill("0.5")
        page.get_by_role("button", name="Where “<img src=x onerror").click()
        expect(page.locator(".caption")).to_contain_text("<img src=x onerror=window.broken=1>")
        assert page.evaluate("window.broken") is None


def test_their_look_goes_through_the_address(browser: Browser, hostile_page: Path):
    with opened(browser, hostile_page) as page:
        page.evaluate("semantify.app.place.desk.setAll(Array.from({length: 200}, (_, i) => (i % 17) / 20 - 0.4))")
        before = sliders(page)
        until(page, "location.hash.length > 1000")
        page.reload()
        page.evaluate("semantify.ready")
        assert sliders(page) == [round(value, 2) for value in before]


def test_one_of_many_words_is_found(browser: Browser, hostile_page: Path):
    with opened(browser, hostile_page, **PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("searchbox", name="Find a word").fill("word 17")
        assert page.locator(".row:visible").count() == 11
        page.get_by_role("searchbox", name="Find a word").fill("COLOUR.skin")
        assert page.locator(".row:visible").count() == 1


def test_a_sliders_change_is_quick_with_many_words(browser: Browser, hostile_page: Path):
    with opened(browser, hostile_page) as page:
        took = page.evaluate("""() => Array.from({length: 60}, (_, i) => {
            semantify.app.place.desk.set(i, 0.5);
            return semantify.app.place.display.took;
        }).sort((a, b) => a - b)""")
        assert took[0] <= 4
