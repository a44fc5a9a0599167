"""One browser for all tests of the page, and the pages that they open."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.chromium import launched
from scripts.repository import REPOSITORY
from semantify_blender.core.page.page import page, write_page
from semantify_blender.core.page.tab import Subject
from tests.synthetic import dressed_model, synthetic_mapper, synthetic_model

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

OUT = REPOSITORY / "out" / "page"
EMBEDDED = sorted(
    path.name.removesuffix(".mapper.npz")
    for path in (REPOSITORY / "semantify_blender/data/mappers").glob("*.mapper.npz")
)


@pytest.fixture(scope="session")
def playwright() -> Iterator["Playwright"]:
    """Playwright itself; its own browsers are not needed."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: "Playwright") -> Iterator["Browser"]:
    """Chromium, drawing in software."""
    started = launched(playwright)
    yield started
    started.close()


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of all embedded models, in a folder whose name has a space."""
    if not EMBEDDED:
        pytest.skip("no mapper is embedded")
    folder = tmp_path_factory.mktemp("page") / "a folder"
    folder.mkdir()
    page(EMBEDDED, folder / "every thing.html")
    return folder / "every thing.html"


@pytest.fixture(scope="session")
def synthetic_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small page: a dressed body with three words."""
    model = replace(dressed_model(), name="synthetic")
    path = tmp_path_factory.mktemp("page") / "synthetic.html"
    write_page([Subject("synthetic", synthetic_mapper(model), model)], path, presets=())
    return path


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 200 words, some of which would be markup."""
    nasty = (
        "</script><script>window.broken=1</script>", "<img src=x onerror=window.broken=1>", "<!--<script>", "a&b=c#d",
        "model", "outfit", "word.model", "colour.skin", "__proto__", "constructor", "\u2028line", "“quoted” 'words'",
        "w" * 60, "שלום", "😀 wide",
    )  # fmt: skip
    words = (*nasty, *(f"word {i}" for i in range(200 - len(nasty))))
    model = replace(synthetic_model(), name="<b>hostile</b>")
    path = tmp_path_factory.mktemp("page") / "hostile.html"
    subject = Subject("<b>hostile</b>", synthetic_mapper(model, words), model)
    write_page([subject], path, title="<script>alert(1)</script>", presets=())
    return path


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The viewer's sources with what they are built with, in a folder of their own."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm runs here: the Makefile says so at the end")
    folder = tmp_path_factory.mktemp("viewer") / "page"
    shutil.copytree(REPOSITORY / "page", folder, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder
