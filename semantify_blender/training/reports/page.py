"""HTML and SVG of the reports: templates that escape whatever is put into them, one file, readable without network."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...core.library import DATA

STYLE = DATA / "report.css"
TEMPLATES = DATA / "templates"


@cache
def _environment() -> Environment:
    # every value is escaped that is not markup which this program made itself
    found = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    found.filters["number"] = _number
    found.filters["points"] = _points
    return found


def rendered(template: str, **values: Any) -> Markup:
    """A template of data/templates with values, escaped. Only `Markup` goes in as it is."""
    return Markup(_environment().get_template(template).render(values))


def html_page(title: str, body: Markup) -> str:
    """A whole HTML document. title: plain text."""
    if not isinstance(body, Markup):
        raise TypeError("the body of a page is markup that was made by a template")
    return rendered("page.html", title=title, style=Markup(STYLE.read_text(encoding="utf-8")), body=body)


def _number(value: float, form: str) -> str:
    return format(value, form)


def _points(pixels: Iterable[tuple[float, float]]) -> str:
    """As SVG's polylines take them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pixels)
