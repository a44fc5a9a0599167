"""The HTML of a page: everything inline, a policy that forbids every request, and no word that can leave its place."""

import base64
import hashlib
import html
import json
from typing import Any

from ..errors import SemantifyError
from ..files.writing import read_bytes
from ..library import DATA

VIEWER = DATA / "page"
"""What `page/` in the repository builds: viewer.js, viewer.css and the licences of what is in them."""
_UNSAFE = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029\x7f"}
_WITHOUT_SCRIPT = "This page needs JavaScript, which is switched off here: it moves the sliders, and asks no server."


def script_safe(value: Any) -> str:
    """JSON that may stand in a script element: nothing in it ends the element, or begins a comment or another one."""
    # in JSON all of these can only be in texts, where the escapes mean the same
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_UNSAFE)


def viewer_parts() -> tuple[str, str, str]:
    """The viewer's script, its style and the licences of what is in it.

    Raises SemantifyError when the installation lacks them.
    """
    try:
        script, style, notice = (
            read_bytes(VIEWER / name).decode("utf-8") for name in ("viewer.js", "viewer.css", "LICENSES.txt")
        )
    except SemantifyError as error:
        raise SemantifyError(f"the viewer of pages is missing ({error}): install semantify-blender again") from error
    for name, text in (("viewer.js", script), ("viewer.css", style)):
        if "</s" in text.lower().replace("</svg", ""):
            raise SemantifyError(f"{VIEWER / name}: has a tag that would end it in a page: build it again, see page/")
    return script, style, notice


def document(title: str, header: dict[str, Any], texts: list[str]) -> str:
    """A whole page. header: without the notice, which is added. texts: the blocks' texts, data-0 first."""
    script, style, notice = viewer_parts()
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy([script], [style])}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style></head>\n"
        f'<body class="page"><div id="app"></div>\n<noscript><p>{_WITHOUT_SCRIPT}</p></noscript>\n'
        f"{data_elements(header | {'notice': notice}, texts)}<script>{script}</script>\n</body></html>\n"
    )


def data_elements(header: dict[str, Any], texts: list[str]) -> str:
    """The elements that the viewer reads. texts: in an alphabet that is safe in HTML, see `packed_text`."""
    blocks = "".join(
        f'<script type="application/octet-stream" id="data-{number}">\n{text}\n</script>\n'
        for number, text in enumerate(texts)
    )
    return f'<script type="application/json" id="header">{script_safe(header)}</script>\n{blocks}'


def policy(scripts: list[str], styles: list[str], images: str = "data: blob:") -> str:
    """A content security policy under which nothing is loaded or sent, and only these texts are run."""
    return (
        f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src {images}; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
