"""Chromium without a window, driven by Playwright, drawing in software: for what is made of a page and tests it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

SOFTWARE = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
"""Switches: the same pictures on every machine, with or without a graphics card."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Path of the program, $CHROMIUM or one that the system has; empty where there is none."""
    return next(filter(None, (os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES))), "")


def launched(playwright: Playwright, switches: tuple[str, ...] = SOFTWARE) -> Browser:
    """Start it. Root has to run it without its sandbox."""
    return playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *switches])
