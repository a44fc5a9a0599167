"""Hands on the page: mouse, fingers and keys, in a real browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from .browser import DRAWN, PHONE, middle, opened, sliders, until
from .tier import CHROMIUM

assert CHROMIUM


def camera(page: Page) -> list[float]:
    return page.evaluate("semantify.app.studio.camera.position.toArray()")


def positions(page: Page) -> float:
    return page.evaluate("semantify.vertices().reduce((sum, value) => sum + value * value, 0)")


def test_a_mouse_drags_a_slider_and_the_shape_follows(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page) as page:
        before = positions(page)
        x, y = middle(page.get_by_role("slider", name="fat").bounding_box())
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(1, 11):
            page.mouse.move(x + 4 * step, y)
        page.mouse.up()
        tall, fat, muscular = sliders(page)
        assert (tall, muscular) == (0, 0)
        assert 0.2 < fat < 1.4
        assert positions(page) != pytest.approx(before, rel=1e-6)
        until(page, "location.hash.startsWith('#fat=0.')")
        page.keyboard.press("Control+z")
        assert sliders(page) == [0, 0, 0]
        assert positions(page) == pytest.approx(before, rel=1e-6)


def test_a_finger_drags_a_slider_and_turns_the_figure(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page, **PHONE) as page:
        touch = page.context.new_cdp_session(page)

        def drag(x: float, y: float, right: float) -> None:
            touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            for step in range(1, 9):
                point = {"x": x + right * step / 8, "y": y}
                touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

        slider = page.get_by_role("slider", name="tall")
        slider.scroll_into_view_if_needed()
        x, y = middle(slider.bounding_box())
        drag(x, y, -80)
        assert sliders(page)[0] < -0.3
        before = camera(page)
        x, y = middle(page.get_by_role("application").bounding_box())
        drag(x, y, 90)
        page.evaluate(DRAWN)
        assert camera(page) != pytest.approx(before, rel=1e-3)


def test_two_fingers_bring_the_figure_nearer(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page, **PHONE) as page:
        touch = page.context.new_cdp_session(page)
        x, y = middle(page.get_by_role("application").bounding_box())
        distance = "semantify.app.studio.camera.position.distanceTo(semantify.app.studio.camera.controls.target)"
        before = page.evaluate(distance)
        for kind, apart in (("touchStart", 20), *(("touchMove", 20 + 8 * step) for step in range(1, 9))):
            points = [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.evaluate(DRAWN)
        assert page.evaluate(distance) < 0.9 * before


def test_a_mouse_turns_the_figure_and_keys_do(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page) as page:
        view = page.get_by_role("application")
        x, y = middle(view.bounding_box())
        start = camera(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 30, steps=6)
        page.mouse.up()
        page.evaluate(DRAWN)
        assert camera(page) != pytest.approx(start, rel=1e-2)
        view.focus()
        page.keyboard.press("Home")
        assert camera(page) == pytest.approx(start, rel=1e-6)
        for key in ("ArrowLeft", "ArrowUp", "+"):
            before = camera(page)
            page.keyboard.press(key)
            assert camera(page) != pytest.approx(before, rel=1e-3), key


def test_sliders_have_keys_and_numbers_are_typed(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page) as page:
        slider = page.get_by_role("slider", name="tall")
        slider.focus()
        for _ in range(5):
            page.keyboard.press("ArrowRight")
        assert sliders(page)[0] == pytest.approx(0.05)
        page.keyboard.press("Delete")
        assert sliders(page)[0] == 0
        number = page.get_by_role("textbox", name="fat, typed")
        for typed, becomes in (("0.62", 0.62), ("-7", -1.0), ("−0,25", -0.25), ("nonsense", -0.25)):
            number.fill(typed)
            number.press("Enter")
            assert sliders(page)[1] == pytest.approx(becomes)


def test_one_at_a_time_reset_random_and_undo(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page, "tall=0.4&fat=-0.2") as page:
        assert sliders(page) == [0.4, -0.2, 0]
        page.get_by_role("button", name="One at a time").click()
        assert sliders(page) == [0.4, 0, 0]
        page.get_by_role("slider", name="muscular").fill("0.5")
        assert sliders(page) == [0, 0, 0.5]
        page.get_by_role("button", name="All at once").click()
        page.get_by_role("slider", name="tall").fill("-0.3")
        assert sliders(page) == [-0.3, 0, 0.5]
        page.get_by_role("spinbutton", name="Seed").fill("7")
        page.get_by_role("button", name="Random").click()
        drawn = sliders(page)
        assert all(abs(value) <= 1 for value in drawn)
        page.get_by_role("button", name="Random").click()
        assert sliders(page) != drawn
        page.get_by_role("spinbutton", name="Seed").fill("7")
        page.get_by_role("button", name="Random").click()
        assert sliders(page) == drawn
        page.get_by_role("button", name="Reset").click()
        assert sliders(page) == [0, 0, 0]
        expect(page.get_by_role("button", name="Undo")).to_be_enabled()
        page.get_by_role("button", name="Undo").click()
        assert sliders(page) == drawn


def test_heat_and_both_ends_of_a_word_are_shown(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page) as page:
        heat = page.get_by_role("button", name="Where “fat” acts")
        heat.click()
        expect(heat).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_text("goes farthest")).to_be_visible()
        ends = page.get_by_role("button", name="“fat” low, at rest and high")
        ends.click()
        expect(heat).to_have_attribute("aria-pressed", "false")
        for name in ("low", "at rest", "high"):
            expect(page.get_by_text(name, exact=True)).to_be_visible()
        assert page.evaluate("semantify.app.studio.figures.length") == 3
        page.get_by_role("button", name="Close").click()
        assert page.evaluate("semantify.app.studio.figures.length") == 1


def test_clothes_change_what_is_drawn(browser: Browser, synthetic_page: Path):
    with opened(browser, synthetic_page) as page:
        drawn = "semantify.app.place.display.drawn.pieces.length"
        before = page.evaluate(drawn)
        page.get_by_role("button", name="bare").click()
        assert page.evaluate(drawn) != before
        until(page, "location.hash === '#outfit=bare'")
        page.reload()
        page.evaluate("semantify.ready")
        assert page.evaluate("semantify.app.place.desk.outfit") == "bare"
