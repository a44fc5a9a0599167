"""The frame of an HTML report: one file, its style inside, readable without network."""

from html import escape

from ..core.library import DATA

STYLE = DATA / "report.css"


def html_page(title: str, body: str) -> str:
    """A whole HTML document. title: plain text; body: markup."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE.read_text(encoding="utf-8")}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )
