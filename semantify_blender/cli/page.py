"""`semantify page`: the sliders of mappers in one HTML file; needs NumPy alone."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core.page.exactness import Error
    from ..core.page.page import Page


def add_page(verbs: argparse._SubParsersAction, plain: argparse.ArgumentParser) -> None:
    """The verb's parser."""
    text = "write one HTML file in which anybody moves the sliders, without Blender, server or network"
    parser = verbs.add_parser("page", parents=[plain], help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    parser.add_argument(
        "--mapper", required=True, nargs="+", metavar="MAPPER", help="names or paths of mappers, a tab each"
    )
    parser.add_argument("--model", help="name or path of one mapper's model (default: the one the mapper names)")
    parser.add_argument("--out", required=True, type=Path, help="HTML file")
    parser.add_argument("--title", default="", help="default: the mappers' names")
    parser.add_argument(
        "--with-geometry",
        action="store_true",
        help="also of models whose licence does not let one pass their geometry on: only if you may",
    )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Write the page and say how large it is and how exact."""
    # here, since every verb's parser is made at each start
    from ..core.page.page import page

    made = page(
        options.mapper,
        options.out,
        title=options.title,
        with_geometry=options.with_geometry,
        model=options.model,
    )
    if not options.json:
        print("\n".join(_lines(made)))
    return {
        "page": str(made.path),
        "bytes": made.size,
        "models": [
            {"name": tab.name, "missing": tab.missing, "error_mm": None if tab.error is None else vars(tab.error)}
            for tab in made.tabs
        ],
    }


def _lines(made: Page) -> list[str]:
    width = max(len(tab.name) for tab in made.tabs)
    rows = [f"{tab.name:{width}}  {tab.missing if tab.error is None else _told(tab.error)}" for tab in made.tabs]
    return [f"{made.path}: {made.size / 1e6:.2f} MB", *rows]


def _told(error: Error) -> str:
    cloth = f", garments {error.garments:.2f} mm" if error.garments else ""
    return f"vertices within {error.largest:.2f} mm of Python's (mean {error.mean:.2f} mm){cloth}"
